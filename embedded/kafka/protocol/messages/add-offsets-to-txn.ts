// AddOffsetsToTxn (API key 25): makes the offsets of a group part of a transaction.
import { api } from '../api.ts';
import { int16, int32, int64, string } from '../schema.ts';

export const addOffsetsToTxn = api({
  key: 25,
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    errorCode: int16(),
  },
});
