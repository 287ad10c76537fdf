// DescribeProducers (API key 61): the producers that a partition knows (KIP-664).
import { api } from '../api.ts';
import { array, int16, int32, int64, nullable, string } from '../schema.ts';

export const describeProducers = api({
  key: 61,
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    topics: array({
      name: string(),
      partitionIndexes: array(int32()),
    }),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: nullable(string()),
        activeProducers: array({
          producerId: int64(),
          producerEpoch: int32(),
          lastSequence: int32('0+', -1),
          lastTimestamp: int64('0+', -1),
          coordinatorEpoch: int32(),
          currentTxnStartOffset: int64('0+', -1),
        }),
      }),
    }),
  },
});
