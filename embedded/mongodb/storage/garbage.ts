// Data of dropped collections and indexes is deleted a piece at a time, so that no drop holds up the other writes. What is still to do
// is in the catalogue, and goes on after a restart.
import { prefixOf } from './keys.ts';
import type { Storage } from './documents.ts';
import type { Tree } from './store.ts';

/** Keys deleted in one transaction. */
const PIECE = 2000;

/** Deletes until nothing is left, or the server stops. */
export class GarbageCollector {
  private readonly storage: Storage;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** Begins, unless it is at work already. */
  start(): void {
    if (this.running !== undefined || this.stopped || this.storage.catalogue.garbage.size === 0) return;
    this.running = this.work()
      // The disk refused: the writes of clients say so too, and the next drop or start begins again.
      .catch(() => undefined)
      .finally(() => {
        this.running = undefined;
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async work(): Promise<void> {
    const { store, catalogue } = this.storage;
    for (;;) {
      const [id] = catalogue.garbage;
      if (id === undefined || this.stopped) return;
      await store.write(() => {
        if (remove(store.documents, id) + remove(store.indexes, id) === 0) catalogue.discarded(id);
      });
    }
  }
}

function remove(tree: Tree, id: number): number {
  const keys = [...tree.getKeys({ start: prefixOf(id), end: prefixOf(id + 1), limit: PIECE })];
  for (const key of keys) void tree.remove(key);
  return keys.length;
}
