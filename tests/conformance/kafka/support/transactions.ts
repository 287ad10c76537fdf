// Transactions at the level of the protocol: each step with the name of its error. A broker may still be writing the markers
// of the transaction before, or be opening its coordinator: it then asks to come again, and that is done here.
import { setTimeout as delay } from 'node:timers/promises';
import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  endTxnV3,
  findCoordinatorV4,
  initProducerIdV4,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import { vi } from 'vitest';
import { patient } from './data.ts';
import { nameOf, type Wire } from './wire.ts';

/** A producer as the broker knows it. */
export interface Producer {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

const comeAgain = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
]);
const comeAgainFor = 20_000;

/** Asks until the answer is one. */
async function answered<Answer extends { readonly error: string }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = Date.now() + comeAgainFor;
  for (;;) {
    const answer = await ask();
    if (!comeAgain.has(answer.error) || Date.now() > deadline) return answer;
    await delay(10);
  }
}

/** Waits until the broker coordinates transactions: being asked for the first time, it opens the topic that keeps them. */
export async function untilTransactional(wire: Wire): Promise<void> {
  await vi.waitFor(async () => {
    const { coordinators } = await wire.call(findCoordinatorV4.api, 1, ['anyone']);
    const error = nameOf(coordinators[0]?.errorCode);
    if (error !== 'NONE') throw new Error(`no coordinator of transactions: ${error}`);
  }, patient);
}

/** Asks for a producer id; with a transactional id: for the next epoch of it, which ends what the older one left open. */
export function initProducer(
  wire: Wire,
  {
    transactionalId = null,
    timeoutMs = 60_000,
    producerId = -1,
    producerEpoch = -1,
  }: {
    readonly transactionalId?: string | null;
    readonly timeoutMs?: number;
    readonly producerId?: number;
    readonly producerEpoch?: number;
  } = {},
): Promise<{ readonly error: string; readonly producerId: number; readonly producerEpoch: number }> {
  return answered(async () => {
    const got = await wire.call(
      initProducerIdV4.api,
      transactionalId,
      timeoutMs,
      BigInt(producerId),
      producerEpoch,
    );
    return {
      error: nameOf(got.errorCode),
      producerId: Number(got.producerId),
      producerEpoch: got.producerEpoch,
    };
  });
}

/** A new transactional producer. */
export async function transactionalProducer(
  wire: Wire,
  transactionalId: string,
  timeoutMs?: number,
): Promise<Producer> {
  const got = await initProducer(wire, {
    transactionalId,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (got.error !== 'NONE') throw new Error(`no producer id for ${transactionalId}: ${got.error}`);
  return { transactionalId, producerId: got.producerId, producerEpoch: got.producerEpoch };
}

/** Adds partitions of one topic to the transaction. */
export async function addPartitions(
  wire: Wire,
  { transactionalId, producerId, producerEpoch }: Producer,
  topic: string,
  partitions: readonly number[] = [0],
): Promise<string> {
  const topics = [{ name: topic, partitions: [...partitions] }];
  const producer = { transactionalId, producerId: BigInt(producerId), producerEpoch, verifyOnly: false };
  const { error } = await answered(async () => {
    const got = await wire.call(addPartitionsToTxnV3.api, [{ ...producer, topics }]);
    const results = got.resultsByTransaction[0]?.topicResults[0]?.resultsByPartition ?? [];
    return {
      error: nameOf(
        results.find(({ partitionErrorCode }) => partitionErrorCode !== 0)?.partitionErrorCode ??
          results[0]?.partitionErrorCode,
      ),
    };
  });
  return error;
}

/** Adds the offsets of a group to the transaction. */
export async function addOffsets(wire: Wire, producer: Producer, groupId: string): Promise<string> {
  const { transactionalId, producerId, producerEpoch } = producer;
  const { error } = await answered(async () => {
    const got = await wire.call(
      addOffsetsToTxnV3.api,
      transactionalId,
      BigInt(producerId),
      producerEpoch,
      groupId,
    );
    return { error: nameOf(got.errorCode) };
  });
  return error;
}

/** Commits an offset of a group within the transaction. */
export async function commitInTransaction(
  wire: Wire,
  { transactionalId, producerId, producerEpoch }: Producer,
  {
    groupId,
    topic,
    partition = 0,
    offset,
    generation = -1,
    memberId = '',
  }: {
    readonly groupId: string;
    readonly topic: string;
    readonly partition?: number;
    readonly offset: number;
    readonly generation?: number;
    readonly memberId?: string;
  },
): Promise<string> {
  const partitions = [
    { partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1 },
  ];
  const { error } = await answered(async () => {
    const got = await wire.call(
      txnOffsetCommitV3.api,
      transactionalId,
      groupId,
      BigInt(producerId),
      producerEpoch,
      generation,
      memberId,
      null,
      [{ name: topic, partitions }],
    );
    return { error: nameOf(got.topics[0]?.partitions[0]?.errorCode) };
  });
  return error;
}

/**
 * Ends the transaction, and waits until it has ended everywhere: asked once more, a broker says `CONCURRENT_TRANSACTIONS` until
 * every marker is written.
 */
export async function endTransaction(wire: Wire, producer: Producer, commit: boolean): Promise<string> {
  const end = async (): Promise<{ error: string }> => {
    const got = await wire.call(
      endTxnV3.api,
      producer.transactionalId,
      BigInt(producer.producerId),
      producer.producerEpoch,
      commit,
    );
    return { error: nameOf(got.errorCode) };
  };
  const { error } = await answered(end);
  if (error === 'NONE') await answered(end);
  return error;
}
