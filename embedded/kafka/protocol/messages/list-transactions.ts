// ListTransactions (API key 66): the transactional ids there are (KIP-664).
import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, int64, string } from '../schema.ts';

export const listTransactions = api({
  key: 66,
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    stateFilters: array(string()),
    producerIdFilters: array(int64()),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    errorCode: int16(),
    unknownStateFilters: array(string()),
    transactionStates: array({
      transactionalId: string(),
      producerId: int64(),
      transactionState: string(),
    }),
  },
});

export type ListTransactionsRequest = RequestOf<typeof listTransactions>;
export type ListTransactionsResponse = ResponseOf<typeof listTransactions>;
