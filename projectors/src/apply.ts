// Applies the events of one batch to the documents of one generation: group by document, load what is there, fold, write.
// Repeating it changes nothing, whoever else writes the same documents meanwhile: a write that finds another revision than it
// read is done again from what is there now, and events that a document has seen are skipped.
// After it returns, everything up to the batch's end is in the view, and the checkpoint may follow.
import type { RecordedEvent } from '@comptoir/event-log';
import { FoldError, foldDocument, groupByDocument, type Change, type StoredDocument } from './fold.ts';
import type { Projection } from './projection.ts';
import type { ViewStore } from './view-store.ts';

/** Documents that are read, folded and written at once: a bound on memory and on the size of a command (16 MB). */
const maxDocuments = 200;
/** A conflict means that another consumer wrote meanwhile; so many in a row mean that something else is wrong. */
const maxConflicts = 100;

/** Another consumer owns the partition now; what is not written yet is its business. */
export class StaleBatchError extends Error {
  override readonly name = 'StaleBatchError';
}

export interface ApplyOptions {
  readonly projection: Projection;
  readonly store: ViewStore;
  readonly events: readonly RecordedEvent[];
  /** Asked before every write. */
  readonly isStale: () => boolean;
  readonly onConflict?: () => void;
}

/**
 * Applies events, all of one partition, in order.
 * @returns how many documents were written
 * @throws FoldError when an event cannot be folded: the first such event; everything before it is applied then
 * @throws StaleBatchError when the batch went stale
 */
export async function applyEvents(options: ApplyOptions): Promise<number> {
  const { projection, events } = options;
  const groups = [...groupByDocument(projection, events)];
  let written = 0;
  try {
    for (let start = 0; start < groups.length; start += maxDocuments) {
      written += await applyGroups(options, groups.slice(start, start + maxDocuments));
    }
    return written;
  } catch (error) {
    if (!(error instanceof FoldError)) throw error;
    // What comes before must not wait for it. Its own prefix may hold an earlier one, which is then the one to report.
    const { offset } = error.event;
    await applyEvents({ ...options, events: events.filter((event) => event.offset < offset) });
    throw error;
  }
}

async function applyGroups(
  { projection, store, isStale, onConflict }: ApplyOptions,
  groups: readonly (readonly [string, readonly RecordedEvent[]])[],
): Promise<number> {
  const none: ReadonlyMap<string, StoredDocument> = new Map();
  const ids = groups.map(([id]) => id);
  for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
    const stored = projection.appendOnly ? none : await store.load(ids);
    const changes = groups
      .map(([id, events]) => foldDocument(projection, id, stored.get(id), events))
      .filter((change): change is Change => change !== undefined);
    if (isStale()) throw new StaleBatchError(`a batch of ${projection.name} was taken away`);
    if (changes.length === 0) return 0;
    const all = await store.write(changes);
    if (all || projection.appendOnly) return changes.length;
    onConflict?.();
  }
  throw new Error(`${projection.name}: documents changed under every one of ${String(maxConflicts)} writes`);
}
