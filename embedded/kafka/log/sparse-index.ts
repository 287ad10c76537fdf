// Where in a segment to begin to look: one entry for about every `index.interval.bytes` of log. It serves offsets and times
// alike, since each entry carries the greatest timestamp up to and with its batch. It is kept in memory and in
// `<20 digits>.index` beside the segment, and can always be made again by reading the segment.
import { crc32 } from 'node:zlib';

/** A batch that the index points to. */
export interface IndexEntry {
  readonly baseOffset: number;
  /** Of the batch in the segment's file, in bytes. */
  readonly position: number;
  /** Greatest timestamp of the segment up to and with this batch, in ms. */
  readonly maxTimestamp: number;
}

/** What is known of a segment without reading it. */
export interface SegmentSummary {
  /** Bytes of whole, valid batches. */
  readonly size: number;
  /** One past the last offset; the base offset when the segment is empty. */
  readonly nextOffset: number;
  /** -1 when the segment is empty. */
  readonly maxTimestamp: number;
  /** Greatest timestamp of the first batch; -1 when the segment is empty. `segment.ms` counts from it. */
  readonly firstTimestamp: number;
}

/** Sorted by offset and position; timestamps never fall. */
export class SparseIndex {
  readonly #entries: IndexEntry[] = [];
  #nextPosition = 0;
  readonly #interval: number;

  constructor(intervalBytes: number) {
    this.#interval = intervalBytes;
  }

  /** Notes a batch, if the last one noted is far enough away. */
  add(baseOffset: number, position: number, maxTimestamp: number): void {
    if (position < this.#nextPosition) return;
    this.#entries.push({ baseOffset, position, maxTimestamp });
    this.#nextPosition = position + Math.max(this.#interval, position / entriesBeforeSparser);
  }

  /** Position of a batch at or before the one with this offset. */
  positionOf(offset: number): number {
    const after = firstIndex(this.#entries, (entry) => entry.baseOffset > offset);
    return this.#entries[after - 1]?.position ?? 0;
  }

  /** Position from which to look for the first record with this time or a later one. */
  positionOfTime(timestamp: number): number {
    const reached = firstIndex(this.#entries, (entry) => entry.maxTimestamp >= timestamp);
    return this.#entries[reached - 1]?.position ?? 0;
  }

  /** As a file: a header with the summary, then the entries, all little-endian doubles, and a CRC. */
  encode(summary: SegmentSummary): Buffer {
    const numbers = new Float64Array(headerNumbers + this.#entries.length * 3);
    numbers.set([
      version,
      this.#interval,
      summary.size,
      summary.nextOffset,
      summary.maxTimestamp,
      summary.firstTimestamp,
      this.#entries.length,
    ]);
    this.#entries.forEach(({ baseOffset, position, maxTimestamp }, i) => {
      numbers.set([baseOffset, position, maxTimestamp], headerNumbers + i * 3);
    });
    const body = Buffer.from(numbers.buffer);
    const file = Buffer.allocUnsafe(body.length + 4);
    body.copy(file);
    file.writeUInt32LE(crc32(body), body.length);
    return file;
  }

  /** Undefined when the bytes are not a whole index. */
  static decode(file: Buffer): { index: SparseIndex; summary: SegmentSummary } | undefined {
    const length = file.length - 4;
    if (length < headerNumbers * 8 || length % 8 !== 0) return undefined;
    if (crc32(file.subarray(0, length)) !== file.readUInt32LE(length)) return undefined;
    const at = (i: number) => file.readDoubleLE(i * 8);
    const count = at(6);
    if (at(0) !== version || length !== (headerNumbers + count * 3) * 8) return undefined;
    const index = new SparseIndex(at(1));
    for (let i = 0; i < count; i++) {
      const first = headerNumbers + i * 3;
      index.add(at(first), at(first + 1), at(first + 2));
    }
    return {
      index,
      summary: {
        size: at(2),
        nextOffset: at(3),
        maxTimestamp: at(4),
        firstTimestamp: at(5),
      },
    };
  }
}

const version = 1;
/** A large segment has its entries further apart, so that the index of 1 GiB takes about 1 MiB. */
const entriesBeforeSparser = 4096;
const headerNumbers = 7;

/** Index of the first element for which `holds` is true, when it stays true from there on; the length when there is none. */
export function firstIndex<T>(sorted: readonly T[], holds: (element: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = sorted[middle];
    if (element !== undefined && holds(element)) high = middle;
    else low = middle + 1;
  }
  return low;
}
