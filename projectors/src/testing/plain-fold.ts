// Test support: what a view must hold, by the plainest means: every event in order, one document after the other, in memory.
import type { RecordedEvent } from '@comptoir/event-log';
import type { Projection } from '../projection.ts';

/** The documents of a projection after all events, by id, without bookkeeping. */
export function plainFold(projection: Projection, events: readonly RecordedEvent[]): Map<string, object> {
  const views = new Map<string, object>();
  for (const event of events) {
    for (const id of projection.documentIds(event)) {
      const view = projection.apply(views.get(id) ?? null, event, id);
      if (view !== null) views.set(id, view);
    }
  }
  return views;
}

/** Stored documents as `plainFold` gives them. */
export function withoutBookkeeping(
  documents: Iterable<{ readonly _id: string; readonly _pos: unknown; readonly _rev: unknown }>,
): Map<string, object> {
  const views = new Map<string, object>();
  for (const { _id, _pos, _rev, ...view } of documents) views.set(_id, view);
  return views;
}
