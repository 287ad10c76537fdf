// OffsetCommit (API key 8): stores how far a consumer group has read.
import { api } from '../api.ts';
import { array, int16, int32, int64, nullable, string } from '../schema.ts';

export const offsetCommit = api({
  key: 8,
  versions: [1, 8],
  flexibleFrom: 8,
  request: {
    groupId: string(),
    generationIdOrMemberEpoch: int32('0+', -1),
    memberId: string(),
    groupInstanceId: nullable(string('7+')),
    retentionTimeMs: int64('2-4', -1),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32('6+', -1),
        commitTimestamp: int64('1', -1),
        committedMetadata: nullable(string()),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('3+', 0),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
});
