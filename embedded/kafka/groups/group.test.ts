// Consumer groups, event by event: what each member is told and when.
import { describe, expect, test } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import { scenario } from './group-testing.ts';

const { NONE, REBALANCE_IN_PROGRESS, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID } = errorCodes;

describe('the first member', () => {
  test('leads the first generation and learns who is in it', () => {
    const group = scenario();
    const a = group.join('a');
    expect(group.answer(a)).toMatchObject({
      errorCode: NONE,
      generationId: 1,
      leader: 'a',
      memberId: 'a',
      protocolName: 'range',
      members: [{ memberId: 'a', metadata: Buffer.from('a reads') }],
    });
    expect(group.state).toBe('CompletingRebalance');
  });

  test('that says nothing of itself is told its id and comes again with it', () => {
    const group = scenario();
    const first = group.join('', { newMemberId: 'client-1', requiresKnownMemberId: true });
    expect(group.answer(first)).toMatchObject({
      errorCode: errorCodes.MEMBER_ID_REQUIRED,
      memberId: 'client-1',
    });
    expect(group.answer(group.join('client-1'))).toMatchObject({ errorCode: NONE, memberId: 'client-1' });
  });

  test('gets its assignment once it is durable', () => {
    const group = scenario({ storeAtOnce: false });
    group.join('a');
    const sync = group.sync('a', { a: 'everything' });
    expect(group.answer(sync)).toBeUndefined();
    group.storeDone();
    expect(group.answer(sync)).toMatchObject({ errorCode: NONE, assignment: Buffer.from('everything') });
    expect(group.state).toBe('Stable');
  });

  test('is told to try again when its assignment cannot be stored', () => {
    const group = scenario({ storeAtOnce: false });
    group.join('a');
    const sync = group.sync('a', { a: 'everything' });
    group.storeDone(errorCodes.COORDINATOR_NOT_AVAILABLE);
    expect(group.answer(sync)).toMatchObject({ errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE });
    expect(group.state).toBe('PreparingRebalance');
  });

  test('has to speak a protocol', () => {
    expect(scenario().joined('a', { protocols: [] }).errorCode).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    expect(scenario().joined('a', { protocolType: '' }).errorCode).toBe(
      errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    );
  });
});

