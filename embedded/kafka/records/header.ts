// The header of a record batch, format v2 (KIP-98): where its fields are, reading them, and writing those that a broker sets.
// Offsets and the leader epoch are before the checksum's range, so that assigning them does not touch it.
import { crc32c } from './crc32c.ts';

/** Bytes of a batch before its records. */
export const headerSize = 61;
/** Bytes that the batch's length field does not count: base offset and the length itself. */
const beforeLength = 12;
/** The checksum covers everything from the attributes on. */
export const checkedFrom = 21;

export const field = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

export const attribute = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

/** Compression by its number in the attributes. */
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

/** A batch's header, and where in a buffer the batch is. */
export interface BatchHeader {
  readonly offsetInBuffer: number;
  readonly sizeInBytes: number;
  readonly baseOffset: number;
  readonly lastOffsetDelta: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  /** `unknown` for a number without a meaning. */
  readonly compression: Compression | 'unknown';
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly timestampType: 'createTime' | 'logAppendTime';
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 when the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export const readInt64 = (buffer: Buffer, at: number): number =>
  buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4);

export const writeInt64 = (buffer: Buffer, at: number, value: number): void => {
  const high = Math.floor(value / 0x1_0000_0000);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
};

/**
 * The size of the batch that begins at `at`, in bytes, as it says itself; undefined when fewer than 12 bytes are there.
 * It is checked against nothing: a torn or foreign file may say anything.
 */
export const claimedSize = (buffer: Buffer, at: number): number | undefined =>
  buffer.length - at < beforeLength ? undefined : beforeLength + buffer.readInt32BE(at + field.batchLength);

/** The header of the batch that begins at `at`; undefined when its 61 bytes are not all there. */
export function readHeader(buffer: Buffer, at = 0): BatchHeader | undefined {
  if (buffer.length - at < headerSize) return undefined;
  const attributes = buffer.readInt16BE(at + field.attributes);
  return {
    offsetInBuffer: at,
    sizeInBytes: beforeLength + buffer.readInt32BE(at + field.batchLength),
    baseOffset: readInt64(buffer, at + field.baseOffset),
    lastOffsetDelta: buffer.readInt32BE(at + field.lastOffsetDelta),
    leaderEpoch: buffer.readInt32BE(at + field.leaderEpoch),
    magic: buffer.readInt8(at + field.magic),
    crc: buffer.readUInt32BE(at + field.crc),
    attributes,
    compression: compressions[attributes & attribute.compression] ?? 'unknown',
    isTransactional: (attributes & attribute.transactional) !== 0,
    isControl: (attributes & attribute.control) !== 0,
    timestampType: (attributes & attribute.logAppendTime) === 0 ? 'createTime' : 'logAppendTime',
    baseTimestamp: readInt64(buffer, at + field.baseTimestamp),
    maxTimestamp: readInt64(buffer, at + field.maxTimestamp),
    producerId: readInt64(buffer, at + field.producerId),
    producerEpoch: buffer.readInt16BE(at + field.producerEpoch),
    baseSequence: buffer.readInt32BE(at + field.baseSequence),
    recordCount: buffer.readInt32BE(at + field.recordCount),
  };
}

/** Gives the batch at `at` its place in the log. */
export const assignOffset = (buffer: Buffer, at: number, baseOffset: number, leaderEpoch: number): void => {
  writeInt64(buffer, at + field.baseOffset, baseOffset);
  buffer.writeInt32BE(leaderEpoch, at + field.leaderEpoch);
};

/** Gives all records of the batch at `at` the time of their append (`message.timestamp.type=LogAppendTime`), ms. */
export const setLogAppendTime = (buffer: Buffer, at: number, timestamp: number): void => {
  const attributes = buffer.readInt16BE(at + field.attributes);
  buffer.writeInt16BE(attributes | attribute.logAppendTime, at + field.attributes);
  writeInt64(buffer, at + field.maxTimestamp, timestamp);
  seal(buffer, at, claimedSize(buffer, at) ?? 0);
};

/** Writes the checksum of a batch that is otherwise complete. */
export const seal = (buffer: Buffer, at: number, size: number): void => {
  buffer.writeUInt32BE(crc32c(buffer, at + checkedFrom, at + size), at + field.crc);
};
