// TxnOffsetCommit (API key 28): commits offsets as part of a transaction.
import { api } from '../api.ts';
import { array, int16, int32, int64, nullable, string } from '../schema.ts';

export const txnOffsetCommit = api({
  key: 28,
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32('3+', -1),
    memberId: string('3+', ''),
    groupInstanceId: nullable(string('3+')),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32('2+', -1),
        committedMetadata: nullable(string()),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
});
