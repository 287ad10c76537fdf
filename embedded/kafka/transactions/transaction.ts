// A transactional id and its transaction as plain data, with the decisions of the transaction protocol (KIP-98, KIP-360): what a
// request makes of it, or why not. Nothing is written or sent here; the coordinator stores what comes out before it counts.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';

/** Kafka's states, under the names that DescribeTransactions and ListTransactions show. */
export const transactionStates = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
] as const;
export type TransactionState = (typeof transactionStates)[number];

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface Transaction extends Producer {
  readonly transactionalId: string;
  /** The producer id before the present one, whose epochs were used up; -1: there was none. */
  readonly previousProducerId: number;
  /** The epoch that the producer had before it asked for the present one (KIP-360); -1: it did not ask. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  /** Where its markers go. */
  readonly partitions: readonly TopicPartition[];
  /** ms; -1 before the first transaction. */
  readonly startedAt: number;
  /** ms */
  readonly updatedAt: number;
}

/** What a request makes of a transaction: its next state, nothing, or an error. */
export type Decision =
  | { readonly kind: 'next'; readonly transaction: Transaction }
  | { readonly kind: 'done' }
  | { readonly kind: 'refuse'; readonly errorCode: ErrorCode };

const refuse = (errorCode: ErrorCode): Decision => ({ kind: 'refuse', errorCode });
const next = (transaction: Transaction): Decision => ({ kind: 'next', transaction });

const noEpoch = -1;

/** No producer is given the last epoch (2^15 - 1): it is kept to fence the one before it. */
export const isExhausted = (epoch: number): boolean => epoch >= 2 ** 15 - 2;

/** Whether the transaction has markers to be written. */
export const isPrepared = ({ state }: Transaction): boolean =>
  state === 'PrepareCommit' || state === 'PrepareAbort';

/** A transactional id that is new; its first producer gets epoch 0. */
export const newTransaction = (transactionalId: string, producerId: number, now: number): Transaction => ({
  transactionalId,
  producerId,
  producerEpoch: noEpoch,
  previousProducerId: -1,
  lastProducerEpoch: noEpoch,
  timeoutMs: 0,
  state: 'Empty',
  partitions: [],
  startedAt: -1,
  updatedAt: now,
});

/**
 * Whether a producer may initialize. `known` is what it believes to be (KIP-360); it is fenced if somebody came after it.
 */
export function checkKnown(transaction: Transaction, known: Producer | null): ErrorCode {
  const { producerId, producerEpoch, previousProducerId, lastProducerEpoch } = transaction;
  if (known === null || producerEpoch === noEpoch) return errorCodes.NONE;
  const isCurrent =
    known.producerId === producerId &&
    (known.producerEpoch === producerEpoch ||
      (lastProducerEpoch !== noEpoch && known.producerEpoch === lastProducerEpoch));
  // It asked for more than the epochs of its old producer id, and did not hear the answer.
  const isRotated =
    known.producerId === previousProducerId &&
    isExhausted(known.producerEpoch) &&
    known.producerEpoch === lastProducerEpoch;
  return isCurrent || isRotated ? errorCodes.NONE : errorCodes.PRODUCER_FENCED;
}

/** Whether the next producer needs a new producer id. */
export const needsProducerId = (transaction: Transaction, known: Producer | null): boolean =>
  isExhausted(transaction.producerEpoch) &&
  (known === null ||
    (known.producerId === transaction.producerId && known.producerEpoch === transaction.producerEpoch));

/**
 * Gives a producer the next epoch, or, with `newProducerId`, the first of another id. The producer has been checked
 * ({@link checkKnown}) and no transaction is open.
 */
export function initialize(
  transaction: Transaction,
  {
    known,
    timeoutMs,
    newProducerId,
    now,
  }: {
    readonly known: Producer | null;
    readonly timeoutMs: number;
    readonly newProducerId: number | null;
    readonly now: number;
  },
): Transaction {
  const { producerId, producerEpoch } = transaction;
  const fresh = {
    ...transaction,
    timeoutMs,
    state: 'Empty',
    partitions: [],
    startedAt: -1,
    updatedAt: now,
  } as const;
  const lastProducerEpoch = known === null ? noEpoch : producerEpoch;
  if (newProducerId !== null) {
    return {
      ...fresh,
      producerId: newProducerId,
      producerEpoch: 0,
      previousProducerId: producerId,
      lastProducerEpoch,
    };
  }
  const isRepeated =
    known !== null &&
    producerEpoch !== noEpoch &&
    (known.producerId !== producerId || known.producerEpoch !== producerEpoch);
  return isRepeated ? fresh : { ...fresh, producerEpoch: producerEpoch + 1, lastProducerEpoch };
}

