// The group coordinator through its APIs: what is durable, what is forgotten, who may commit.
import { beforeEach, describe, expect, test } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import type { RequestContext } from '../protocol/handler.ts';
import { GroupCoordinator } from './coordinator.ts';
import { groupHandlers } from './handlers.ts';
import { offsetsRetentionMs } from './retention.ts';
import { memoryStore, settle, testClock, type MemoryStore, type TestClock } from './testing.ts';

const { NONE } = errorCodes;
const day = 24 * 60 * 60 * 1000;

let clock: TestClock;
let store: MemoryStore;
let coordinator: GroupCoordinator;

const context = (apiVersion: number, signal = new AbortController().signal): RequestContext => ({
  apiVersion,
  clientId: 'test',
  clientHost: '/127.0.0.1',
  signal,
});

const topics = {
  partition: (topic: string, index: number) => (topic === 'orders' && index < 3 ? {} : undefined),
};

const handlers = () =>
  groupHandlers({ groups: coordinator, topics, endpoint: () => ({ nodeId: 0, host: 'here', port: 9092 }) });

async function reopen(): Promise<void> {
  coordinator.close();
  store = store.reopen();
  coordinator = await GroupCoordinator.open({ store, clock });
}

beforeEach(async () => {
  clock = testClock();
  store = memoryStore();
  coordinator = await GroupCoordinator.open({ store, clock });
});

const joinAs = (
  memberId = '',
  { groupId = 'shop', signal = new AbortController().signal, sessionTimeoutMs = 10_000 } = {},
) =>
  handlers().joinGroup(
    {
      ...{ groupId, memberId, groupInstanceId: null, sessionTimeoutMs, rebalanceTimeoutMs: 20_000 },
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('orders') }],
    },
    context(3, signal),
  );

/** ConsumerProtocolSubscription 0. */
function subscription(topic: string): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0, 1, 0, topic.length]);
  return Buffer.concat([head, Buffer.from(topic), Buffer.from([255, 255, 255, 255])]);
}

/** A group of one member in its first generation. */
async function stable(): Promise<string> {
  const joined = await joinAs();
  const memberId = joined?.memberId ?? '';
  const assignments = [{ memberId, assignment: Buffer.from('all') }];
  const rest = { groupInstanceId: null, protocolType: null, protocolName: null };
  await handlers().syncGroup(
    { groupId: 'shop', generationId: 1, memberId, assignments, ...rest },
    context(4),
  );
  return memberId;
}

async function commit({
  partition = 0,
  offset = 10,
  memberId = '',
  generation = -1,
  topic = 'orders',
  metadata = 'note',
  groupId = 'shop',
} = {}): Promise<number> {
  const committed = { partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: 3 };
  const partitions = [{ ...committed, commitTimestamp: -1, committedMetadata: metadata }];
  const who = { groupId, memberId, groupInstanceId: null, generationIdOrMemberEpoch: generation };
  const answer = await handlers().offsetCommit(
    { ...who, retentionTimeMs: -1, topics: [{ name: topic, partitions }] },
    context(8),
  );
  return answer?.topics[0]?.partitions[0]?.errorCode ?? NaN;
}

async function fetchOffsets(groupId = 'shop', requireStable = false) {
  const answer = await handlers().offsetFetch(
    { groupId: '', topics: [], groups: [{ groupId, topics: null }], requireStable },
    context(8),
  );
  return answer?.groups?.[0]?.topics.flatMap(({ name, partitions }) =>
    partitions.map(
      (each) =>
        `${name}-${String(each.partitionIndex)} ${String(each.committedOffset)} ${each.metadata ?? ''}`,
    ),
  );
}

describe('committed offsets', () => {
  test('are there with their metadata after a restart', async () => {
    expect(await commit({ offset: 10 })).toBe(NONE);
    expect(await commit({ offset: 11 })).toBe(NONE);
    await reopen();
    expect(await fetchOffsets()).toEqual(['orders-0 11 note']);
    expect((await handlers().listGroups({ statesFilter: [] }, context(4)))?.groups).toEqual([
      { groupId: 'shop', protocolType: '', groupState: 'Empty' },
    ]);
  });

  test('are not visible before they are durable, nor when they cannot be', async () => {
    store.broken = true;
    expect(await commit()).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
    expect(await fetchOffsets()).toEqual([]);
  });

  test('of partitions that are not there and with too much metadata are refused, the others kept', async () => {
    expect(await commit({ topic: 'unknown' })).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await commit({ partition: 3 })).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await commit({ metadata: 'é'.repeat(2049) })).toBe(errorCodes.OFFSET_METADATA_TOO_LARGE);
    expect(await fetchOffsets()).toEqual([]);
  });

  test('are taken from members of the present generation alone', async () => {
    const memberId = await stable();
    expect(await commit({ memberId, generation: 1 })).toBe(NONE);
    expect(await commit({ memberId, generation: 2 })).toBe(errorCodes.ILLEGAL_GENERATION);
    expect(await commit({ memberId: 'x', generation: 1 })).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(await commit()).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(await commit({ groupId: 'other', generation: 1 })).toBe(errorCodes.ILLEGAL_GENERATION);
  });

  test('are refused while a member has its generation and not its assignment', async () => {
    const joined = await joinAs();
    expect(await commit({ memberId: joined?.memberId ?? '', generation: 1 })).toBe(
      errorCodes.REBALANCE_IN_PROGRESS,
    );
  });

  test('keep a session alive', async () => {
    const memberId = await stable();
    for (let i = 0; i < 3; i++) {
      clock.advance(9_000);
      expect(await commit({ memberId, generation: 1 })).toBe(NONE);
    }
  });
});

