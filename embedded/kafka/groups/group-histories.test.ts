// Consumer groups under any history of joins, leaves, time-outs and failures: what holds after every event, and that in the end
// nobody is owed an answer.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import { Scenario } from './group-testing.ts';
import type { Ticket } from './group.ts';
import { nextDeadline } from './membership.ts';

const names = ['a', 'b', 'c', 'd'];
const name = fc.constantFrom(...names);
const instance = fc.option(fc.constantFrom('one', 'two'), { nil: undefined, freq: 3 });

type Event = (run: Run) => void;

const joins = fc
  .record({
    name,
    instance,
    requiresKnownMemberId: fc.boolean(),
    reads: fc.constantFrom('x', 'y'),
    protocols: fc.constantFrom(['range'], ['range', 'sticky'], ['sticky', 'range'], ['sticky']),
    sessionTimeoutMs: fc.constantFrom(6_000, 10_000),
    rebalanceTimeoutMs: fc.constantFrom(0, 5_000, 20_000),
    asNew: fc.boolean(),
  })
  .map(({ name: member, instance: groupInstanceId, asNew, ...settings }): [string, Event] => [
    `join ${member} ${groupInstanceId ?? ''} ${JSON.stringify(settings)} ${asNew ? 'as new' : ''}`,
    (run) => {
      const all = { ...settings, ...(groupInstanceId === undefined ? {} : { groupInstanceId }) };
      const fresh = `${member}${String(++run.fresh)}`;
      const id = run.ids.get(member) ?? '';
      if (asNew || id === '') {
        run.ids.set(member, fresh);
        run.asked(run.scenario.join('', { ...all, newMemberId: fresh }));
      } else run.asked(run.scenario.join(id, all));
    },
  ]);

const withMember = (verb: string, act: (run: Run, id: string) => void) =>
  name.map((member): [string, Event] => [
    `${verb} ${member}`,
    (run) => {
      act(run, run.ids.get(member) ?? member);
    },
  ]);

const events = fc.oneof(
  { weight: 5, arbitrary: joins },
  {
    weight: 4,
    arbitrary: withMember('sync', (run, id) => {
      const { group } = run.scenario;
      const own = [...group.members.keys()];
      run.asked(
        run.scenario.sync(id, group.leader === id ? Object.fromEntries(own.map((each) => [each, each])) : {}),
      );
    }),
  },
  {
    weight: 2,
    arbitrary: withMember('heartbeat', (run, id) => {
      run.scenario.heartbeat(id);
    }),
  },
  {
    weight: 1,
    arbitrary: withMember('leave', (run, id) => {
      run.scenario.leave({ memberId: id, groupInstanceId: null });
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat(8_000).map((ms): [string, Event] => [
      `${String(ms)} ms pass`,
      (run) => {
        run.scenario.advance(ms);
      },
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.nat().map((n): [string, Event] => [
      `connection ${String(n)} closes`,
      (run) => {
        const ticket = run.unanswered()[n % Math.max(1, run.unanswered().length)];
        if (ticket === undefined) return;
        run.open.delete(ticket);
        run.scenario.abandon(ticket);
      },
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.boolean().map((works): [string, Event] => [
      `store ${works ? 'done' : 'failed'}`,
      (run) => {
        if (run.scenario.stores === 0) return;
        run.scenario.storeDone(works ? errorCodes.NONE : errorCodes.COORDINATOR_NOT_AVAILABLE);
      },
    ]),
  },
);

class Run {
  readonly scenario = new Scenario(false);
  /** Ids that clients have, by name. */
  readonly ids = new Map<string, string>();
  readonly open = new Set<Ticket>();
  fresh = 0;

  asked(ticket: Ticket): void {
    this.open.add(ticket);
  }

  unanswered(): Ticket[] {
    return [...this.open].filter((ticket) => this.scenario.answer(ticket) === undefined);
  }

  check(before: number): void {
    const { group, answeredTwice, stores } = this.scenario;
    const members = [...group.members.values()];
    expect(answeredTwice).toEqual([]);
    expect(group.generation).toBeGreaterThanOrEqual(before);
    if (members.length > 0) expect(group.members.has(group.leader ?? '')).toBe(true);
    else expect(group.leader).toBeNull();
    expect(group.state === 'Empty').toBe(members.length === 0 && group.state !== 'PreparingRebalance');
    // Everybody who waits is somebody that the group knows, and will be answered: a deadline or a store is pending.
    const waiting = members
      .flatMap(({ joining, syncing }) => [joining, syncing])
      .filter((each) => each !== null);
    expect(this.unanswered().sort()).toEqual(waiting.sort());
    if (waiting.length > 0) expect(nextDeadline(group) < Infinity || stores > 0).toBe(true);
    // A group.instance.id is one member's.
    const instances = members.map(({ groupInstanceId }) => groupInstanceId).filter((each) => each !== null);
    expect(new Set(instances).size).toBe(instances.length);
    // Who has its generation either fetches its assignment or is removed.
    for (const memberId of group.unsynced) expect(group.members.has(memberId)).toBe(true);
    expect(group.syncDeadline !== null).toBe(group.unsynced.size > 0);
    if (group.state === 'PreparingRebalance') expect(group.joinDeadline).not.toBeNull();
    if (group.state === 'Stable' || group.state === 'CompletingRebalance') {
      for (const { protocols } of members)
        expect(protocols.map((each) => each.name)).toContain(group.protocol);
    }
  }
}

test('whatever happens, the group is in order after it, and in the end everybody is answered and gone', () => {
  fc.assert(
    fc.property(fc.array(events, { minLength: 1, maxLength: 60 }), (history) => {
      const run = new Run();
      for (const [, event] of history) {
        const before = run.scenario.generation;
        event(run);
        run.check(before);
      }
      // Nobody says anything any more; the disk works.
      for (let i = 0; i < 20; i++) {
        while (run.scenario.stores > 0) run.scenario.storeDone();
        run.scenario.advance(60_000);
      }
      expect(run.unanswered()).toEqual([]);
      expect(run.scenario.state).toBe('Empty');
      expect(nextDeadline(run.scenario.group)).toBe(Infinity);
    }),
    { numRuns: 1500 },
  );
});
