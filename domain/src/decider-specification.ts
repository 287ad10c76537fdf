// Tests of a decider that read as sentences: given what happened, when this is asked for, then that happens (or is refused).
// Every example also holds what is true of any decision: its events can be folded onto the state they were decided in, the
// state before stays as it was, and a refusal is a full sentence. Used by tests only.
import { expect } from 'vitest';
import type { Decider } from './decider.ts';
import { refusalCodes, type Refusal, type RefusalCode } from './refusal.ts';

/** What an example expects instead of events. */
interface ExpectedRefusal {
  readonly refused: RefusalCode;
  readonly detail?: Refusal['detail'];
}

/** The expectation that a command is refused, with these figures among its detail. */
export const refused = (code: RefusalCode, detail?: Refusal['detail']): ExpectedRefusal =>
  detail === undefined ? { refused: code } : { refused: code, detail };

/** The state after events, in their order. */
export const fold = <Event, State>(
  decider: Decider<unknown, never, Event, State>,
  events: readonly Event[],
  state: State = decider.initialState,
): State => events.reduce(decider.evolve, state);

interface Then<Event> {
  /** Checks the decision: exactly these events in this order, or a refusal. */
  readonly then: (expected: readonly Event[] | ExpectedRefusal) => void;
}
interface When<Command, Event> {
  readonly when: (command: Command) => Then<Event>;
}

function expectRefusal({ code, message, detail }: Refusal, expected: ExpectedRefusal): void {
  expect(code).toBe(expected.refused);
  expect(Object.keys(refusalCodes)).toContain(code);
  expect(message).toMatch(/^\S+ .+[^.]\.$/);
  if (expected.detail !== undefined) expect(detail).toMatchObject(expected.detail);
}

/** `given([...events]).when(command).then(events or refused(code))` for one decider. */
export const specificationOf =
  <Command, Event, State>(decider: Decider<unknown, Command, Event, State>) =>
  (history: readonly Event[]): When<Command, Event> => ({
    when: (command) => ({
      then: (expected) => {
        const state = fold(decider, history);
        const decision = decider.decide(command, state);
        expect(state, 'the state is not changed by a decision').toEqual(fold(decider, history));
        if ('refused' in expected) {
          if (decision.outcome === 'accepted') {
            expect.fail(`accepted with ${JSON.stringify(decision.events)} instead of ${expected.refused}`);
          }
          expectRefusal(decision.refusal, expected);
        } else {
          expect(decision).toEqual({ outcome: 'accepted', events: expected });
          fold(decider, expected, state);
        }
      },
    }),
  });
