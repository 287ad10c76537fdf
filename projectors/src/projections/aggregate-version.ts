// The versions of an aggregate's events are 1, 2, 3, with no gap (ce_sequence). A view of one aggregate sees all of them, so a gap
// means that the log or its reading is broken: better to stop there than to show a wrong figure.
import type { RecordedEvent } from '@comptoir/event-log';

interface Versioned {
  readonly version: number;
}

/**
 * The document that an event continues.
 * @throws Error when there is none, or when an event between them is missing
 */
export function continued<View extends Versioned>(view: View | null, event: RecordedEvent): View {
  if (view === null) throw new Error(`${event.type} of ${event.key}, of which nothing was seen before`);
  if (event.version !== view.version + 1) {
    throw new Error(
      `${event.type} has version ${String(event.version)} of ${event.key}, but version ${String(view.version)} was the last seen`,
    );
  }
  return view;
}
