// Record batches made byte by byte: what well-behaved clients never send (a gap in the sequence numbers, a wrong checksum, an
// old magic byte) beside what they do. Layout: Kafka's message format, version 2.
import { crc32c, Writer } from '@platformatic/kafka';

/** A record to be sent. */
export interface RawRecord {
  readonly key?: string | null;
  readonly value?: string | null;
  readonly headers?: readonly (readonly [string, string | null])[];
  /** ms since 1970; by default the batch's. */
  readonly timestamp?: number;
}

/** A batch to be sent. */
export interface RawBatch {
  readonly records: readonly RawRecord[];
  /** ms since 1970; by default now. */
  readonly timestamp?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  /** Control batches are the broker's own: no client may send one. */
  readonly control?: boolean;
  readonly magic?: number;
  /** Claimed number of records. */
  readonly count?: number;
  /** Whether the checksum is wrong. */
  readonly corrupt?: boolean;
}

const bytes = (text: string | null | undefined): Buffer | null =>
  text === null || text === undefined ? null : Buffer.from(text);

function record(
  offsetDelta: number,
  timestampDelta: number,
  { key, value, headers = [] }: RawRecord,
): Buffer {
  const body = Writer.create()
    .appendInt8(0)
    .appendVarInt64(BigInt(timestampDelta))
    .appendVarInt(offsetDelta)
    .appendVarIntBytes(bytes(key))
    .appendVarIntBytes(bytes(value))
    .appendVarIntArray([...headers], (writer, [name, content]) => {
      writer.appendVarIntBytes(bytes(name)).appendVarIntBytes(bytes(content));
    }).buffer;
  return Buffer.concat([Writer.create().appendVarInt(body.length).buffer, body]);
}

/** The bytes of a batch, with base offset 0 as producers send it. */
export function rawBatch(batch: RawBatch): Buffer {
  const { records, timestamp = Date.now(), producerId = -1, producerEpoch = -1, baseSequence = -1 } = batch;
  const {
    transactional = false,
    control = false,
    magic = 2,
    count = records.length,
    corrupt = false,
  } = batch;
  const times = records.map((each) => each.timestamp ?? timestamp);
  const first = times[0] ?? timestamp;
  const summed = Buffer.concat([
    Writer.create()
      .appendInt16((transactional ? 0x10 : 0) | (control ? 0x20 : 0))
      .appendInt32(count - 1)
      .appendInt64(BigInt(first))
      .appendInt64(BigInt(Math.max(first, ...times)))
      .appendInt64(BigInt(producerId))
      .appendInt16(producerEpoch)
      .appendInt32(baseSequence)
      .appendInt32(count).buffer,
    ...records.map((each, n) => record(n, (times[n] ?? first) - first, each)),
  ]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((crc32c(summed) + (corrupt ? 1 : 0)) >>> 0);
  const afterLength = Buffer.concat([
    Writer.create().appendInt32(-1).appendInt8(magic).buffer,
    checksum,
    summed,
  ]);
  return Buffer.concat([Writer.create().appendInt64(0n).appendInt32(afterLength.length).buffer, afterLength]);
}
