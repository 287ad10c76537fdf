// The end of a log in memory, for the readers that follow its writers: what they want was written a moment ago. It holds copies
// of its own, since a slice of a request would keep the whole request alive.
import { cutBatches } from './cut.ts';

/** Of every partition; a consumer that is further behind reads the file. */
const maxBytes = 256 * 1024;

interface Run {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly bytes: Buffer;
}

/** Runs of batches without a gap between them; the last one ends at the high watermark. */
export class RecentBatches {
  #runs: Run[] = [];
  #bytes = 0;

  /** Takes the batches of a write; `bytes` must not belong to anybody else. */
  push(baseOffset: number, nextOffset: number, bytes: Buffer): void {
    if (this.#runs.at(-1)?.nextOffset !== baseOffset) this.clear();
    this.#runs.push({ baseOffset, nextOffset, bytes });
    this.#bytes += bytes.length;
    while (this.#bytes > maxBytes) {
      const oldest = this.#runs.shift();
      if (oldest === undefined) break;
      this.#bytes -= oldest.bytes.length;
    }
  }

  clear(): void {
    this.#runs = [];
    this.#bytes = 0;
  }

  /** As {@link Segment.read}; undefined when the offset is not in memory. */
  read(offset: number, limitOffset: number, maxBytes: number): Buffer[] | undefined {
    const first = this.#runs.findIndex((run) => offset >= run.baseOffset && offset < run.nextOffset);
    if (first === -1) return undefined;
    const found: Buffer[] = [];
    let left = maxBytes;
    for (let i = first; i < this.#runs.length && (left > 0 || found.length === 0); i++) {
      const run = this.#runs[i];
      if (run === undefined || run.baseOffset >= limitOffset) break;
      const { start, end } = cutBatches(run.bytes, offset, limitOffset, left);
      if (end === start || (found.length > 0 && end - start > left)) break;
      found.push(run.bytes.subarray(start, end));
      left -= end - start;
      if (end < run.bytes.length) break;
    }
    return found;
  }
}
