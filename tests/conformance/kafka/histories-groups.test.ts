// Histories of consumer groups: members that come, change, come again under a name, leave, speak with an id or generation that is
// no longer theirs, and commit offsets. After each step the group is brought to rest, so that brokers can be compared.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { newTopic } from './support/data.ts';
import {
  commit,
  committed,
  deleteGroup,
  describeGroup,
  heartbeat,
  heartbeatUntil,
  join,
  joinAsNew,
  leave,
  sync,
  untilCoordinated,
  type Joined,
} from './support/groups.ts';
import { compareHistories } from './support/histories.ts';
import { openWire, type Wire } from './support/wire.ts';

/** What may happen; `slot` is one of three members, `past` picks among all identities that there have been. */
type Step =
  | { readonly do: 'join'; readonly slot: number; readonly named: boolean }
  | { readonly do: 'change'; readonly slot: number }
  | { readonly do: 'again'; readonly slot: number }
  | { readonly do: 'restart'; readonly slot: number }
  | { readonly do: 'leave'; readonly slot: number }
  | {
      readonly do: 'stale';
      readonly past: number;
      readonly how: 'heartbeat' | 'sync' | 'commit' | 'leave' | 'join';
    }
  | { readonly do: 'commit'; readonly slot: number; readonly offset: number; readonly behind: boolean }
  | { readonly do: 'simple'; readonly offset: number }
  | { readonly do: 'committed' }
  | { readonly do: 'describe' }
  | { readonly do: 'delete' };

const slot = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('join' as const), slot, named: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), slot }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), slot }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('stale' as const),
      past: fc.nat(9),
      how: fc.constantFrom(
        'heartbeat' as const,
        'sync' as const,
        'commit' as const,
        'leave' as const,
        'join' as const,
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      slot,
      offset: fc.nat(50),
      behind: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('simple' as const), offset: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('committed' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('describe' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const) }) },
);

/** A member at rest. */
interface Member {
  readonly slot: number;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly metadata: string;
}

