// Record batches as they come and lie in the log: finding them in a buffer, and saying whether one may be stored. Nothing is copied.
import { MalformedMessage } from '../protocol/malformed.ts';
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import { Reader } from '../protocol/reader.ts';
import { crc32c } from './crc32c.ts';
import { checkedFrom, headerSize, readHeader, type BatchHeader } from './header.ts';

export { assignOffset, claimedSize, headerSize, readHeader, setLogAppendTime } from './header.ts';
export type { BatchHeader } from './header.ts';
export { records } from './records.ts';
export { buildBatch, controlBatch, filterBatch } from './build.ts';

/** The batches in a buffer, one after the other; ends before a batch that is not all there. */
export function* readBatches(buffer: Buffer, from = 0): Generator<BatchHeader, void, undefined> {
  let at = from;
  for (;;) {
    const header = readHeader(buffer, at);
    if (header === undefined) return;
    const { sizeInBytes } = header;
    if (sizeInBytes < headerSize || sizeInBytes > buffer.length - at) return;
    yield header;
    at += sizeInBytes;
  }
}

/** Whether a batch is all there and what was written: magic, size, checksum. For logs that are opened again. */
export const isIntact = (buffer: Buffer, batch: BatchHeader): boolean => {
  const { offsetInBuffer: at, sizeInBytes } = batch;
  return (
    batch.magic === 2 &&
    sizeInBytes >= headerSize &&
    sizeInBytes <= buffer.length - at &&
    batch.crc === crc32c(buffer, at + checkedFrom, at + sizeInBytes)
  );
};

/**
 * Whether a batch that a client sent may be stored: `NONE` or the code to refuse it with, as Kafka's LogValidator. The records of
 * an uncompressed batch are walked; those of a compressed one are the client's word.
 */
export function validateBatch(buffer: Buffer, batch: BatchHeader): ErrorCode {
  if (batch.magic < 2) return errorCodes.UNSUPPORTED_FOR_MESSAGE_FORMAT;
  if (!isIntact(buffer, batch)) return errorCodes.CORRUPT_MESSAGE;
  const counted = batch.recordCount > 0 && batch.lastOffsetDelta === batch.recordCount - 1;
  if (!counted || batch.isControl || batch.compression === 'unknown') return errorCodes.INVALID_RECORD;
  const isIdempotent = batch.producerId >= 0;
  if (isIdempotent && (batch.baseSequence < 0 || batch.producerEpoch < 0)) return errorCodes.INVALID_RECORD;
  if (!isIdempotent && batch.isTransactional) return errorCodes.INVALID_RECORD;
  return batch.compression === 'none' && !hasWholeRecords(buffer, batch)
    ? errorCodes.INVALID_RECORD
    : errorCodes.NONE;
}

/** Whether the records fill the batch exactly and their offsets count up from 0. */
function hasWholeRecords(
  buffer: Buffer,
  { offsetInBuffer: at, sizeInBytes, recordCount }: BatchHeader,
): boolean {
  const reader = new Reader(buffer.subarray(at + headerSize, at + sizeInBytes));
  try {
    for (let i = 0; i < recordCount; i++) {
      const length = reader.varlong();
      const end = reader.position + length;
      reader.skip(1);
      reader.varlong();
      if (reader.varlong() !== i || reader.position > end) return false;
      reader.skip(end - reader.position);
    }
  } catch (error) {
    if (error instanceof MalformedMessage) return false;
    throw error;
  }
  return reader.remaining === 0;
}
