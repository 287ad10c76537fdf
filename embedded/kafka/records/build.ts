// Makes record batches: the broker's own (coordinators' state, transaction markers), what compaction leaves of one, and those of tests.
import { Writer } from '../protocol/writer.ts';
import { attribute, field, headerSize, seal, writeInt64, type BatchHeader } from './header.ts';
import { records, type BatchRecord, type RecordHeader } from './records.ts';

/** A record to be written. */
export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly RecordHeader[];
  /** ms; the batch's if not given. */
  readonly timestamp?: number;
}

/** A batch to be made. */
export interface NewBatch {
  readonly records: readonly NewRecord[];
  /** ms; of records that have none. */
  readonly timestamp: number;
  /** 0 by default: the log assigns it. */
  readonly baseOffset?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
}

/** An uncompressed batch. */
export function buildBatch(batch: NewBatch): Buffer {
  const { timestamp, baseOffset = 0 } = batch;
  const all = batch.records.map(({ key, value, headers = [], timestamp: own = timestamp }, i) => ({
    key,
    value,
    headers,
    timestamp: own,
    offset: baseOffset + i,
  }));
  return assemble(all, {
    baseOffset,
    leaderEpoch: 0,
    attributes:
      (batch.isTransactional === true ? attribute.transactional : 0) |
      (batch.isControl === true ? attribute.control : 0),
    lastOffsetDelta: Math.max(0, all.length - 1),
    producerId: batch.producerId ?? -1,
    producerEpoch: batch.producerEpoch ?? -1,
    baseSequence: batch.baseSequence ?? -1,
  });
}

/**
 * The marker that ends a producer's transaction in a partition (KIP-98): a control batch with one record, whose key says how it
 * ended and whose value which coordinator says so.
 */
export function controlBatch(
  kind: 'commit' | 'abort',
  producerId: number,
  producerEpoch: number,
  coordinatorEpoch: number,
  timestamp: number,
): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(kind === 'commit' ? 1 : 0, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(coordinatorEpoch, 2);
  return buildBatch({
    records: [{ key, value }],
    timestamp,
    producerId,
    producerEpoch,
    isTransactional: true,
    isControl: true,
  });
}

/**
 * What is left of a batch when only the records for which `keep` holds stay: offsets, producer, sequence and last offset are kept
 * (KIP-98 needs them), compression is not. Null when no record is left.
 *
 * @throws Error when the batch cannot be decompressed
 */
export function filterBatch(
  buffer: Buffer,
  batch: BatchHeader,
  keep: (record: BatchRecord) => boolean,
): Buffer | null {
  const kept = [...records(buffer, batch)].filter(keep);
  if (kept.length === 0) return null;
  return assemble(kept, {
    ...batch,
    attributes: batch.attributes & ~attribute.compression & ~deleteHorizon,
  });
}

/** Set by Kafka's cleaner when the base timestamp is a time to delete at; never by this broker. */
const deleteHorizon = 0x40;

type AssembledHeader = Pick<
  BatchHeader,
  | 'baseOffset'
  | 'leaderEpoch'
  | 'attributes'
  | 'lastOffsetDelta'
  | 'producerId'
  | 'producerEpoch'
  | 'baseSequence'
>;

function assemble(all: readonly BatchRecord[], header: AssembledHeader): Buffer {
  const baseTimestamp = all[0]?.timestamp ?? -1;
  const writer = new Writer();
  for (const record of all) writeRecord(writer, record, header.baseOffset, baseTimestamp);
  const batch = Buffer.concat([Buffer.alloc(headerSize), ...writer.finish()]);
  writeInt64(batch, field.baseOffset, header.baseOffset);
  batch.writeInt32BE(batch.length - field.leaderEpoch, field.batchLength);
  batch.writeInt32BE(header.leaderEpoch, field.leaderEpoch);
  batch.writeInt8(2, field.magic);
  batch.writeInt16BE(header.attributes, field.attributes);
  batch.writeInt32BE(header.lastOffsetDelta, field.lastOffsetDelta);
  writeInt64(batch, field.baseTimestamp, baseTimestamp);
  writeInt64(
    batch,
    field.maxTimestamp,
    all.reduce((latest, { timestamp }) => Math.max(latest, timestamp), -1),
  );
  writeInt64(batch, field.producerId, header.producerId);
  batch.writeInt16BE(header.producerEpoch, field.producerEpoch);
  batch.writeInt32BE(header.baseSequence, field.baseSequence);
  batch.writeInt32BE(all.length, field.recordCount);
  seal(batch, 0, batch.length);
  return batch;
}

function writeRecord(writer: Writer, record: BatchRecord, baseOffset: number, baseTimestamp: number): void {
  const body = new Writer();
  body.int8(0);
  body.varlong(record.timestamp - baseTimestamp);
  body.varlong(record.offset - baseOffset);
  body.varBytes(record.key);
  body.varBytes(record.value);
  body.varlong(record.headers.length);
  for (const { key, value } of record.headers) {
    body.varBytes(Buffer.from(key));
    body.varBytes(value);
  }
  writer.varlong(body.length);
  for (const piece of body.finish()) writer.bytes(piece);
}
