// DescribeTransactions (API key 65): the state of transactional ids (KIP-664).
import { api, type ResponseOf } from '../api.ts';
import { array, int16, int32, int64, string } from '../schema.ts';

export const describeTransactions = api({
  key: 65,
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    transactionalIds: array(string()),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    transactionStates: array({
      errorCode: int16(),
      transactionalId: string(),
      transactionState: string(),
      transactionTimeoutMs: int32(),
      transactionStartTimeMs: int64(),
      producerId: int64(),
      producerEpoch: int16(),
      topics: array({
        topic: string(),
        partitions: array(int32()),
      }),
    }),
  },
});

export type DescribeTransactionsResponse = ResponseOf<typeof describeTransactions>;
