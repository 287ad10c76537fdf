// What is asked about single partitions: DeleteRecords, OffsetForLeaderEpoch, DescribeProducers.
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import { leaderEpoch } from '../../log/partition-log.ts';
import type { TopicRegistry } from '../registry.ts';
import { isInternal } from '../topic-name.ts';

/** The handlers of DeleteRecords, OffsetForLeaderEpoch and DescribeProducers. */
export function partitionHandlers(
  topics: TopicRegistry,
): Pick<Handlers, 'deleteRecords' | 'offsetForLeaderEpoch' | 'describeProducers'> {
  async function deleteRecords(topic: string, partitionIndex: number, offset: number) {
    const log = topics.partition(topic, partitionIndex);
    const failed = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode });
    if (log === undefined) return failed(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    if (isInternal(topic)) return failed(errorCodes.INVALID_TOPIC_EXCEPTION);
    // A compacted topic is a table, of which nothing is deleted from the front.
    if (!log.config.deletes) return failed(errorCodes.POLICY_VIOLATION);
    try {
      return { partitionIndex, lowWatermark: await log.deleteRecords(offset), errorCode: errorCodes.NONE };
    } catch (error) {
      if (error instanceof ProtocolError) return failed(error.code);
      throw error;
    }
  }

  return {
    async deleteRecords(request) {
      const answered = request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map(({ partitionIndex, offset }) => deleteRecords(name, partitionIndex, offset)),
        ),
      }));
      return { topics: await Promise.all(answered) };
    },

    offsetForLeaderEpoch(request) {
      return {
        topics: request.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch: epoch }) => {
            const log = topics.partition(topic, partition);
            const unknown = { partition, leaderEpoch: -1, endOffset: -1 };
            if (log === undefined) return { ...unknown, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
            if (currentLeaderEpoch > leaderEpoch)
              return { ...unknown, errorCode: errorCodes.UNKNOWN_LEADER_EPOCH };
            if (epoch !== leaderEpoch) return { ...unknown, errorCode: errorCodes.NONE };
            return { partition, errorCode: errorCodes.NONE, leaderEpoch, endOffset: log.highWatermark };
          }),
        })),
      };
    },

    describeProducers(request) {
      return {
        topics: request.topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => {
            const log = topics.partition(name, partitionIndex);
            if (log === undefined) {
              const errorCode = errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
              return { partitionIndex, errorCode, errorMessage: null, activeProducers: [] };
            }
            const activeProducers = log.activeProducers.map((producer) => ({
              producerId: producer.producerId,
              producerEpoch: producer.epoch,
              lastSequence: producer.recent.at(-1)?.lastSequence ?? -1,
              lastTimestamp: producer.lastTimestamp,
              coordinatorEpoch: producer.coordinatorEpoch,
              currentTxnStartOffset: producer.openTransactionFrom ?? -1,
            }));
            return { partitionIndex, errorCode: errorCodes.NONE, errorMessage: null, activeProducers };
          }),
        })),
      };
    },
  };
}