describe('offsets of a transaction', () => {
  const committer = { groupId: 'shop', memberId: '', groupInstanceId: null, generation: -1 };
  const one = { topic: 'orders', partition: 0, offset: 20, leaderEpoch: -1, metadata: '' };

  test('are visible when it commits, and after a restart', async () => {
    await commit();
    expect(await coordinator.commits.commitInTransaction(7, committer, [one])).toBe(NONE);
    await reopen();
    expect(await fetchOffsets()).toEqual(['orders-0 10 note']);
    await coordinator.commits.endTransaction(7, true);
    expect(await fetchOffsets()).toEqual(['orders-0 20 ']);
    await reopen();
    await coordinator.commits.endTransaction(7, false);
    expect(await fetchOffsets()).toEqual(['orders-0 20 ']);
  });

  test('are dropped when it aborts', async () => {
    await commit();
    await coordinator.commits.commitInTransaction(7, committer, [one]);
    await coordinator.commits.endTransaction(7, false);
    await reopen();
    expect(await fetchOffsets()).toEqual(['orders-0 10 note']);
  });

  test('do not undo what was committed after them', async () => {
    await coordinator.commits.commitInTransaction(7, committer, [one]);
    clock.advance(1);
    await commit({ offset: 30 });
    await coordinator.commits.endTransaction(7, true);
    expect(await fetchOffsets()).toEqual(['orders-0 30 note']);
  });

  test('are unstable for whoever wants to know', async () => {
    await commit();
    await commit({ partition: 1 });
    await coordinator.commits.commitInTransaction(7, committer, [one]);
    const wanted = [{ name: 'orders', partitionIndexes: [0, 1] }];
    const answer = await handlers().offsetFetch(
      { groupId: 'shop', topics: wanted, groups: [], requireStable: true },
      context(7),
    );
    const errors = answer?.topics?.[0]?.partitions.map(({ errorCode }) => errorCode);
    expect(errors).toEqual([errorCodes.UNSTABLE_OFFSET_COMMIT, NONE]);
  });
});

describe('a restart', () => {
  test('keeps members, generation and assignments; who is not heard from then is removed', async () => {
    const memberId = await stable();
    await reopen();
    const beat = () =>
      handlers().heartbeat({ groupId: 'shop', generationId: 1, memberId, groupInstanceId: null }, context(4));
    expect(await beat()).toEqual({ errorCode: NONE });
    const described = await handlers().describeGroups(
      { groups: ['shop', 'nobody'], includeAuthorizedOperations: false },
      context(5),
    );
    expect(described?.groups).toMatchObject([
      {
        groupState: 'Stable',
        protocolData: 'range',
        members: [
          {
            memberId,
            clientId: 'test',
            memberAssignment: Buffer.from('all'),
            memberMetadata: subscription('orders'),
          },
        ],
      },
      { groupState: 'Dead', members: [] },
    ]);
    clock.advance(10_000);
    expect(await beat()).toEqual({ errorCode: errorCodes.UNKNOWN_MEMBER_ID });
  });
});

describe('a request that waits', () => {
  test('ends with its connection and leaves nothing behind', async () => {
    await stable();
    const connection = new AbortController();
    const waits = joinAs('', { signal: connection.signal });
    expect(coordinator.groups.waiting).toBe(1);
    connection.abort();
    expect((await waits)?.errorCode).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
    expect(coordinator.groups.waiting).toBe(0);
    expect(coordinator.groups.find('shop')?.members.size).toBe(1);
  });

  test('is answered when the broker stops', async () => {
    await stable();
    const waits = joinAs();
    coordinator.close();
    expect((await waits)?.errorCode).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
  });
});

