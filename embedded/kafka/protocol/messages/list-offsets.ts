// ListOffsets (API key 2): offsets by time, and the ends of partitions.
import { api } from '../api.ts';
import { array, int16, int32, int64, int8, string } from '../schema.ts';

export const listOffsets = api({
  key: 2,
  versions: [1, 7],
  flexibleFrom: 6,
  request: {
    replicaId: int32(),
    isolationLevel: int8('2+'),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32('4+', -1),
        timestamp: int64(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('2+', 0),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64('0+', -1),
        offset: int64('0+', -1),
        leaderEpoch: int32('4+', -1),
      }),
    }),
  },
});
