// What the transaction coordinator keeps in `__transaction_state`, in Kafka's own format (TransactionLogKey 0, TransactionLogValue 1).
// Two things are this broker's own: the tag of lastProducerEpoch, which Kafka does not keep (so that a producer may repeat
// InitProducerId across a restart), and the record of the producer ids given out, which Kafka keeps with its controllers.
import type { Entry } from '../groups/records.ts';
import { readStruct, writeStruct } from '../protocol/codec.ts';
import { Reader } from '../protocol/reader.ts';
import {
  array,
  int16,
  int32,
  int64,
  int8,
  nullable,
  string,
  tagged,
  type Decoded,
} from '../protocol/schema.ts';
import { Writer } from '../protocol/writer.ts';
import { transactionStates, type TopicPartition, type Transaction } from './transaction.ts';

const keyVersions = { transaction: 0, producerIds: 32_000 };
const valueVersion = 1;

const keyFields = { transactionalId: string() } as const;

const valueFields = {
  producerId: int64(),
  previousProducerId: tagged(0, int64('0+', -1)),
  producerEpoch: int16(),
  transactionTimeoutMs: int32(),
  transactionStatus: int8(),
  transactionPartitions: nullable(array({ topic: string(), partitionIds: array(int32()) })),
  transactionLastUpdateTimestampMs: int64(),
  transactionStartTimestampMs: int64(),
  lastProducerEpoch: tagged(1000, int16('0+', -1)),
} as const;

type Value = Decoded<typeof valueFields>;

const fixed = { version: 0, flexible: false };
const flexible = { version: 0, flexible: true };
const readKey = readStruct(keyFields, fixed);
const writeKey = writeStruct(keyFields, fixed);
const readValue = readStruct(valueFields, flexible);
const writeValue = writeStruct(valueFields, flexible);

/** A record as it is read again. */
export type StoredRecord =
  | {
      readonly kind: 'transaction';
      readonly transactionalId: string;
      readonly transaction: Transaction | null;
    }
  | { readonly kind: 'producer ids'; readonly next: number };

const bytesOf = (version: number, write: (writer: Writer) => void): Buffer => {
  const writer = new Writer();
  writer.int16(version);
  write(writer);
  return Buffer.concat(writer.finish());
};

const keyOf = (transactionalId: string): Buffer =>
  bytesOf(keyVersions.transaction, (writer) => {
    writeKey(writer, { transactionalId });
  });

/** The entry that keeps a transaction. */
export function transactionEntry(transaction: Transaction): Entry {
  const value: Value = {
    producerId: transaction.producerId,
    previousProducerId: transaction.previousProducerId,
    producerEpoch: transaction.producerEpoch,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: transactionStates.indexOf(transaction.state),
    transactionPartitions: byTopic(transaction.partitions),
    transactionLastUpdateTimestampMs: transaction.updatedAt,
    transactionStartTimestampMs: transaction.startedAt,
    lastProducerEpoch: transaction.lastProducerEpoch,
  };
  return {
    key: keyOf(transaction.transactionalId),
    value: bytesOf(valueVersion, (writer) => {
      writeValue(writer, value);
    }),
  };
}

/** The entry that forgets a transactional id. */
export const transactionTombstone = (transactionalId: string): Entry => ({
  key: keyOf(transactionalId),
  value: null,
});

/** The entry that says from which producer id on none has been given out. */
export const producerIdsEntry = (next: number): Entry => ({
  key: bytesOf(keyVersions.producerIds, () => undefined),
  value: bytesOf(0, (writer) => {
    writer.int64(next);
  }),
});

/** Partitions as Kafka's messages list them. */
export const byTopic = (partitions: readonly TopicPartition[]): { topic: string; partitionIds: number[] }[] =>
  Map.groupBy(partitions, ({ topic }) => topic)
    .entries()
    .map(([topic, all]) => ({ topic, partitionIds: all.map(({ partition }) => partition) }))
    .toArray();

/**
 * Reads an entry. Keys of another version give undefined: whoever wrote them knows what they mean.
 *
 * @throws MalformedMessage
 */
export function readEntry(key: Buffer, value: Buffer | null): StoredRecord | undefined {
  const reader = new Reader(key);
  const version = reader.int16();
  if (version === keyVersions.producerIds && value !== null) {
    return { kind: 'producer ids', next: new Reader(value, 2).int64() };
  }
  if (version !== keyVersions.transaction) return undefined;
  const { transactionalId } = readKey(reader) as Decoded<typeof keyFields>;
  return {
    kind: 'transaction',
    transactionalId,
    transaction: value && readTransaction(transactionalId, value),
  };
}

function readTransaction(transactionalId: string, bytes: Buffer): Transaction {
  const reader = new Reader(bytes);
  const version = reader.int16();
  if (version !== valueVersion)
    throw new Error(`__transaction_state has a value of version ${String(version)}`);
  const value = readValue(reader) as Value;
  const state = transactionStates[value.transactionStatus];
  if (state === undefined) {
    throw new Error(`transaction ${transactionalId} is kept in state ${String(value.transactionStatus)}`);
  }
  const { producerId, producerEpoch, previousProducerId, lastProducerEpoch } = value;
  return {
    ...{ transactionalId, producerId, producerEpoch, previousProducerId, lastProducerEpoch, state },
    timeoutMs: value.transactionTimeoutMs,
    partitions: (value.transactionPartitions ?? []).flatMap(({ topic, partitionIds }) =>
      partitionIds.map((partition) => ({ topic, partition })),
    ),
    startedAt: value.transactionStartTimestampMs,
    updatedAt: value.transactionLastUpdateTimestampMs,
  };
}
