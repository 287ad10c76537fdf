// A decider: the rules of one kind of aggregate as three pure things (after Jérémie Chassaing's "Functional Event Sourcing
// Decider"). No I/O, no clock, no randomness: ids and the instant come in with the command, so the same command on the
// same state always gives the same answer.
import type { Refusal, RefusalCode } from './refusal.ts';

/** What comes of a command: the events to append (none when it changes nothing), or the reason why not. */
export type Decision<Event> =
  | { readonly outcome: 'accepted'; readonly events: readonly Event[] }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/** The rules of one kind of aggregate. */
export interface Decider<Topic, Command, Event, State> {
  /** The topic that holds the aggregate's events. */
  readonly topic: Topic;
  /** The state of an aggregate without any event. */
  readonly initialState: State;
  /** What a command does in a state. Never throws on a command of its type. */
  readonly decide: (command: Command, state: State) => Decision<Event>;
  /**
   * The state after an event.
   * @throws ImpossibleEventError when no decision could have appended the event in this state: the log is damaged.
   */
  readonly evolve: (state: State, event: Event) => State;
}

/** The decision that a command is carried out by these events, in this order. */
export const accept = <Event>(...events: readonly Event[]): Decision<Event> => ({
  outcome: 'accepted',
  events,
});

/** The decision that a command is not carried out. */
export const refuse = (
  code: RefusalCode,
  message: string,
  detail?: Refusal['detail'],
): { readonly outcome: 'refused'; readonly refusal: Refusal } => ({
  outcome: 'refused',
  refusal: detail === undefined ? { code, message } : { code, message, detail },
});

/** The end of a switch over all cases: does not compile while one is missing. */
export function exhausted(impossible: never): never {
  throw new TypeError(
    `no case for ${JSON.stringify(impossible)}: a command, event or state of an unknown kind`,
  );
}