describe('a second member', () => {
  test('waits until the first has rejoined, and both are told of the next generation', () => {
    const group = scenario().stable('a');
    const b = group.join('b');
    expect(group.answer(b)).toBeUndefined();
    expect(group.heartbeat('a')).toBe(REBALANCE_IN_PROGRESS);
    const a = group.join('a');
    expect(group.answer(a)).toMatchObject({
      generationId: 2,
      leader: 'a',
      members: [{ memberId: 'a' }, { memberId: 'b' }],
    });
    expect(group.answer(b)).toMatchObject({ generationId: 2, leader: 'a', members: [] });
  });

  test('is not waited for by the first for longer than the rebalance time-out, which removes who does not rejoin', () => {
    const group = scenario().stable('a', { rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 60_000 });
    const b = group.join('b', { rebalanceTimeoutMs: 5_000 });
    group.advance(4_999);
    expect(group.answer(b)).toBeUndefined();
    group.advance(1);
    expect(group.answer(b)).toMatchObject({ generationId: 2, leader: 'b', members: [{ memberId: 'b' }] });
    expect(group.heartbeat('a')).toBe(UNKNOWN_MEMBER_ID);
  });

  test('gets its part of the assignment, before or after the leader hands it in', () => {
    const group = scenario().with('a', 'b');
    const early = group.sync('b');
    expect(group.answer(early)).toBeUndefined();
    group.sync('a', { a: 'one', b: 'two' });
    expect(group.answer(early)).toMatchObject({ errorCode: NONE, assignment: Buffer.from('two') });
    expect(group.answer(group.sync('b'))).toMatchObject({ errorCode: NONE, assignment: Buffer.from('two') });
  });

  test('that the leader forgot gets an empty assignment', () => {
    const group = scenario().with('a', 'b');
    group.sync('a', { a: 'one' });
    expect(group.answer(group.sync('b'))).toMatchObject({ errorCode: NONE, assignment: Buffer.alloc(0) });
  });

  test('has to share a protocol and its type with the first', () => {
    const group = scenario().stable('a');
    expect(group.joined('b', { protocols: ['sticky'] }).errorCode).toBe(
      errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(group.joined('b', { protocolType: 'connect' }).errorCode).toBe(
      errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(group.state).toBe('Stable');
  });

  test('with another preference gets the protocol that both speak', () => {
    const group = scenario().stable('a', { protocols: ['sticky', 'range'] });
    const b = group.join('b', { protocols: ['range'] });
    group.join('a', { protocols: ['sticky', 'range'] });
    expect(group.answer(b)).toMatchObject({ protocolName: 'range' });
  });

  test('that joins while assignments are awaited sends everybody back to join', () => {
    const group = scenario().with('a', 'b');
    const sync = group.sync('b');
    group.join('c');
    expect(group.answer(sync)).toMatchObject({ errorCode: REBALANCE_IN_PROGRESS });
    expect(group.answer(group.sync('a', { a: 'x' }))).toMatchObject({ errorCode: REBALANCE_IN_PROGRESS });
  });
});

describe('members that rejoin', () => {
  test('a follower without news is told of the generation that holds', () => {
    const group = scenario().stable('a', 'b');
    expect(group.joined('b')).toMatchObject({ errorCode: NONE, generationId: group.generation, members: [] });
    expect(group.state).toBe('Stable');
  });

  test('the leader causes a rebalance', () => {
    const group = scenario().stable('a', 'b');
    group.join('a');
    expect(group.state).toBe('PreparingRebalance');
  });

  test('news of what a follower reads causes a rebalance', () => {
    const group = scenario().stable('a', 'b');
    group.join('b', { reads: 'something else' });
    expect(group.state).toBe('PreparingRebalance');
  });

  test('after their JoinGroup got lost learn the generation again', () => {
    const group = scenario().with('a', 'b');
    expect(group.joined('a')).toMatchObject({
      generationId: group.generation,
      members: [{ memberId: 'a' }, { memberId: 'b' }],
    });
  });
});

describe('who is not heard from', () => {
  test('is removed when its session ends, and the others rebalance', () => {
    const group = scenario().stable('a', 'b', { sessionTimeoutMs: 10_000 });
    group.advance(6_000);
    expect(group.heartbeat('a')).toBe(NONE);
    group.advance(4_000);
    expect(group.heartbeat('a')).toBe(REBALANCE_IN_PROGRESS);
    expect(group.joined('a')).toMatchObject({ errorCode: NONE, members: [{ memberId: 'a' }] });
  });

  test('leaves an empty group behind when it was the last, and that is stored', () => {
    const group = scenario().stable('a', { sessionTimeoutMs: 10_000 });
    group.advance(10_000);
    expect(group.state).toBe('Empty');
    expect(group.records.at(-1)).toMatchObject({ members: [], generation: 2, protocol: null });
  });

  test('is removed when it does not fetch its assignment in time', () => {
    const group = scenario().with('a', 'b', { rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 60_000 });
    const b = group.sync('b');
    group.advance(5_000);
    expect(group.answer(b)).toMatchObject({ errorCode: REBALANCE_IN_PROGRESS });
    expect(group.joined('b')).toMatchObject({ errorCode: NONE, leader: 'b', members: [{ memberId: 'b' }] });
  });

  test('an id given out that nobody comes back with is forgotten', () => {
    const group = scenario();
    group.join('', { newMemberId: 'a', requiresKnownMemberId: true, sessionTimeoutMs: 10_000 });
    group.advance(10_000);
    expect(group.joined('a').errorCode).toBe(UNKNOWN_MEMBER_ID);
  });

  test('is waited for while its own JoinGroup waits', () => {
    const group = scenario().stable('a', 'b', { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000 });
    const b = group.join('b', { reads: 'news', sessionTimeoutMs: 10_000 });
    group.advance(9_000);
    group.heartbeat('a');
    group.advance(9_000);
    const a = group.join('a');
    expect(group.answer(a)).toMatchObject({ members: [{ memberId: 'a' }, { memberId: 'b' }] });
    expect(group.answer(b)).toMatchObject({ errorCode: NONE });
  });
});

describe('whose connection closes', () => {
  test('goes at once when it had just joined', () => {
    const group = scenario().stable('a');
    const b = group.join('b');
    group.abandon(b);
    expect(group.joined('a')).toMatchObject({ generationId: 2, members: [{ memberId: 'a' }] });
  });

  test('may come back within its session time-out when it was a member before', () => {
    const group = scenario().stable('a', 'b', { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000 });
    group.abandon(group.join('b', { reads: 'news', sessionTimeoutMs: 10_000 }));
    const a = group.join('a');
    expect(group.answer(a)).toBeUndefined();
    group.advance(10_000);
    expect(group.answer(a)).toMatchObject({ members: [{ memberId: 'a' }] });
  });
});

describe('leaving', () => {
  test('removes the member and the others rebalance', () => {
    const group = scenario().stable('a', 'b');
    expect(group.leave({ memberId: 'a', groupInstanceId: null })).toEqual([NONE]);
    expect(group.joined('b')).toMatchObject({ leader: 'b', members: [{ memberId: 'b' }] });
  });

  test('of a member that nobody knows is an error, of one of several for itself', () => {
    const group = scenario().stable('a');
    const leavers = ['x', 'a'].map((memberId) => ({ memberId, groupInstanceId: null }));
    expect(group.leave(...leavers)).toEqual([UNKNOWN_MEMBER_ID, NONE]);
    expect(group.state).toBe('Empty');
  });

  test('of a member whose id was just given out disturbs nobody', () => {
    const group = scenario().stable('a');
    group.join('', { newMemberId: 'b', requiresKnownMemberId: true });
    expect(group.leave({ memberId: 'b', groupInstanceId: null })).toEqual([NONE]);
    expect(group.state).toBe('Stable');
  });

  test('can be asked for a static member by an administrator', () => {
    const group = scenario().stable('a', { groupInstanceId: 'one' });
    expect(group.leave({ memberId: '', groupInstanceId: 'one' })).toEqual([NONE]);
    expect(group.leave({ memberId: '', groupInstanceId: 'one' })).toEqual([UNKNOWN_MEMBER_ID]);
  });
});

describe('a static member', () => {
  const statics = () => scenario().stable('a', { groupInstanceId: 'one' });

  test('that restarts takes its place without a rebalance, and gets its old assignment', () => {
    const group = statics();
    const again = group.join('', { groupInstanceId: 'one', newMemberId: 'a2' });
    expect(group.answer(again)).toMatchObject({
      errorCode: NONE,
      memberId: 'a2',
      leader: 'a',
      members: [],
      generationId: 1,
    });
    expect(group.state).toBe('Stable');
    expect(group.answer(group.sync('a2', {}, { groupInstanceId: 'one' }))).toMatchObject({
      errorCode: NONE,
      assignment: Buffer.from('a of 1'),
    });
    expect(group.records.at(-1)).toMatchObject({
      leader: 'a2',
      members: [{ memberId: 'a2', groupInstanceId: 'one' }],
    });
  });

  test('fences whoever had its place', () => {
    const group = statics();
    group.join('', { groupInstanceId: 'one', newMemberId: 'a2' });
    expect(group.heartbeat('a', { groupInstanceId: 'one' })).toBe(FENCED_INSTANCE_ID);
    expect(group.joined('a', { groupInstanceId: 'one' }).errorCode).toBe(FENCED_INSTANCE_ID);
    expect(group.leave({ memberId: 'a', groupInstanceId: 'one' })).toEqual([FENCED_INSTANCE_ID]);
  });

  test('fences a JoinGroup that waits', () => {
    const group = scenario().stable('a', 'b');
    const first = group.join('', { groupInstanceId: 'one', newMemberId: 's1' });
    const second = group.join('', { groupInstanceId: 'one', newMemberId: 's2' });
    expect(group.answer(first)).toMatchObject({ errorCode: FENCED_INSTANCE_ID });
    expect(group.answer(second)).toBeUndefined();
  });

  test('keeps its place through a rebalance that it misses, until its session ends', () => {
    const group = scenario().stable('a', {
      groupInstanceId: 'one',
      sessionTimeoutMs: 60_000,
      rebalanceTimeoutMs: 5_000,
    });
    const b = group.join('b', { rebalanceTimeoutMs: 5_000 });
    group.advance(5_000);
    expect(group.answer(b)).toMatchObject({ leader: 'b', members: [{ memberId: 'a' }, { memberId: 'b' }] });
  });

  test('that restarts while assignments are awaited causes another generation', () => {
    const group = scenario().with('a', { groupInstanceId: 'one' });
    const again = group.join('', { groupInstanceId: 'one', newMemberId: 'a2' });
    expect(group.answer(again)).toMatchObject({
      errorCode: NONE,
      generationId: 2,
      leader: 'a2',
      members: [{ memberId: 'a2' }],
    });
  });
});

test('requests of another generation are refused', () => {
  const group = scenario().stable('a');
  expect(group.heartbeat('a', { generation: 7 })).toBe(errorCodes.ILLEGAL_GENERATION);
  expect(group.answer(group.sync('a', {}, { generation: 7 }))).toMatchObject({
    errorCode: errorCodes.ILLEGAL_GENERATION,
  });
});

test('a SyncGroup for another protocol is refused', () => {
  const group = scenario().with('a');
  const sync = group.sync('a', {}, { protocolName: 'sticky' });
  expect(group.answer(sync)).toMatchObject({ errorCode: errorCodes.INCONSISTENT_GROUP_PROTOCOL });
});
