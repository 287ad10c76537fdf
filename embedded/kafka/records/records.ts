// The records of a batch, decoded, whatever it is compressed with. The broker looks into batches for compaction and for its own topics
// alone; what clients read is passed on as it lies there.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { MalformedMessage } from '../protocol/malformed.ts';
import { Reader } from '../protocol/reader.ts';
import { unpackLz4 } from './lz4.ts';
import { unpackSnappy } from './snappy.ts';
import { headerSize, type BatchHeader } from './header.ts';

/** A record; key, value and headers are views of the batch. */
export interface BatchRecord {
  readonly offset: number;
  /** ms */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** A batch is at most this large when unpacked: far above any `max.message.bytes` in use, and no bomb. */
const maxOutputLength = 256 * 1024 * 1024;

/** Whether `records` can read this batch: its compression is one that there is. */
export const isReadable = ({ compression }: Pick<BatchHeader, 'compression'>): boolean =>
  compression !== 'unknown';

function unpacked(buffer: Buffer, batch: BatchHeader): Buffer {
  const packed = buffer.subarray(batch.offsetInBuffer + headerSize, batch.offsetInBuffer + batch.sizeInBytes);
  switch (batch.compression) {
    case 'none':
      return packed;
    case 'gzip':
      return gunzipSync(packed, { maxOutputLength });
    case 'snappy':
      return unpackSnappy(packed, maxOutputLength);
    case 'lz4':
      return unpackLz4(packed, maxOutputLength);
    case 'zstd':
      return zstdDecompressSync(packed, { maxOutputLength });
    case 'unknown':
      throw new MalformedMessage(`compression ${String(batch.attributes & 7)}, which has no meaning`);
  }
}

/**
 * The records of `batch`, which is in `buffer`.
 *
 * @throws MalformedMessage when they are not what the header says
 * @throws Error when they cannot be decompressed
 */
export function* records(buffer: Buffer, batch: BatchHeader): Generator<BatchRecord, void, undefined> {
  const reader = new Reader(unpacked(buffer, batch));
  for (let i = 0; i < batch.recordCount; i++) {
    const length = reader.varlong();
    const end = reader.position + length;
    reader.skip(1);
    const timestamp = batch.baseTimestamp + reader.varlong();
    const offset = batch.baseOffset + reader.varlong();
    const key = reader.varBytes();
    const value = reader.varBytes();
    const headers = readHeaders(reader);
    if (reader.position !== end)
      throw new MalformedMessage(`record ${String(i)} of the batch at offset ${String(batch.baseOffset)}`);
    yield {
      offset,
      timestamp: batch.timestampType === 'logAppendTime' ? batch.maxTimestamp : timestamp,
      key,
      value,
      headers,
    };
  }
}

function readHeaders(reader: Reader): readonly RecordHeader[] {
  const count = reader.varlong();
  if (count === 0) return [];
  reader.expectItems(count);
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count; i++) {
    const key = reader.varBytes();
    if (key === null) throw new MalformedMessage('a record header without a key');
    headers.push({ key: key.toString(), value: reader.varBytes() });
  }
  return headers;
}