/** Takes the steps on a group of its own; each slot has a connection. */
async function take(wires: readonly Wire[], steps: readonly Step[]): Promise<readonly string[]> {
  const wireOf = (n: number): Wire => {
    const wire = wires[n];
    if (wire === undefined) throw new Error(`no connection for slot ${String(n)}`);
    return wire;
  };
  const own = wireOf(3);
  const topic = await newTopic(own, { what: 'history' });
  const groupId = `history-${randomUUID()}`;
  await untilCoordinated(own, groupId);
  const members = new Map<number, Member>();
  const past: { slot: number; memberId: string; instanceId: string | null; generation: number }[] = [];
  let generation = 0;
  let leader = '';
  /** Whether the leader is the one that joined first: who follows one that has left is the broker's choice. */
  const lead = { byFirst: true };
  let changes = 0;
  const trace: string[] = [];
  const say = (...words: readonly unknown[]): void => {
    trace.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '));
  };
  const slotOf = (memberId: string): string => {
    const known = past.findLast((each) => each.memberId === memberId);
    return known === undefined ? 'nobody' : `slot ${String(known.slot)}`;
  };
  const remember = (member: Member): void => {
    members.set(member.slot, member);
    past.push({ ...member, generation });
  };

  /** Lets everybody who is not joining already come to the rebalance, and brings the new generation to rest. */
  const settle = async (joining: ReadonlyMap<number, Promise<Joined>>): Promise<void> => {
    const joined = new Map<number, Joined>();
    await Promise.all([
      ...[...joining].map(async ([n, coming]) => {
        joined.set(n, await coming);
      }),
      ...[...members.values()]
        .filter((member) => !joining.has(member.slot))
        .map(async (member) => {
          await heartbeatUntil(
            wireOf(member.slot),
            { groupId, generation, ...member },
            'REBALANCE_IN_PROGRESS',
          );
          joined.set(member.slot, await join(wireOf(member.slot), { groupId, ...member }));
        }),
    ]);
    const hadLeader = [...members.values()].some(({ memberId }) => memberId === leader);
    const before = leader;
    for (const [n, answer] of [...joined].toSorted(([a], [b]) => a - b)) {
      say('joined', n, answer.error, answer.generation, answer.protocol ?? 'none');
      if (answer.error !== 'NONE') continue;
      generation = answer.generation;
      leader = answer.leader;
      const old = members.get(n);
      remember({
        slot: n,
        memberId: answer.memberId,
        instanceId: old?.instanceId ?? null,
        metadata: old?.metadata ?? '',
      });
    }
    // One that stays keeps leading.
    if (hadLeader) expect(leader).toBe(before);
    else if (joined.size > 1) lead.byFirst = false;
    const led = [...joined.values()].find(({ memberId }) => memberId === leader);
    const named = led?.members.map(
      (each) => `${slotOf(each.memberId)} ${String(each.instanceId)} ${each.metadata}`,
    );
    say('leader sees', named?.toSorted());
    const assignments = Object.fromEntries(
      [...members.values()].map((member) => [member.memberId, `part ${String(member.slot)}`]),
    );
    const synced = await Promise.all(
      [...members.values()].map(async (member) => {
        const request = { groupId, generation, ...member };
        const answer = await sync(
          wireOf(member.slot),
          member.memberId === leader ? { ...request, assignments } : request,
        );
        return [member.slot, answer.error, answer.assignment].join(' ');
      }),
    );
    say('synced', synced.toSorted());
  };

  for (const each of steps) {
    say(each);
    switch (each.do) {
      case 'join': {
        if (members.has(each.slot)) break;
        const instanceId = each.named ? `instance-${String(each.slot)}` : null;
        const metadata = `as ${String(each.slot)}`;
        const coming = joinAsNew(wireOf(each.slot), { groupId, instanceId, metadata });
        const placed = coming.then((answer) => {
          members.set(each.slot, { slot: each.slot, memberId: answer.memberId, instanceId, metadata });
          return answer;
        });
        await settle(new Map([[each.slot, placed]]));
        break;
      }
      case 'change': {
        const member = members.get(each.slot);
        if (member === undefined) break;
        const changed = { ...member, metadata: `changed ${String(changes++)}` };
        members.set(each.slot, changed);
        await settle(new Map([[each.slot, join(wireOf(each.slot), { groupId, ...changed })]]));
        break;
      }
      case 'again': {
        // A follower that joins again as it is has nothing to say: it gets the generation that there is.
        const member = members.get(each.slot);
        if (member === undefined || member.memberId === leader || !lead.byFirst) break;
        const answer = await join(wireOf(each.slot), { groupId, ...member });
        say(answer.error, answer.generation, answer.leader === leader, answer.members.length);
        break;
      }
      case 'restart': {
        // A static member comes again under its name, without its id.
        const member = members.get(each.slot);
        if (member === undefined || member.instanceId === null) break;
        const answer = await join(wireOf(each.slot), { groupId, ...member, memberId: '' });
        say(answer.error, answer.generation, answer.leader === leader, answer.members.length);
        if (member.memberId === leader) leader = answer.memberId;
        remember({ ...member, memberId: answer.memberId });
        const synced = await sync(wireOf(each.slot), {
          groupId,
          generation,
          ...member,
          memberId: answer.memberId,
        });
        say(synced);
        break;
      }
      case 'leave': {
        const member = members.get(each.slot);
        if (member === undefined) break;
        members.delete(each.slot);
        say(
          await leave(wireOf(each.slot), {
            groupId,
            memberId: member.memberId,
            instanceId: member.instanceId,
          }),
        );
        if (members.size > 0) await settle(new Map());
        else [leader, lead.byFirst] = ['', true];
        break;
      }
      case 'stale': {
        const identity = past[each.past % Math.max(past.length, 1)];
        const isCurrent = [...members.values()].some(({ memberId }) => memberId === identity?.memberId);
        if (identity === undefined) break;
        const speaker = { groupId, ...identity };
        if (each.how === 'heartbeat') say(await heartbeat(own, speaker));
        else if (each.how === 'sync') say(await sync(own, speaker));
        else if (each.how === 'commit') say(await commit(own, { ...speaker, topic, offset: 99 }));
        // These two would change the group where the identity is one of its members.
        else if (isCurrent) break;
        else if (each.how === 'leave') say(await leave(own, speaker));
        else say((await join(own, speaker)).error);
        break;
      }
      case 'commit': {
        const member = members.get(each.slot);
        if (member === undefined) break;
        const at = each.behind ? generation - 1 : generation;
        const request = {
          groupId,
          topic,
          offset: each.offset,
          ...member,
          generation: at,
          metadata: member.metadata,
        };
        say(await commit(wireOf(each.slot), request));
        break;
      }
      case 'simple':
        say(await commit(own, { groupId, topic, offset: each.offset }));
        break;
      case 'committed':
        say(await committed(own, { groupId, topic }));
        break;
      case 'describe': {
        const { error, state, protocol, members: described } = await describeGroup(own, groupId);
        const named = described.map(
          (one) => `${slotOf(one.memberId)} ${String(one.instanceId)} ${one.metadata} ${one.assignment}`,
        );
        say(error, state, protocol, named.toSorted());
        break;
      }
      case 'delete': {
        const error = await deleteGroup(own, groupId);
        say(error);
        if (error === 'NONE') generation = 0;
        break;
      }
    }
  }
  await Promise.all(
    [...members.values()].map(({ memberId, instanceId }) => leave(own, { groupId, memberId, instanceId })),
  );
  return trace;
}

describe('histories of groups', () => {
  it('have the same answers on every broker', async () => {
    const targets = await Promise.all(
      inject('kafka').map(async ({ name, address }) => ({
        name,
        wires: await Promise.all([0, 1, 2, 3].map(() => openWire(address))),
      })),
    );
    try {
      await compareHistories(
        'groups',
        step,
        targets.map(({ name, wires }) => ({ name, take: (steps) => take(wires, steps) })),
      );
    } finally {
      await Promise.all(targets.flatMap(({ wires }) => wires.map((wire) => wire.close())));
    }
  }, 300_000);
});
