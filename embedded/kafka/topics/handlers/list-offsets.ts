// ListOffsets: the ends of partitions, and the offsets of times.
import { errorCodes } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import { leaderEpoch, type PartitionLog } from '../../log/partition-log.ts';
import type { Isolation } from '../../log/log-results.ts';
import type { TopicRegistry } from '../registry.ts';

/** Times that mean something else (org.apache.kafka.common.requests.ListOffsetsRequest). */
const special = { latest: -1, earliest: -2, maxTimestamp: -3, earliestLocal: -4 };

/** The handler of ListOffsets. */
export function listOffsetsHandler(topics: TopicRegistry): Handlers['listOffsets'] {
  return async (request) => {
    const isolation: Isolation = request.isolationLevel === 1 ? 'readCommitted' : 'readUncommitted';
    const answered = request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(async ({ partitionIndex, currentLeaderEpoch, timestamp }) => {
          const log = topics.partition(name, partitionIndex);
          const error = (errorCode: number) => ({
            partitionIndex,
            errorCode,
            timestamp: -1,
            offset: -1,
            leaderEpoch: -1,
          });
          if (log === undefined) return error(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
          if (currentLeaderEpoch > leaderEpoch) return error(errorCodes.UNKNOWN_LEADER_EPOCH);
          const found = await find(log, timestamp, isolation);
          return {
            partitionIndex,
            errorCode: errorCodes.NONE,
            ...found,
            leaderEpoch: found.offset < 0 ? -1 : leaderEpoch,
          };
        }),
      ),
    }));
    return { topics: await Promise.all(answered) };
  };
}

async function find(log: PartitionLog, timestamp: number, isolation: Isolation) {
  const nothing = { offset: -1, timestamp: -1 };
  switch (timestamp) {
    case special.latest:
      return {
        offset: isolation === 'readCommitted' ? log.lastStableOffset : log.highWatermark,
        timestamp: -1,
      };
    case special.earliest:
    case special.earliestLocal:
      return { offset: log.logStartOffset, timestamp: -1 };
    case special.maxTimestamp:
      return (await log.offsetOfMaxTimestamp(isolation)) ?? nothing;
    default:
      return timestamp < 0 ? nothing : ((await log.offsetForTimestamp(timestamp, isolation)) ?? nothing);
  }
}
