// InitProducerId (API key 22): a producer id and epoch (KIP-98, KIP-360).
import { api } from '../api.ts';
import { int16, int32, int64, nullable, string } from '../schema.ts';

export const initProducerId = api({
  key: 22,
  versions: [0, 4],
  flexibleFrom: 2,
  request: {
    transactionalId: nullable(string()),
    transactionTimeoutMs: int32(),
    producerId: int64('3+', -1),
    producerEpoch: int16('3+', -1),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    errorCode: int16(),
    producerId: int64('0+', -1),
    producerEpoch: int16(),
  },
});