/** Whether a request comes from the producer that the transactional id belongs to. */
export function checkProducer(transaction: Transaction, { producerId, producerEpoch }: Producer): ErrorCode {
  if (producerId !== transaction.producerId) return errorCodes.INVALID_PRODUCER_ID_MAPPING;
  return producerEpoch === transaction.producerEpoch ? errorCodes.NONE : errorCodes.PRODUCER_FENCED;
}

/** Adds partitions to the transaction, and begins one if none is open. */
export function addPartitions(
  transaction: Transaction,
  producer: Producer,
  partitions: readonly TopicPartition[],
  now: number,
): Decision {
  const errorCode = checkProducer(transaction, producer);
  if (errorCode !== errorCodes.NONE) return refuse(errorCode);
  if (isPrepared(transaction)) return refuse(errorCodes.CONCURRENT_TRANSACTIONS);
  const isOpen = transaction.state === 'Ongoing';
  const present = isOpen ? transaction.partitions : [];
  const added = partitions.filter(
    (partition, i) => !holds(present, partition) && !holds(partitions.slice(0, i), partition),
  );
  if (isOpen && added.length === 0) return { kind: 'done' };
  return next({
    ...transaction,
    state: 'Ongoing',
    partitions: [...present, ...added],
    startedAt: isOpen ? transaction.startedAt : now,
    updatedAt: now,
  });
}

const holds = (partitions: readonly TopicPartition[], { topic, partition }: TopicPartition): boolean =>
  partitions.some((each) => each.topic === topic && each.partition === partition);

/** Whether a partition is part of the producer's open transaction. */
export function checkPart(
  transaction: Transaction,
  producer: Producer,
  partition: TopicPartition,
): ErrorCode {
  const errorCode = checkProducer(transaction, producer);
  if (errorCode !== errorCodes.NONE) return errorCode;
  if (isPrepared(transaction)) return errorCodes.CONCURRENT_TRANSACTIONS;
  const isPart = transaction.state === 'Ongoing' && holds(transaction.partitions, partition);
  return isPart ? errorCodes.NONE : errorCodes.INVALID_TXN_STATE;
}

/** Decides the transaction's end. Asking again for the end that it had is no error. */
export function end(transaction: Transaction, producer: Producer, committed: boolean, now: number): Decision {
  const errorCode = checkProducer(transaction, producer);
  if (errorCode !== errorCodes.NONE) return refuse(errorCode);
  switch (transaction.state) {
    case 'Ongoing':
      return next({ ...transaction, state: committed ? 'PrepareCommit' : 'PrepareAbort', updatedAt: now });
    case 'PrepareCommit':
    case 'PrepareAbort':
      return refuse(
        committed === (transaction.state === 'PrepareCommit')
          ? errorCodes.CONCURRENT_TRANSACTIONS
          : errorCodes.INVALID_TXN_STATE,
      );
    case 'CompleteCommit':
      return committed ? { kind: 'done' } : refuse(errorCodes.INVALID_TXN_STATE);
    case 'CompleteAbort':
      return committed ? refuse(errorCodes.INVALID_TXN_STATE) : { kind: 'done' };
    case 'Empty':
      return refuse(errorCodes.INVALID_TXN_STATE);
  }
}

/** Aborts an open transaction in place of its producer, which is fenced: its epoch is past. */
export const fence = (transaction: Transaction, now: number): Transaction => ({
  ...transaction,
  producerEpoch: transaction.producerEpoch + 1,
  lastProducerEpoch: noEpoch,
  state: 'PrepareAbort',
  updatedAt: now,
});

/** All markers of a prepared transaction are written. */
export const complete = (transaction: Transaction, now: number): Transaction => ({
  ...transaction,
  state: transaction.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
  partitions: [],
  updatedAt: now,
});

/** When an open transaction is aborted if it does not end; Infinity: none is open. */
export const timeoutAt = ({ state, startedAt, timeoutMs }: Transaction): number =>
  state === 'Ongoing' ? startedAt + timeoutMs : Infinity;

/** transactional.id.expiration.ms: seven days. */
const idExpiryMs = 7 * 24 * 60 * 60 * 1000;

/** Whether nobody has used a transactional id for so long that it may be forgotten. */
export const isExpired = (transaction: Transaction, now: number): boolean =>
  transaction.state !== 'Ongoing' && !isPrepared(transaction) && transaction.updatedAt <= now - idExpiryMs;
