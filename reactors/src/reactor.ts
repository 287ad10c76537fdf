// A reactor is data and pure functions: for each event it cares about, what to do about it.
// It keeps no state of its own (all state of a process is in the aggregates), has no clock and does no I/O: the runner reads the
// log and hands what the reactor returns to a delivery (commands to the command API, notifications to MongoDB).
// The reactions to one event may be carried out in any order. Where an order matters, it is that of two events.
import type { RecordedEvent, RecordedEventOf } from '@comptoir/event-log';
import { catalogueEntry, isEventType, type EventType, type Topic } from '@comptoir/schemas';

/** One function per event type that the reactor cares about; `event.data` is that type's. */
export type Reactions<Out> = {
  readonly [Type in EventType]?: (event: RecordedEventOf<Type>) => readonly Out[];
};

/** The declaration of a reactor. `Out` is what it asks for: a `Command`, a `Notification`. */
export interface Reactor<Out> {
  /** Names its consumer group `comptoir.reactor.<name>`, its checkpoint `reactor.<name>` and the actor `reactor:<name>`. */
  readonly name: string;
  readonly topics: readonly Topic[];
  readonly on: Reactions<Out>;
  /**
   * Events with the same ordering key are reacted to one after the other: the next only when the last reaction to the one before
   * is acknowledged. By default the event's own key. It can only order events of one partition.
   */
  readonly orderingKey?: (event: RecordedEvent) => string;
}

/**
 * Declares a reactor.
 * @throws Error when it reacts to an event that is on none of its topics: it would never see one
 */
export function declareReactor<Out>(reactor: Reactor<Out>): Reactor<Out> {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(reactor.name)) {
    throw new Error(
      `a reactor's name is lower case letters, digits and dashes, not ${JSON.stringify(reactor.name)}`,
    );
  }
  for (const type of Object.keys(reactor.on)) {
    if (!isEventType(type)) throw new Error(`reactor ${reactor.name} reacts to ${type}, which is no event`);
    const { topic } = catalogueEntry(type);
    if (!reactor.topics.includes(topic)) {
      throw new Error(`reactor ${reactor.name} reacts to ${type} but does not read its topic ${topic}`);
    }
  }
  return reactor;
}

/** What a reactor asks for because of one event: nothing when it does not care about the event. */
export function reactionsTo<Out>(reactor: Reactor<Out>, event: RecordedEvent): readonly Out[] {
  // Type and data of an event belong together, which the compiler cannot follow through an index: the parsed boundary is here.
  const react = reactor.on[event.type] as ((event: RecordedEvent) => readonly Out[]) | undefined;
  return react?.(event) ?? [];
}
