// Consumer groups as the protocol has them: who joins, who leads, who is asked to come again, who is turned away, and which
// offsets are committed.
import { listGroupsV4, offsetDeleteV0, offsetFetchV8 } from '@platformatic/kafka';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freshName, newTopic, patient } from './support/data.ts';
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
  type Join,
} from './support/groups.ts';
import { nameOf, openWire, type Wire } from './support/wire.ts';

describe.each(inject('kafka'))('groups on the $name broker', ({ address }) => {
  let wire: Wire;
  const opened: Wire[] = [];
  beforeAll(async () => {
    wire = await openWire(address);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });
  afterAll(async () => {
    await wire.close();
  });

  /** A connection for one member. */
  const connect = async (): Promise<Wire> => {
    const made = await openWire(address);
    opened.push(made);
    return made;
  };
  const newGroup = async (): Promise<string> => {
    const groupId = freshName('group');
    await untilCoordinated(wire, groupId);
    return groupId;
  };
  /** A group with one member, stable. */
  const alone = async (request: Partial<Join> = {}) => {
    const groupId = request.groupId ?? (await newGroup());
    const own = await connect();
    const { memberId, generation, protocol, error } = await joinAsNew(own, { ...request, groupId });
    expect(error).toBe('NONE');
    const instanceId = request.instanceId ?? null;
    const synced = await sync(own, {
      groupId,
      generation,
      memberId,
      instanceId,
      protocol,
      assignments: { [memberId]: 'all' },
    });
    expect(synced).toEqual({ error: 'NONE', assignment: 'all' });
    return { groupId, wire: own, memberId, generation, instanceId };
  };

  /** What is described may be a moment behind. */
  const untilState = (groupId: string, state: string) =>
    vi.waitFor(async () => {
      expect((await describeGroup(wire, groupId)).state).toBe(state);
    }, patient);

  it('give a new member its id first, then generation 1 and the lead', async () => {
    const groupId = await newGroup();
    const first = await join(wire, { groupId });
    expect(first).toMatchObject({ error: 'MEMBER_ID_REQUIRED', generation: -1, members: [] });
    expect(first.memberId).not.toBe('');
    const joined = await join(wire, { groupId, memberId: first.memberId, metadata: 'mine' });
    expect(joined).toEqual({
      error: 'NONE',
      generation: 1,
      memberId: first.memberId,
      leader: first.memberId,
      protocol: 'range',
      members: [{ memberId: first.memberId, instanceId: null, metadata: 'mine' }],
    });
    await untilState(groupId, 'CompletingRebalance');
    const member = { groupId, memberId: first.memberId, generation: 1 };
    expect(await sync(wire, { ...member, assignments: { [first.memberId]: 'all' } })).toEqual({
      error: 'NONE',
      assignment: 'all',
    });
    expect(await heartbeat(wire, member)).toBe('NONE');
    expect(await describeGroup(wire, groupId)).toEqual({
      error: 'NONE',
      state: 'Stable',
      protocolType: 'conformance',
      protocol: 'range',
      members: [
        {
          memberId: first.memberId,
          instanceId: null,
          clientId: 'conformance',
          metadata: 'mine',
          assignment: 'all',
        },
      ],
    });
    expect(await leave(wire, member)).toBe('NONE');
    expect(await describeGroup(wire, groupId)).toMatchObject({ state: 'Empty', members: [] });
  });

  it('rebalance when a second member comes, and when it leaves', async () => {
    const one = await alone();
    const { groupId } = one;
    const other = await connect();
    const coming = joinAsNew(other, { groupId, metadata: 'second' });
    await heartbeatUntil(one.wire, one, 'REBALANCE_IN_PROGRESS');
    await untilState(groupId, 'PreparingRebalance');
    const [again, second] = await Promise.all([join(one.wire, { groupId, memberId: one.memberId }), coming]);
    expect([again.generation, second.generation]).toEqual([2, 2]);
    expect([again.leader, second.leader]).toEqual([one.memberId, one.memberId]);
    expect(again.members.map(({ memberId }) => memberId).toSorted()).toEqual(
      [one.memberId, second.memberId].toSorted(),
    );
    expect(second.members).toEqual([]);
    // The follower's sync waits for the leader's.
    const following = sync(other, { groupId, generation: 2, memberId: second.memberId });
    const assignments = { [one.memberId]: 'a', [second.memberId]: 'b' };
    const leading = await sync(one.wire, { groupId, generation: 2, memberId: one.memberId, assignments });
    expect([leading, await following]).toEqual([
      { error: 'NONE', assignment: 'a' },
      { error: 'NONE', assignment: 'b' },
    ]);
    expect(await leave(other, { groupId, memberId: second.memberId })).toBe('NONE');
    const member = { groupId, generation: 2, memberId: one.memberId };
    await heartbeatUntil(one.wire, member, 'REBALANCE_IN_PROGRESS');
    expect(await join(one.wire, member)).toMatchObject({
      error: 'NONE',
      generation: 3,
      leader: one.memberId,
    });
  });

  it('go on without a member that is silent for its session', async () => {
    const one = await alone();
    const { groupId } = one;
    const other = await connect();
    const coming = joinAsNew(other, { groupId, sessionTimeoutMs: 6_000 });
    await heartbeatUntil(one.wire, one, 'REBALANCE_IN_PROGRESS');
    const [again, second] = await Promise.all([join(one.wire, { groupId, memberId: one.memberId }), coming]);
    const assignments = { [one.memberId]: 'a', [second.memberId]: 'b' };
    const member = { groupId, generation: again.generation, memberId: one.memberId };
    await sync(one.wire, { ...member, assignments });
    other.kill();
    await heartbeatUntil(one.wire, member, 'REBALANCE_IN_PROGRESS');
    expect(await join(one.wire, member)).toMatchObject({ error: 'NONE', generation: 3 });
    const late = { groupId, generation: 2, memberId: second.memberId };
    expect(await heartbeat(wire, late)).toBe('UNKNOWN_MEMBER_ID');
  }, 30_000);

  it('go on without a member that does not come to a rebalance in time', async () => {
    const one = await alone({ rebalanceTimeoutMs: 1_000 });
    const { groupId } = one;
    const other = await connect();
    const joined = await joinAsNew(other, { groupId, rebalanceTimeoutMs: 1_000 });
    expect(joined).toMatchObject({ error: 'NONE', generation: 2, leader: joined.memberId });
    expect(joined.members).toHaveLength(1);
    expect(await heartbeat(one.wire, one)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('turn away strangers, old generations and impossible sessions', async () => {
    const one = await alone();
    const { groupId } = one;
    expect(await heartbeat(wire, { ...one, memberId: 'nobody' })).toBe('UNKNOWN_MEMBER_ID');
    expect(await heartbeat(wire, { ...one, generation: 0 })).toBe('ILLEGAL_GENERATION');
    expect((await sync(wire, { ...one, generation: 9 })).error).toBe('ILLEGAL_GENERATION');
    expect((await sync(wire, { ...one, memberId: 'nobody' })).error).toBe('UNKNOWN_MEMBER_ID');
    expect((await join(wire, { groupId, memberId: 'nobody' })).error).toBe('UNKNOWN_MEMBER_ID');
    expect(await leave(wire, { groupId, memberId: 'nobody' })).toBe('UNKNOWN_MEMBER_ID');
    expect((await join(wire, { groupId, sessionTimeoutMs: 10 })).error).toBe('INVALID_SESSION_TIMEOUT');
    expect((await join(wire, { groupId, sessionTimeoutMs: 9_999_999 })).error).toBe(
      'INVALID_SESSION_TIMEOUT',
    );
    expect((await join(wire, { groupId, protocolType: 'connect' })).error).toBe(
      'INCONSISTENT_GROUP_PROTOCOL',
    );
    expect((await join(wire, { groupId, protocols: ['other'] })).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect((await join(wire, { groupId: '' })).error).toBe('INVALID_GROUP_ID');
    expect((await sync(wire, { ...one, protocol: 'other' })).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect((await sync(wire, { ...one, protocolType: null })).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(await heartbeat(one.wire, one)).toBe('NONE');
  });

  it('take a protocol that all members know, by their votes', async () => {
    const one = await alone({ protocols: ['sticky', 'range'] });
    const { groupId } = one;
    const other = await connect();
    const coming = joinAsNew(other, { groupId, protocols: ['new', 'range'] });
    await heartbeatUntil(one.wire, one, 'REBALANCE_IN_PROGRESS');
    const again = await join(one.wire, { groupId, memberId: one.memberId, protocols: ['sticky', 'range'] });
    expect([again.protocol, (await coming).protocol]).toEqual(['range', 'range']);
  });

  it('answer the assignment again to a member that asks again', async () => {
    const one = await alone();
    expect(await sync(one.wire, one)).toEqual({ error: 'NONE', assignment: 'all' });
  });

  describe('with static members', () => {
    it('keep generation and assignment when a member comes again under its name', async () => {
      const one = await alone({ instanceId: 'shop-1' });
      const { groupId } = one;
      const own = await connect();
      const again = await join(own, { groupId, instanceId: 'shop-1' });
      expect(again).toMatchObject({ error: 'NONE', generation: 1 });
      expect(again.memberId).not.toBe(one.memberId);
      const member = { groupId, generation: 1, memberId: again.memberId, instanceId: 'shop-1' };
      expect(await sync(own, member)).toEqual({ error: 'NONE', assignment: 'all' });
      expect(await heartbeat(own, member)).toBe('NONE');
      // The one before it is told that it has been replaced.
      expect(await heartbeat(one.wire, one)).toBe('FENCED_INSTANCE_ID');
      const topic = await newTopic(wire);
      expect(await commit(one.wire, { ...one, topic, offset: 1 })).toBe('FENCED_INSTANCE_ID');
      const { members } = await describeGroup(wire, groupId);
      expect(members).toMatchObject([{ instanceId: 'shop-1', memberId: again.memberId }]);
    });
    it('let them be removed by name', async () => {
      const one = await alone({ instanceId: 'shop-1' });
      expect(await leave(wire, { groupId: one.groupId, instanceId: 'other' })).toBe('UNKNOWN_MEMBER_ID');
      expect(await leave(wire, { groupId: one.groupId, instanceId: 'shop-1' })).toBe('NONE');
      expect((await describeGroup(wire, one.groupId)).state).toBe('Empty');
    });
  });

  describe('keep offsets', () => {
    it('of simple consumers, with what they noted', async () => {
      const [groupId, topic] = [await newGroup(), await newTopic(wire, { partitions: 2 })];
      expect(await committed(wire, { groupId, topic })).toEqual({ error: 'NONE', offset: -1, metadata: '' });
      expect(await commit(wire, { groupId, topic, offset: 42, metadata: 'note' })).toBe('NONE');
      expect(await commit(wire, { groupId, topic, partition: 1, offset: 7 })).toBe('NONE');
      expect(await committed(wire, { groupId, topic })).toEqual({
        error: 'NONE',
        offset: 42,
        metadata: 'note',
      });
      expect(await commit(wire, { groupId, topic, offset: 3 })).toBe('NONE');
      expect(await committed(wire, { groupId, topic })).toEqual({ error: 'NONE', offset: 3, metadata: '' });
      const all = await wire.call(offsetFetchV8.api, [{ groupId, memberEpoch: -1, topics: null }], false);
      const partitions = all.groups[0]?.topics[0]?.partitions.map((each) => [
        each.partitionIndex,
        Number(each.committedOffset),
      ]);
      expect(partitions?.toSorted()).toEqual([
        [0, 3],
        [1, 7],
      ]);
      expect((await describeGroup(wire, groupId)).state).toBe('Empty');
    });
    it('of members in their generation, and of nobody else', async () => {
      const one = await alone();
      const topic = await newTopic(wire);
      expect(await commit(one.wire, { ...one, topic, offset: 1 })).toBe('NONE');
      expect(await commit(wire, { ...one, topic, offset: 2, generation: 0 })).toBe('ILLEGAL_GENERATION');
      expect(await commit(wire, { ...one, topic, offset: 2, memberId: 'nobody' })).toBe('UNKNOWN_MEMBER_ID');
      expect(await commit(wire, { groupId: one.groupId, topic, offset: 2 })).toBe('UNKNOWN_MEMBER_ID');
      expect(await committed(wire, { groupId: one.groupId, topic })).toMatchObject({ offset: 1 });
    });
    it('for the topics that exist, with a note of bounded length', async () => {
      const [groupId, topic] = [await newGroup(), await newTopic(wire)];
      expect(await commit(wire, { groupId, topic: freshName('missing'), offset: 1 })).toBe(
        'UNKNOWN_TOPIC_OR_PARTITION',
      );
      expect(await commit(wire, { groupId, topic, offset: 1, metadata: 'x'.repeat(5_000) })).toBe(
        'OFFSET_METADATA_TOO_LARGE',
      );
    });
    it('until they are deleted', async () => {
      const [groupId, topic] = [await newGroup(), await newTopic(wire, { partitions: 2 })];
      await commit(wire, { groupId, topic, offset: 1 });
      await commit(wire, { groupId, topic, partition: 1, offset: 2 });
      const partitions = [{ partitionIndex: 0 }];
      const deleted = await wire.call(offsetDeleteV0.api, groupId, [{ name: topic, partitions }]);
      expect(nameOf(deleted.topics[0]?.partitions[0]?.errorCode)).toBe('NONE');
      expect(await committed(wire, { groupId, topic })).toMatchObject({ error: 'NONE', offset: -1 });
      expect(await committed(wire, { groupId, topic, partition: 1 })).toMatchObject({ offset: 2 });
      expect(await deleteGroup(wire, groupId)).toBe('NONE');
      expect(await committed(wire, { groupId, topic, partition: 1 })).toMatchObject({
        error: 'NONE',
        offset: -1,
      });
    });
  });

  it('are deleted when they are empty, not before', async () => {
    const one = await alone();
    expect(await deleteGroup(wire, one.groupId)).toBe('NON_EMPTY_GROUP');
    await leave(one.wire, one);
    expect(await deleteGroup(wire, one.groupId)).toBe('NONE');
    expect(await deleteGroup(wire, one.groupId)).toBe('GROUP_ID_NOT_FOUND');
    expect(await describeGroup(wire, one.groupId)).toMatchObject({ state: 'Dead', members: [] });
  });

  it('are listed with their states', async () => {
    const one = await alone();
    await vi.waitFor(async () => {
      const { groups } = await wire.call(listGroupsV4.api, [], []);
      expect(groups.find(({ groupId }) => groupId === one.groupId)).toMatchObject({
        protocolType: 'conformance',
        groupState: 'Stable',
      });
    }, patient);
    const stable = await wire.call(listGroupsV4.api, ['STABLE'], []);
    expect(stable.groups.map(({ groupId }) => groupId)).toContain(one.groupId);
    const empty = await wire.call(listGroupsV4.api, ['EMPTY'], []);
    expect(empty.groups.map(({ groupId }) => groupId)).not.toContain(one.groupId);
  });
});
