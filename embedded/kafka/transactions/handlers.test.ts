// Transactions through their APIs, together with the group coordinator: what clients of each version are told.
import { beforeEach, describe, expect, test } from 'vitest';
import { GroupCoordinator } from '../groups/coordinator.ts';
import { memoryStore, testClock } from '../groups/testing.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { RequestContext } from '../protocol/handler.ts';
import { TransactionCoordinator } from './coordinator.ts';
import { transactionHandlers } from './handlers.ts';

const { NONE } = errorCodes;

let groups: GroupCoordinator;
let handlers: ReturnType<typeof transactionHandlers>;

const version = (apiVersion: number): RequestContext => ({
  ...{ apiVersion, clientId: 'test', clientHost: '/127.0.0.1' },
  signal: new AbortController().signal,
});

beforeEach(async () => {
  const clock = testClock();
  const log = { appendMarker: () => Promise.resolve() };
  const topics = {
    partition: (topic: string, index: number) => (topic === 'orders' && index < 2 ? log : undefined),
  };
  groups = await GroupCoordinator.open({ store: memoryStore(), clock });
  const transactions = await TransactionCoordinator.open({
    ...{ store: memoryStore(), clock, topics },
    endOffsets: (producerId, committed) => groups.commits.endTransaction(producerId, committed),
  });
  handlers = transactionHandlers({ transactions, groups, topics });
});

interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

async function init(apiVersion = 4, known: Producer = { producerId: -1, producerEpoch: -1 }) {
  const answer = await handlers.initProducerId(
    { transactionalId: 'shop', transactionTimeoutMs: 60_000, ...known },
    version(apiVersion),
  );
  const { errorCode, producerId = -1, producerEpoch } = answer ?? { errorCode: NaN, producerEpoch: -1 };
  return { errorCode, producerId, producerEpoch };
}

async function add({ producerId, producerEpoch }: Producer, partitions: readonly number[], apiVersion = 3) {
  const answer = await handlers.addPartitionsToTxn(
    {
      v3AndBelowTransactionalId: 'shop',
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: 'orders', partitions }],
    },
    version(apiVersion),
  );
  return answer?.resultsByTopicV3AndBelow[0]?.resultsByPartition.map((each) => each.partitionErrorCode);
}

const end = async (producer: Producer, committed: boolean, apiVersion = 3) =>
  (await handlers.endTxn({ transactionalId: 'shop', committed, ...producer }, version(apiVersion)))
    ?.errorCode;

async function commitOffset(producer: Producer, offset: number, generation = -1) {
  const partition = {
    partitionIndex: 0,
    committedOffset: offset,
    committedLeaderEpoch: -1,
    committedMetadata: null,
  };
  const answer = await handlers.txnOffsetCommit(
    {
      ...{ transactionalId: 'shop', groupId: 'readers', memberId: '', groupInstanceId: null, ...producer },
      generationId: generation,
      topics: [{ name: 'orders', partitions: [partition] }],
    },
    version(3),
  );
  return answer?.topics[0]?.partitions[0]?.errorCode;
}

const addOffsets = async (producer: Producer) =>
  (await handlers.addOffsetsToTxn({ transactionalId: 'shop', groupId: 'readers', ...producer }, version(3)))
    ?.errorCode;

const committedOffset = () => groups.offsets.get({ group: 'readers', topic: 'orders', partition: 0 })?.offset;

describe('a fenced producer', () => {
  test.each([
    ['knows that it is fenced', 2, errorCodes.PRODUCER_FENCED],
    ['of an older version is told that its epoch is wrong', 1, errorCodes.INVALID_PRODUCER_EPOCH],
  ])('%s', async (_, apiVersion, expected) => {
    const old = await init();
    await init();
    expect(await add(old, [0], apiVersion)).toEqual([expected]);
    expect(await end(old, true, apiVersion)).toBe(expected);
  });

  test('that initializes again learns it too, in the words of its version', async () => {
    const old = await init();
    await init();
    expect((await init(4, old)).errorCode).toBe(errorCodes.PRODUCER_FENCED);
    expect((await init(3, old)).errorCode).toBe(errorCodes.INVALID_PRODUCER_EPOCH);
  });
});

test('a producer id without an epoch is no producer', async () => {
  expect((await init(4, { producerId: 5, producerEpoch: -1 })).errorCode).toBe(errorCodes.INVALID_REQUEST);
});

test('partitions are added all or none', async () => {
  const producer = await init();
  expect(await add(producer, [0, 2])).toEqual([
    errorCodes.OPERATION_NOT_ATTEMPTED,
    errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  ]);
  expect(await end(producer, true)).toBe(errorCodes.INVALID_TXN_STATE);
  expect(await add(producer, [0, 1])).toEqual([NONE, NONE]);
});

describe('offsets in a transaction', () => {
  test('are committed with it', async () => {
    const producer = await init();
    expect(await addOffsets(producer)).toBe(NONE);
    expect(await commitOffset(producer, 5)).toBe(NONE);
    expect(committedOffset()).toBeUndefined();
    expect(await end(producer, true)).toBe(NONE);
    expect(committedOffset()).toBe(5);
  });

  test('are dropped with it', async () => {
    const producer = await init();
    await addOffsets(producer);
    await commitOffset(producer, 5);
    expect(await end(producer, false)).toBe(NONE);
    expect(committedOffset()).toBeUndefined();
  });

  test('need the group to be part of it, and the producer not to be fenced', async () => {
    const producer = await init();
    expect(await commitOffset(producer, 5)).toBe(errorCodes.INVALID_TXN_STATE);
    await addOffsets(producer);
    expect(await commitOffset(producer, 5, 3)).toBe(errorCodes.ILLEGAL_GENERATION);
    await init();
    expect(await commitOffset(producer, 5)).toBe(errorCodes.INVALID_PRODUCER_EPOCH);
  });
});

test('administrators see transactions, by state and producer', async () => {
  const producer = await init();
  await add(producer, [1, 0]);
  const described = await handlers.describeTransactions(
    { transactionalIds: ['shop', 'unknown', ''] },
    version(0),
  );
  expect(described?.transactionStates).toMatchObject([
    { errorCode: NONE, transactionState: 'Ongoing', topics: [{ topic: 'orders', partitions: [1, 0] }] },
    { errorCode: errorCodes.TRANSACTIONAL_ID_NOT_FOUND },
    { errorCode: errorCodes.INVALID_REQUEST },
  ]);
  const list = async (stateFilters: string[], producerIdFilters: number[]) =>
    handlers.listTransactions({ stateFilters, producerIdFilters }, version(0));
  expect(await list(['Ongoing', 'Odd'], [])).toMatchObject({
    unknownStateFilters: ['Odd'],
    transactionStates: [{ transactionalId: 'shop', transactionState: 'Ongoing' }],
  });
  expect((await list([], [producer.producerId + 1]))?.transactionStates).toEqual([]);
  expect((await list(['Empty'], []))?.transactionStates).toEqual([]);
});
