// Test support: a view store in memory, with what a real one may do to its callers: waits before every step, and a bulk write
// that breaks off in the middle.
import type { Change, StoredDocument } from '../fold.ts';
import type { ViewStore } from '../view-store.ts';

export interface InMemoryViewStore extends ViewStore {
  readonly documents: ReadonlyMap<string, StoredDocument>;
  /** The next write stores so many documents and then fails. */
  breakAfter(documents: number): void;
}

/** An empty store. `step` is awaited before each command. */
export function createInMemoryViewStore(
  step: () => Promise<unknown> = () => Promise.resolve(),
): InMemoryViewStore {
  const documents = new Map<string, StoredDocument>();
  let allowed = Number.POSITIVE_INFINITY;

  function writeOne({ replaces, document }: Change): boolean {
    if (allowed === 0) {
      allowed = Number.POSITIVE_INFINITY;
      throw new Error('the connection broke in the middle of a write');
    }
    allowed -= 1;
    if ((documents.get(document._id)?._rev ?? 0) !== replaces) return false;
    documents.set(document._id, structuredClone(document));
    return true;
  }

  return {
    documents,
    breakAfter(count) {
      allowed = count;
    },
    async load(ids) {
      await step();
      return new Map(
        ids.flatMap((id) => {
          const document = documents.get(id);
          return document === undefined ? [] : [[id, structuredClone(document)] as const];
        }),
      );
    },
    async write(changes) {
      await step();
      return changes.map(writeOne).every(Boolean);
    },
  };
}
