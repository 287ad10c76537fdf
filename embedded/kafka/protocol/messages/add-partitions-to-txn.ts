// AddPartitionsToTxn (API key 24): makes partitions part of a transaction.
import { api } from '../api.ts';
import { array, int16, int32, int64, string } from '../schema.ts';

export const addPartitionsToTxn = api({
  key: 24,
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    v3AndBelowTransactionalId: string(),
    v3AndBelowProducerId: int64(),
    v3AndBelowProducerEpoch: int16(),
    v3AndBelowTopics: array({
      name: string(),
      partitions: array(int32()),
    }),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    resultsByTopicV3AndBelow: array({
      name: string(),
      resultsByPartition: array({
        partitionIndex: int32(),
        partitionErrorCode: int16(),
      }),
    }),
  },
});
