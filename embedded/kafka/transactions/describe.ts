// Transactions as administrators see them (KIP-664).
import { errorCodes } from '../protocol/errors.ts';
import type { DescribeTransactionsResponse } from '../protocol/messages/describe-transactions.ts';
import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../protocol/messages/list-transactions.ts';
import { byTopic } from './records.ts';
import { transactionStates, type Transaction } from './transaction.ts';

type Described = DescribeTransactionsResponse['transactionStates'][number];

/** The state of a transactional id. */
export function describeTransaction(
  transactionalId: string,
  transaction: Transaction | undefined,
): Described {
  if (transaction === undefined) {
    return {
      errorCode: transactionalId === '' ? errorCodes.INVALID_REQUEST : errorCodes.TRANSACTIONAL_ID_NOT_FOUND,
      ...{ transactionalId, transactionState: '', transactionTimeoutMs: 0, transactionStartTimeMs: -1 },
      ...{ producerId: -1, producerEpoch: -1, topics: [] },
    };
  }
  const { state, timeoutMs, startedAt, producerId, producerEpoch, partitions } = transaction;
  return {
    errorCode: errorCodes.NONE,
    transactionalId,
    transactionState: state,
    transactionTimeoutMs: timeoutMs,
    transactionStartTimeMs: startedAt,
    producerId,
    producerEpoch,
    topics: byTopic(partitions).map(({ topic, partitionIds }) => ({ topic, partitions: partitionIds })),
  };
}

/** The transactional ids in one of the states and of one of the producers; no filter lets all through. */
export function listTransactions(
  transactions: Iterable<Transaction>,
  { stateFilters, producerIdFilters }: ListTransactionsRequest,
): ListTransactionsResponse {
  const known: readonly string[] = transactionStates;
  return {
    errorCode: errorCodes.NONE,
    unknownStateFilters: stateFilters.filter((state) => !known.includes(state)),
    transactionStates: [...transactions]
      .filter(({ state }) => stateFilters.length === 0 || stateFilters.includes(state))
      .filter(({ producerId }) => producerIdFilters.length === 0 || producerIdFilters.includes(producerId))
      .map(({ transactionalId, producerId, state: transactionState }) => ({
        transactionalId,
        producerId,
        transactionState,
      })),
  };
}