describe('deleting', () => {
  const deleteGroup = async (groupId: string) =>
    (await handlers().deleteGroups({ groupsNames: [groupId] }, context(2)))?.results[0]?.errorCode;

  test('a group takes its offsets with it, for good', async () => {
    await commit();
    expect(await deleteGroup('shop')).toBe(NONE);
    await reopen();
    expect(await fetchOffsets()).toEqual([]);
    expect(await deleteGroup('shop')).toBe(errorCodes.GROUP_ID_NOT_FOUND);
  });

  test('a group with members is refused', async () => {
    await stable();
    expect(await deleteGroup('shop')).toBe(errorCodes.NON_EMPTY_GROUP);
  });

  test('offsets is refused for topics that the group reads', async () => {
    const memberId = await stable();
    await commit({ memberId, generation: 1 });
    const deleteOffsets = async () => {
      const wanted = [{ name: 'orders', partitions: [{ partitionIndex: 0 }] }];
      const answer = await handlers().offsetDelete({ groupId: 'shop', topics: wanted }, context(0));
      return answer?.topics[0]?.partitions[0]?.errorCode;
    };
    expect(await deleteOffsets()).toBe(errorCodes.GROUP_SUBSCRIBED_TO_TOPIC);
    clock.advance(10_000);
    expect(await deleteOffsets()).toBe(NONE);
    expect(await fetchOffsets()).toEqual([]);
  });

  test("a topic takes everybody's offsets of it with it", async () => {
    await commit();
    await commit({ groupId: 'other' });
    await coordinator.forgetTopic('orders');
    await reopen();
    expect([await fetchOffsets(), await fetchOffsets('other')]).toEqual([[], []]);
  });
});

describe('what is out of date', () => {
  test('are the offsets of a group that has had no members for seven days; then the group too', async () => {
    const memberId = await stable();
    await commit({ memberId, generation: 1 });
    const member = coordinator.groups.find('shop')?.members.get(memberId);
    if (member !== undefined) member.deadline = clock.now() + 8 * day; // It is heard from for eight days.
    for (let i = 0; i < 7; i++) {
      clock.advance(day);
      await settle();
    }
    expect(await fetchOffsets()).toEqual(['orders-0 10 note']);
    clock.advance(day);
    expect(coordinator.groups.find('shop')?.state).toBe('Empty');
    for (let i = 0; i < 6; i++) {
      clock.advance(day);
      await settle();
    }
    expect(await fetchOffsets()).toEqual(['orders-0 10 note']);
    clock.advance(2 * day);
    await settle();
    clock.advance(60 * 60 * 1000);
    await settle();
    expect(await fetchOffsets()).toEqual([]);
    expect(coordinator.groups.find('shop')).toBeUndefined();
    await reopen();
    expect(coordinator.groups.find('shop')).toBeUndefined();
  });

  test('are the offsets of a simple consumer seven days after their commit', async () => {
    await commit({ partition: 0 });
    clock.advance(4 * day);
    await commit({ partition: 1 });
    clock.advance(offsetsRetentionMs - 4 * day);
    await coordinator.forgetExpired();
    expect(await fetchOffsets()).toEqual(['orders-1 10 note']);
  });
});

describe('limits', () => {
  test("a session time-out outside Kafka's bounds is refused", async () => {
    for (const sessionTimeoutMs of [5_999, 1_800_001]) {
      expect((await joinAs('', { sessionTimeoutMs }))?.errorCode).toBe(errorCodes.INVALID_SESSION_TIMEOUT);
    }
  });

  test('a group needs a name', async () => {
    expect((await joinAs('', { groupId: '' }))?.errorCode).toBe(errorCodes.INVALID_GROUP_ID);
  });

  test('a member id that a new broker does not know is refused', async () => {
    expect((await joinAs('somebody'))?.errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID);
  });
});

test('a SyncGroup of version 5 has to say for which protocol it is', async () => {
  const memberId = await stable();
  const rest = { groupInstanceId: null, protocolType: 'consumer', assignments: [] };
  const syncs = (protocolName: string | null) =>
    handlers().syncGroup({ groupId: 'shop', generationId: 1, memberId, protocolName, ...rest }, context(5));
  expect((await syncs(null))?.errorCode).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
  expect((await syncs('range'))?.errorCode).toBe(NONE);
});

test('this broker coordinates every group and transactional id, one by one or many at once', async () => {
  const one = await handlers().findCoordinator({ key: 'shop', keyType: 0, coordinatorKeys: [] }, context(2));
  expect(one).toMatchObject({ errorCode: NONE, nodeId: 0, host: 'here', port: 9092 });
  const many = await handlers().findCoordinator(
    { key: '', keyType: 1, coordinatorKeys: ['a', 'b'] },
    context(4),
  );
  expect(many?.coordinators).toMatchObject([
    { key: 'a', port: 9092 },
    { key: 'b', port: 9092 },
  ]);
});

test('groups are listed by state', async () => {
  await stable();
  await commit({ groupId: 'other' });
  const list = async (...statesFilter: string[]) =>
    (await handlers().listGroups({ statesFilter }, context(4)))?.groups.map(({ groupId }) => groupId);
  expect(await list()).toEqual(['shop', 'other']);
  expect(await list('Stable')).toEqual(['shop']);
  expect(await list('empty')).toEqual(['other']);
});
