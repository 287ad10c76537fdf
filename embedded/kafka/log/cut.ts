// Which part of a run of batches answers a read. Only the few header fields that this needs are looked at: it runs for every
// batch that is fetched.

import { field, readInt64 } from '../records/header.ts';

/** Bytes of a header up to the last of the fields that are read here. */
const neededOfHeader = field.lastOffsetDelta + 4;

const batchSize = (buffer: Buffer, at: number): number =>
  buffer.readInt32BE(at + field.batchLength) + field.leaderEpoch;

/** The part [start, end) of a buffer. */
interface Cut {
  readonly start: number;
  readonly end: number;
  /** When the part is empty: how many bytes from `start` on would show more; 0 when nothing is below the limit. */
  readonly needed: number;
}

/**
 * From the batch that holds `offset`: whole batches that begin below `limitOffset`, up to `maxBytes`, but at least one.
 * `buffer` begins with a batch; its last one may be torn.
 */
export function cutBatches(buffer: Buffer, offset: number, limitOffset: number, maxBytes: number): Cut {
  let start = 0;
  while (start + neededOfHeader <= buffer.length) {
    const size = batchSize(buffer, start);
    const baseOffset = readInt64(buffer, start);
    if (baseOffset >= limitOffset) return { start, end: start, needed: 0 };
    if (baseOffset + buffer.readInt32BE(start + field.lastOffsetDelta) >= offset) {
      const end = wholeBatches(buffer, start, limitOffset, maxBytes);
      return { start, end, needed: end === start ? size : 0 };
    }
    start += size;
  }
  return { start, end: start, needed: neededOfHeader };
}

function wholeBatches(buffer: Buffer, start: number, limitOffset: number, maxBytes: number): number {
  let end = start;
  while (end + neededOfHeader <= buffer.length) {
    const size = batchSize(buffer, end);
    const enough = end > start && end + size - start > maxBytes;
    if (enough || end + size > buffer.length || readInt64(buffer, end) >= limitOffset) break;
    end += size;
  }
  return end;
}
