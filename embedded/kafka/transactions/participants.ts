// Those who take part in a transaction: partitions, which get a marker, and the group coordinator, which holds offsets until it ends.
import { errorCodes, ProtocolError } from '../protocol/errors.ts';
import type { TopicPartition, Transaction } from './transaction.ts';

/** A partition's log as a transaction sees it. */
export interface MarkedLog {
  /** Ends the producer's transaction in the partition; resolved once the marker is on the disk. It may be repeated. */
  appendMarker(
    kind: 'commit' | 'abort',
    producerId: number,
    producerEpoch: number,
    coordinatorEpoch: number,
  ): Promise<unknown>;
}

export interface Participants {
  readonly topics: { partition(topic: string, index: number): MarkedLog | undefined };
  /** Decides what becomes of the offsets that wait for the producer's transaction; it may be repeated. */
  readonly endOffsets: (producerId: number, committed: boolean) => Promise<void>;
}

/** The topic that stands for the offsets of groups in a transaction's partitions; with one partition, whatever the group. */
export const offsetsPartition: TopicPartition = { topic: '__consumer_offsets', partition: 0 };

/** There has never been another coordinator. */
const coordinatorEpoch = 0;

/**
 * Tells all participants of a prepared transaction how it ends.
 *
 * @throws what a log or the group coordinator throws
 */
export async function tellParticipants(transaction: Transaction, participants: Participants): Promise<void> {
  await Promise.all(transaction.partitions.map((partition) => tell(transaction, partition, participants)));
}

async function tell(
  { state, producerId, producerEpoch }: Transaction,
  { topic, partition }: TopicPartition,
  { topics, endOffsets }: Participants,
): Promise<void> {
  const committed = state === 'PrepareCommit';
  if (topic === offsetsPartition.topic) {
    await endOffsets(producerId, committed);
    return;
  }
  try {
    const log = topics.partition(topic, partition);
    await log?.appendMarker(committed ? 'commit' : 'abort', producerId, producerEpoch, coordinatorEpoch);
  } catch (error) {
    // The topic was deleted meanwhile, or the partition knows a later producer: the transaction has ended there.
    const isGone = topics.partition(topic, partition) === undefined;
    const isFenced = error instanceof ProtocolError && error.code === errorCodes.INVALID_PRODUCER_EPOCH;
    if (!isGone && !isFenced) throw error;
  }
}
