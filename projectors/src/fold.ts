// The pure half of the engine: which documents a batch touches, and what its events make of each.
// A document carries the last offset applied per partition; an event at or below it is skipped, so a batch that comes twice, or
// from a consumer that is no longer the owner, changes nothing.
import type { RecordedEvent } from '@comptoir/event-log';
import { formatPosition, partitionName } from '@comptoir/schemas';
import type { Tracked } from '@comptoir/views';
import type { Projection } from './projection.ts';

/** A view document, whatever the projection. */
export type StoredDocument = Tracked & Readonly<Record<string, unknown>>;

/** A document to write: in place of the revision that was read, 0 when there was none. */
export interface Change {
  readonly replaces: number;
  readonly document: StoredDocument;
}

/** An event that a projection cannot fold: the handler's own error is the cause. */
export class FoldError extends Error {
  override readonly name = 'FoldError';
  readonly event: RecordedEvent;

  constructor(projection: Projection, documentId: string, event: RecordedEvent, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `projection ${projection.name} cannot fold ${event.type} at ${formatPosition(event)} into ${documentId}: ${reason}`,
      { cause },
    );
    this.event = event;
  }
}

/** The events of a batch by document, in order. */
export function groupByDocument(
  projection: Projection,
  events: readonly RecordedEvent[],
): Map<string, RecordedEvent[]> {
  const groups = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    for (const id of new Set(projection.documentIds(event))) {
      const group = groups.get(id);
      if (group === undefined) groups.set(id, [event]);
      else group.push(event);
    }
  }
  return groups;
}

/** Documents are never taken away: readers and redelivered events would not tell it from one that was never there. */
function following(before: object | null, next: object | null): object | null {
  if (before !== null && next === null) {
    throw new Error('its handler gives no document in place of the one that is there');
  }
  return next;
}

/**
 * Folds events into a document.
 * @param stored - the document as it was read; undefined when there is none
 * @returns what to write; undefined when nothing is to be written
 * @throws FoldError at the first event that cannot be folded
 */
export function foldDocument(
  projection: Projection,
  id: string,
  stored: StoredDocument | undefined,
  events: readonly RecordedEvent[],
): Change | undefined {
  const { _id, _pos: seen = {}, _rev: replaces = 0, ...fields } = stored ?? {};
  const positions: Record<string, number> = { ...seen };
  let view: object | null = _id === undefined ? null : fields;
  let applied = 0;
  for (const event of events) {
    const partition = partitionName(event.topic, event.partition);
    if (event.offset <= (positions[partition] ?? -1)) continue;
    try {
      view = following(view, projection.apply(view, event, id));
    } catch (error) {
      throw new FoldError(projection, id, event, error);
    }
    positions[partition] = event.offset;
    applied += 1;
  }
  if (applied === 0 || view === null) return undefined;
  return { replaces, document: { ...view, _id: id, _pos: positions, _rev: replaces + 1 } };
}
