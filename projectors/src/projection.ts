// A projection is data and pure functions: which events, which document each belongs to, and what it makes of that document.
// The engine does the rest (runner.ts, rebuild.ts). A handler gets the document as the event before left it and returns the next;
// it never changes its argument, has no clock, and does no I/O: the same log always gives the same documents.
// A change of what the documents say needs a higher `version`: the engine then builds a new generation by itself.
import type { RecordedEvent, RecordedEventOf } from '@comptoir/event-log';
import { catalogueEntry, isEventType, type EventType, type Topic } from '@comptoir/schemas';
import type { ProjectionName, Views } from '@comptoir/views';
import type { IndexDescription } from 'mongodb';

/** What an event makes of a document. `null` stands for no document; one that is there cannot be taken away. */
type Handler<State, Event> = (state: State, event: Event, documentId: string) => State;

/** One handler per event type that the projection cares about; `event.data` is that type's. */
type Handlers<State> = {
  readonly [Type in EventType]?: Handler<State, RecordedEventOf<Type>>;
};

/** What a projection's file declares. `State` is its view, or its view and null where documents begin with an event. */
export interface Declaration<Name extends ProjectionName, State extends Views[Name] | null> {
  /** Names the collections `<name>.g<n>`, the checkpoint beside them and the consumer group. */
  readonly name: Name;
  /** From 1; raised whenever the documents change for the same log. */
  readonly version: number;
  readonly topics: readonly Topic[];
  /** Ids of the documents that an event belongs to; null for none. */
  readonly key: (event: RecordedEvent) => string | readonly string[] | null;
  /** The document before its first event. */
  readonly initial: (documentId: string) => State;
  readonly on: Handlers<State>;
  /** For every event type that `on` does not name. */
  readonly otherwise?: Handler<State, RecordedEvent>;
  /** What readers sort and filter by; sort keys end in `_id`, so that pages have a unique order. */
  readonly indexes: readonly IndexDescription[];
  /** Every document is made of one event: nothing is loaded, a repeated insert changes nothing. */
  readonly appendOnly?: boolean;
  /** How many partitions are handled at once: 1 where events of many partitions meet in one document. */
  readonly concurrency?: number;
}

/** A projection as the engine sees it: the type of its documents is the projection's own business. */
export interface Projection {
  readonly name: ProjectionName;
  readonly version: number;
  readonly topics: readonly Topic[];
  readonly indexes: readonly IndexDescription[];
  readonly appendOnly: boolean;
  readonly concurrency: number;
  /** Ids of the documents that an event belongs to; none for an event that the projection does not care about. */
  readonly documentIds: (event: RecordedEvent) => readonly string[];
  /**
   * What an event makes of a document.
   * @param view - as the projection itself made it; null when there is none yet
   * @throws whatever a handler throws at an event that it cannot fold
   */
  readonly apply: (view: object | null, event: RecordedEvent, documentId: string) => object | null;
}

/**
 * Declares a projection.
 * @throws Error when it handles an event that is on none of its topics: it would never see one
 */
export function projection<Name extends ProjectionName, State extends Views[Name] | null>(
  declaration: Declaration<Name, State>,
): Projection {
  const { name, version, topics, key, initial, on, otherwise, indexes } = declaration;
  for (const type of Object.keys(on).filter(isEventType)) {
    const { topic } = catalogueEntry(type);
    if (!topics.includes(topic)) {
      throw new Error(`projection ${name} handles ${type} but does not read its topic ${topic}`);
    }
  }
  const handle = <Type extends EventType>(
    type: Type,
    event: RecordedEventOf<Type>,
    state: State,
    id: string,
  ): State => {
    const handler = on[type];
    if (handler !== undefined) return handler(state, event, id);
    return otherwise === undefined ? state : otherwise(state, event, id);
  };

  return {
    name,
    version,
    topics,
    indexes,
    appendOnly: declaration.appendOnly ?? false,
    concurrency: declaration.concurrency ?? 4,
    documentIds: (event) => {
      if (on[event.type] === undefined && otherwise === undefined) return [];
      const ids = key(event);
      if (ids === null) return [];
      return typeof ids === 'string' ? [ids] : ids;
    },
    apply: (view, event, id) => {
      // A parsed boundary: what the view's collection holds was made by this projection's own handlers.
      const state = view === null ? initial(id) : (view as State);
      return handle(event.type, event, state, id);
    },
  };
}
