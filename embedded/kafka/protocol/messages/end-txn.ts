// EndTxn (API key 26): commits or aborts a transaction.
import { api } from '../api.ts';
import { bool, int16, int32, int64, string } from '../schema.ts';

export const endTxn = api({
  key: 26,
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    errorCode: int16(),
  },
});
