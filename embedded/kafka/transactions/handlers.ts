// The APIs of transactions: what a request asks, in the coordinator's terms, and its answer.
import type { GroupCoordinator } from '../groups/coordinator.ts';
import { commitOffsets, type Topics } from '../groups/offset-handlers.ts';
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { Handlers } from '../protocol/handler.ts';
import type { TransactionCoordinator } from './coordinator.ts';
import { describeTransaction, listTransactions } from './describe.ts';
import { offsetsPartition } from './participants.ts';

/** What the handlers need. */
export interface TransactionHandlersOptions {
  readonly transactions: TransactionCoordinator;
  readonly groups: GroupCoordinator;
  readonly topics: Topics;
}

type Served =
  | 'initProducerId'
  | 'addPartitionsToTxn'
  | 'addOffsetsToTxn'
  | 'txnOffsetCommit'
  | 'endTxn'
  | 'describeTransactions'
  | 'listTransactions';

/** Versions before `from` do not know PRODUCER_FENCED (KIP-588): to them it is a wrong epoch. */
const known = (errorCode: ErrorCode, apiVersion: number, from: number): ErrorCode =>
  errorCode === errorCodes.PRODUCER_FENCED && apiVersion < from
    ? errorCodes.INVALID_PRODUCER_EPOCH
    : errorCode;

/** The handlers of transaction APIs, by API. */
export function transactionHandlers({
  transactions,
  groups,
  topics,
}: TransactionHandlersOptions): Pick<Handlers, Served> {
  return {
    async initProducerId(request, { apiVersion }) {
      const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
      if (producerId < 0 !== producerEpoch < 0) {
        return { errorCode: errorCodes.INVALID_REQUEST, producerId: -1, producerEpoch: -1 };
      }
      const expected = producerId < 0 ? null : { producerId, producerEpoch };
      const answer = await transactions.initProducerId(transactionalId, transactionTimeoutMs, expected);
      return { ...answer, errorCode: known(answer.errorCode, apiVersion, 4) };
    },

    async addPartitionsToTxn(request, { apiVersion }) {
      const { v3AndBelowTransactionalId: transactionalId, v3AndBelowTopics: requested } = request;
      const partitions = requested.flatMap(({ name: topic, partitions: indexes }) =>
        indexes.map((partition) => ({ topic, partition })),
      );
      const isThere = (topic: string, partition: number) => topics.partition(topic, partition) !== undefined;
      const areThere = partitions.every(({ topic, partition }) => isThere(topic, partition));
      const producer = {
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch,
      };
      // All or none.
      const errorCode = areThere
        ? known(await transactions.addPartitions(transactionalId, producer, partitions), apiVersion, 2)
        : errorCodes.OPERATION_NOT_ATTEMPTED;
      return {
        resultsByTopicV3AndBelow: requested.map(({ name, partitions: indexes }) => ({
          name,
          resultsByPartition: indexes.map((partitionIndex) => ({
            partitionIndex,
            partitionErrorCode: isThere(name, partitionIndex)
              ? errorCode
              : errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
          })),
        })),
      };
    },

    async addOffsetsToTxn(request, { apiVersion }) {
      const { transactionalId, groupId } = request;
      if (groupId === '') return { errorCode: errorCodes.INVALID_GROUP_ID };
      const errorCode = await transactions.addPartitions(transactionalId, request, [offsetsPartition]);
      return { errorCode: known(errorCode, apiVersion, 2) };
    },

    async txnOffsetCommit(request) {
      const { transactionalId, producerId, groupId, memberId, groupInstanceId } = request;
      const committer = { groupId, memberId, groupInstanceId, generation: request.generationId };
      return {
        topics: await commitOffsets(topics, request.topics, async (commits) => {
          if (groupId === '') return errorCodes.INVALID_GROUP_ID;
          const errorCode = await transactions.within(transactionalId, request, offsetsPartition, () =>
            groups.commits.commitInTransaction(producerId, committer, commits),
          );
          // As the log of a group's offsets says it, in every version.
          return errorCode === errorCodes.PRODUCER_FENCED ? errorCodes.INVALID_PRODUCER_EPOCH : errorCode;
        }),
      };
    },

    async endTxn(request, { apiVersion }) {
      const errorCode = await transactions.end(request.transactionalId, request, request.committed);
      return { errorCode: known(errorCode, apiVersion, 2) };
    },

    describeTransactions: (request) => ({
      transactionStates: request.transactionalIds.map((id) => describeTransaction(id, transactions.find(id))),
    }),

    listTransactions: (request) => listTransactions(transactions.all(), request),
  };
}
