// One file of a partition's log, `<20-digit base offset>.log`: record batches one after the other, exactly as readers get them.
// The last segment of a log grows; the others never change, and are replaced or removed whole. A segment stays open until its
// last reader is done, so that compaction and deletion need not wait for readers.
import { close } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { BatchHeader } from '../records/batch.ts';
import { cutBatches } from './cut.ts';
import { appendFlags, createFlags, openDescriptor, readFully, syncDirectory, writeSynced } from './files.ts';
import { scanBatches, type Visit } from './scan.ts';
import { SparseIndex, type SegmentSummary } from './sparse-index.ts';

const closeDescriptor = promisify(close);

/** Read beyond what was asked for, so that the batches before the wanted one, to the last index entry, cost no second read. */
const readAheadBytes = 16 * 1024;

/** A segment's file. */
export const segmentPath = (directory: string, baseOffset: number): string =>
  join(directory, `${String(baseOffset).padStart(20, '0')}.log`);

const indexPath = (segment: string): string => segment.replace(/\.log$/, '.index');

/** The segment was removed or replaced: the log has another for these offsets, or none. */
export class SegmentRetired extends Error {
  constructor(path: string) {
    super(`${path} is no longer part of the log`);
    this.name = 'SegmentRetired';
  }
}

/** One segment. */
export class Segment {
  readonly baseOffset: number;
  readonly path: string;
  /** Bytes appended, on the disk or on their way. */
  size = 0;
  /** One past the last offset appended. */
  nextOffset: number;
  maxTimestamp = -1;
  firstTimestamp = -1;
  #index: SparseIndex;
  readonly #indexInterval: number;
  #descriptor: Promise<number> | undefined;
  #created: Promise<void> | undefined;
  #users = 0;
  #retired = false;

  /** `exists`: its file is there; else {@link create} makes it. */
  constructor(directory: string, baseOffset: number, indexInterval: number, exists = false) {
    if (exists) this.#created = Promise.resolve();
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.path = segmentPath(directory, baseOffset);
    this.#indexInterval = indexInterval;
    this.#index = new SparseIndex(indexInterval);
  }

  /** A batch was put at the segment's end. */
  add(header: BatchHeader): void {
    const { baseOffset, lastOffsetDelta, maxTimestamp, sizeInBytes } = header;
    if (this.size === 0) this.firstTimestamp = maxTimestamp;
    this.maxTimestamp = Math.max(this.maxTimestamp, maxTimestamp);
    this.#index.add(baseOffset, this.size, this.maxTimestamp);
    this.size += sizeInBytes;
    this.nextOffset = baseOffset + lastOffsetDelta + 1;
  }

  /** Makes the file of a new segment, empty, its name on the disk. Once, however often it is asked for. */
  create(): Promise<void> {
    this.#created ??= this.#create();
    return this.#created;
  }

  async #create(): Promise<void> {
    this.#descriptor = openDescriptor(this.path, createFlags, 0o644);
    await this.#descriptor;
    await syncDirectory(dirname(this.path));
  }

  /** No longer part of the log: reading it may fail. */
  get isRetired(): boolean {
    return this.#retired;
  }

  /** Writes at `position`; on the disk when it resolves. */
  async write(data: readonly Buffer[], position: number): Promise<void> {
    await this.#use((fd) => writeSynced(fd, data, position));
  }

  /**
   * Whole batches from the one that holds `offset`, up to `limitOffset` and `maxBytes`, but at least one. Empty when there is none
   * below the limit. Reads nothing beyond `readable` bytes of the file.
   */
  async read(offset: number, limitOffset: number, maxBytes: number, readable: number): Promise<Buffer> {
    return await this.#use(async (fd) => {
      let position = this.#index.positionOf(offset);
      let wanted = maxBytes + readAheadBytes;
      while (position < readable) {
        const buffer = await readFully(fd, position, Math.min(wanted, readable - position));
        const { start, end, needed } = cutBatches(buffer, offset, limitOffset, maxBytes);
        if (end > start) return buffer.subarray(start, end);
        // Not in these bytes, or not whole: go on where they end, with as much as the batch needs.
        if (needed === 0 || (start === 0 && buffer.length === readable - position)) break;
        position += start;
        wanted = Math.max(maxBytes, needed);
      }
      return Buffer.alloc(0);
    });
  }

  /** Visits the batches from `position` on, up to `readable`; see {@link scanBatches}. */
  async scan(position: number, visit: Visit, readable: number = this.size): Promise<number> {
    return await this.#use((fd) => scanBatches(fd, position, readable, visit));
  }

  /** Forgets what is known of the content. */
  reset(): void {
    this.#index = new SparseIndex(this.#indexInterval);
    const nothing: SegmentSummary = {
      size: 0,
      nextOffset: this.baseOffset,
      maxTimestamp: -1,
      firstTimestamp: -1,
    };
    Object.assign(this, nothing);
  }

  /** Where to begin a {@link scan} for a time. */
  positionOfTime(timestamp: number): number {
    return this.#index.positionOfTime(timestamp);
  }

  /** The index as it is now, for {@link writeIndex}. */
  encodeIndex(): Buffer {
    const { size, nextOffset, maxTimestamp, firstTimestamp } = this;
    return this.#index.encode({ size, nextOffset, maxTimestamp, firstTimestamp });
  }

  /** Writes the index beside the segment, durably. After a crash on the way the CRC tells, and it is made again. */
  async writeIndex(index: Buffer = this.encodeIndex()): Promise<void> {
    await writeFile(indexPath(this.path), index, { flush: true });
  }

  /** Takes over the index file's content, unless it is missing, not whole, or says more than the segment has. */
  async loadIndex(fileSize: number): Promise<'loaded' | 'missing' | 'unusable'> {
    const file = await readFile(indexPath(this.path)).catch(() => undefined);
    if (file === undefined) return 'missing';
    const decoded = SparseIndex.decode(file);
    if (decoded === undefined || decoded.summary.size > fileSize) return 'unusable';
    this.#index = decoded.index;
    Object.assign(this, decoded.summary);
    return 'loaded';
  }

  /** Closes the file as soon as nobody reads it. */
  retire(): void {
    this.#retired = true;
    this.#closeIfUnused();
  }

  /** Removes the files; who reads now reads on. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await this.removeIndex();
    this.retire();
  }

  async removeIndex(): Promise<void> {
    await rm(indexPath(this.path), { force: true });
  }

  async #use<T>(action: (fd: number) => Promise<T>): Promise<T> {
    if (this.#retired) throw new SegmentRetired(this.path);
    this.#users++;
    try {
      this.#descriptor ??= openDescriptor(this.path, appendFlags);
      return await action(await this.#descriptor);
    } finally {
      this.#users--;
      this.#closeIfUnused();
    }
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#users > 0 || this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    descriptor.then(closeDescriptor).catch(() => undefined);
  }
}
