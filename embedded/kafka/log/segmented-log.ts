// The bytes of a partition's log: its segments, the way to the disk, and reading from the file or from memory. What the batches
// mean is partition-log.ts's. Only what is on the disk is below the high watermark, so that no reader sees what a power cut
// could take back.
import type { BatchHeader } from '../records/batch.ts';
import { readInt64 } from '../records/header.ts';
import { GroupCommit, type QueuedWrite } from './group-commit.ts';
import type { LogConfig } from './log-config.ts';
import { RecentBatches } from './recent-batches.ts';
import { Segment, SegmentRetired } from './segment.ts';

/** Where in which segment. */
interface Place {
  readonly segment: Segment;
  readonly position: number;
}

type Rolling = Pick<LogConfig, 'segmentBytes' | 'segmentMs' | 'indexIntervalBytes'>;

/** A write as small as this is copied: into one piece, and for the readers that wait for it. */
const copiedBytes = 128 * 1024;

/** How often a read begins again because compaction or deletion took its segment away. */
const readAttempts = 3;

/** The segments of one log; never empty. */
export class SegmentedLog {
  readonly #directory: string;
  readonly #progress: () => void;
  #segments: readonly Segment[];
  /** Up to where the file of which segment is below the high watermark. */
  #readable: Place;
  #highWatermark: number;
  #commit: GroupCommit<Place>;
  readonly #recent = new RecentBatches();

  /** `progress` is called whenever the high watermark has moved. */
  constructor(directory: string, segments: readonly Segment[], progress: () => void) {
    this.#directory = directory;
    this.#progress = progress;
    this.#segments = segments;
    const { active } = this;
    this.#readable = { segment: active, position: active.size };
    this.#highWatermark = active.nextOffset;
    this.#commit = this.#newCommit();
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment that is appended to. */
  get active(): Segment {
    const active = this.#segments.at(-1);
    if (active === undefined) throw new Error(`the log ${this.#directory} has no segment`);
    return active;
  }

  /** One past the last offset that is on the disk. */
  get highWatermark(): number {
    return this.#highWatermark;
  }

  get unsyncedBytes(): number {
    return this.#commit.queuedBytes;
  }

  /** Why nothing can be appended; until {@link reset}. */
  get failure(): Error | undefined {
    return this.#commit.failure;
  }

  /** Resolves when everything below `offset` is on the disk. */
  synced(offset: number): Promise<void> {
    return this.#commit.synced(offset);
  }

  /** Whether a batch belongs into a new segment: {@link roll}. Ages are those of the records, as in Kafka. */
  isFull({ sizeInBytes, maxTimestamp }: BatchHeader, { segmentBytes, segmentMs }: Rolling): boolean {
    const { size, firstTimestamp } = this.active;
    return size > 0 && (size + sizeInBytes > segmentBytes || maxTimestamp - firstTimestamp > segmentMs);
  }

  /** What is appended from now on goes to a new segment, whose file is made before its first write. */
  roll({ indexIntervalBytes }: Rolling): void {
    this.#segments = [
      ...this.#segments,
      new Segment(this.#directory, this.active.nextOffset, indexIntervalBytes),
    ];
  }

  /** Appends a batch that has its offset. The promise resolves when it is on the disk; nobody needs to listen to it. */
  append(header: BatchHeader, bytes: Buffer): Promise<void> {
    const segment = this.active;
    const place = { segment, position: segment.size };
    segment.add(header);
    return this.#commit.push({ place, bytes, nextOffset: segment.nextOffset });
  }

  /** As {@link Segment.read}, over all segments. The offset is not below the log's start. */
  async read(offset: number, limit: number, maxBytes: number): Promise<Buffer[]> {
    const recent = this.#recent.read(offset, limit, maxBytes);
    if (recent !== undefined) return recent;
    return await this.stable(async () => {
      let first = this.#segments.length - 1;
      while (first > 0 && (this.#segments[first]?.baseOffset ?? 0) > offset) first--;
      // Compaction leaves gaps: the next batch may be in a later segment.
      for (const segment of this.#segments.slice(first)) {
        const records = await segment.read(offset, limit, maxBytes, this.readableBytes(segment));
        if (records.length > 0) return [records];
      }
      return [];
    });
  }

  /** Does what reads segments; again, if they were replaced meanwhile. */
  async stable<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#segments;
      try {
        return await action();
      } catch (error) {
        const replaced = error instanceof SegmentRetired || before.some(({ isRetired }) => isRetired);
        if (!replaced || attempt >= readAttempts) throw error;
      }
    }
  }

  /** Bytes of a segment's file that are below the high watermark. */
  readableBytes(segment: Segment): number {
    const { segment: last, position } = this.#readable;
    if (segment === last) return position;
    return segment.baseOffset < last.baseOffset ? segment.size : 0;
  }

  /** Puts a segment in the place of neighbours. The caller removes these. */
  replace(old: readonly Segment[], replacement: Segment): void {
    const [first] = old;
    if (first === undefined) return;
    this.#segments = this.#segments.toSpliced(this.#segments.indexOf(first), old.length, replacement);
    this.#recent.clear();
  }

  /** Removes segments, not the last one. */
  async remove(doomed: readonly Segment[]): Promise<void> {
    this.#segments = this.#segments.filter((segment) => !doomed.includes(segment));
    for (const segment of doomed) await segment.remove();
  }

  /** Begins again with the segments as they were recovered, after a write had failed. */
  reset(segments: readonly Segment[]): void {
    this.retire();
    this.#segments = segments;
    this.#readable = { segment: this.active, position: this.active.size };
    this.#highWatermark = this.active.nextOffset;
    this.#commit = this.#newCommit();
  }

  /** Closes the files when their readers are done. */
  retire(): void {
    for (const segment of this.#segments) segment.retire();
    this.#recent.clear();
  }

  #newCommit(): GroupCommit<Place> {
    return new GroupCommit<Place>(async (group, nextOffset) => {
      for (let from = 0; from < group.length;) {
        const place = group[from]?.place;
        if (place === undefined) break;
        let to = from + 1;
        while (group[to]?.place.segment === place.segment) to++;
        const size = await this.#write(group.slice(from, to), place);
        this.#readable = { segment: place.segment, position: place.position + size };
        from = to;
      }
      this.#highWatermark = nextOffset;
      this.#progress();
    });
  }

  async #write(run: readonly QueuedWrite<Place>[], { segment, position }: Place): Promise<number> {
    if (position === 0) await this.#begin(segment);
    const pieces = run.map(({ bytes }) => bytes);
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    if (size > copiedBytes) {
      await segment.write(pieces, position);
      return size;
    }
    const copy = Buffer.concat(pieces, size);
    await segment.write([copy], position);
    this.#recent.push(readInt64(copy, 0), run.at(-1)?.nextOffset ?? 0, copy);
    return size;
  }

  /** Makes a segment's file; the one before is complete now, and its index goes beside it. */
  async #begin(segment: Segment): Promise<void> {
    await segment.create();
    await this.#segments[this.#segments.indexOf(segment) - 1]?.writeIndex();
  }
}
