// Opens a partition's files after any end of the process that wrote them: what lies behind the checkpoint is checked batch by
// batch, a torn tail is cut off, an index that is missing is made again. Without a checkpoint everything is read.
//
// Only the last segment can be torn: a segment is complete on the disk before the next one is made. A damaged batch further up is
// the disk's doing; what follows it in its segment cannot be read any more, the segments after it can.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isIntact } from '../records/batch.ts';
import { readCheckpoint, type Checkpoint, type CompactionPass } from './checkpoint.ts';
import { truncateFile } from './files.ts';
import { emptyState, noteBatch, type LogState } from './log-state.ts';
import { Segment } from './segment.ts';

/** An opened log. */
export interface Recovered {
  /** At least one; the last one is appended to. */
  readonly segments: Segment[];
  readonly state: LogState;
  readonly logStartOffset: number;
  readonly compaction: readonly CompactionPass[];
  /** What was amiss, in words; empty after a clean stop. */
  readonly repairs: readonly string[];
  /**
   * The checkpoint or the last index is of another state than this. Both must be written before the next append: when the log has
   * grown over what was cut off, nothing would tell any more that they are of something else.
   */
  readonly needsCheckpoint: boolean;
}

/**
 * Reads what is in a partition's directory.
 *
 * @param syncedOffset what is at this offset or beyond was never promised to anybody and goes: after a failed write it may look
 *   whole in the page cache and yet not be on the disk. Infinity when the process has only begun.
 */
export async function recover(
  directory: string,
  indexInterval: number,
  now: number,
  syncedOffset = Infinity,
): Promise<Recovered> {
  const repairs: string[] = [];
  const segments = await listSegments(directory, indexInterval);
  if (segments.length === 0) {
    const first = new Segment(directory, 0, indexInterval);
    await first.create();
    segments.push(first);
  }
  const checkpoint = await usableCheckpoint(directory, segments);
  const state = emptyState();
  if (checkpoint?.whole === true) {
    state.producers.restore(checkpoint.producers);
    state.transactions.restore(checkpoint.transactions);
  }
  const opened: Segment[] = [];
  let isIndexRight = true;
  for (const [i, segment] of segments.entries()) {
    const before = opened.at(-1);
    if (before !== undefined && segment.baseOffset < before.nextOffset) {
      // Compaction has merged it into the one before, and was ended before it could remove it.
      await segment.remove();
      continue;
    }
    const stateFrom = checkpoint?.whole === true ? positionIn(segment, checkpoint) : 0;
    const isLast = i === segments.length - 1;
    isIndexRight = await openSegment(segment, stateFrom, isLast, { state, now, syncedOffset, repairs });
    opened.push(segment);
  }
  const oldest = opened[0]?.baseOffset ?? 0;
  const logStartOffset = Math.max(checkpoint?.logStartOffset ?? 0, oldest);
  const last = opened.at(-1);
  if (last !== undefined && last.nextOffset < logStartOffset) {
    // The tail that was lost reached below the start of the log: nothing is left, and the offsets must not begin again.
    const next = new Segment(directory, logStartOffset, indexInterval);
    await next.create();
    for (const segment of opened.splice(0)) await segment.remove();
    opened.push(next);
    isIndexRight = false;
  }
  state.transactions.forgetBefore(logStartOffset);
  const isCheckpointRight =
    checkpoint === undefined
      ? last?.nextOffset === 0
      : checkpoint.whole && checkpoint.segment === last?.baseOffset && checkpoint.position === last.size;
  return {
    segments: opened,
    state,
    logStartOffset,
    compaction: checkpoint?.compaction ?? [],
    repairs,
    needsCheckpoint: !isIndexRight || !isCheckpointRight,
  };
}

async function listSegments(directory: string, indexInterval: number): Promise<Segment[]> {
  const names = await readdir(directory);
  const bases: number[] = [];
  for (const name of names) {
    if (/^\d{20}\.log$/.test(name)) bases.push(Number(name.slice(0, 20)));
    else if (/\.(tmp|cleaned)$/.test(name)) await rm(join(directory, name), { force: true });
  }
  return bases.sort((a, b) => a - b).map((base) => new Segment(directory, base, indexInterval, true));
}

/** `whole`: the files still have everything that the checkpoint builds on. */
async function usableCheckpoint(
  directory: string,
  segments: readonly Segment[],
): Promise<(Checkpoint & { readonly whole: boolean }) | undefined> {
  const checkpoint = await readCheckpoint(directory);
  if (checkpoint === undefined) return undefined;
  const segment = segments.find(({ baseOffset }) => baseOffset === checkpoint.segment);
  const size = segment === undefined ? -1 : (await stat(segment.path)).size;
  return { ...checkpoint, whole: size >= checkpoint.position };
}

/** Where in a segment the batches begin that the checkpoint does not know. */
function positionIn({ baseOffset }: Segment, checkpoint: Checkpoint): number {
  if (baseOffset === checkpoint.segment) return checkpoint.position;
  return baseOffset < checkpoint.segment ? Infinity : 0;
}

interface Opening {
  readonly state: LogState;
  readonly now: number;
  readonly syncedOffset: number;
  readonly repairs: string[];
}

/** Gives whether the index beside the segment is of all that is in it. */
async function openSegment(
  segment: Segment,
  stateFrom: number,
  isLast: boolean,
  opening: Opening,
): Promise<boolean> {
  const { size: fileSize } = await stat(segment.path);
  const index = await segment.loadIndex(fileSize);
  const indexedSize = segment.size;
  const from = Math.min(indexedSize, stateFrom);
  const end = from >= fileSize ? fileSize : await readSegment(segment, from, stateFrom, fileSize, opening);
  if (end < indexedSize) {
    segment.reset();
    await readSegment(segment, 0, Infinity, end, opening);
  }
  if (end < fileSize) {
    const torn = `${String(fileSize - end)} bytes after offset ${String(segment.nextOffset)} of ${segment.path}`;
    opening.repairs.push(isLast ? `cut off ${torn}` : `cannot read ${torn}`);
    if (isLast) await truncateFile(segment.path, end);
  }
  const isRight = indexedSize === end && (index === 'loaded' || (index === 'missing' && end === 0));
  if (!isRight && !isLast) await segment.writeIndex();
  return isRight;
}

/** Reads the batches of a segment into its index and the state; gives where the whole ones end. */
async function readSegment(
  segment: Segment,
  from: number,
  stateFrom: number,
  fileSize: number,
  { state, now, syncedOffset }: Opening,
): Promise<number> {
  let expected = segment.baseOffset;
  return await segment.scan(
    from,
    (header, bytes, position) => {
      const { baseOffset, lastOffsetDelta } = header;
      if (baseOffset < expected || baseOffset + lastOffsetDelta >= syncedOffset || !isIntact(bytes, header))
        return false;
      expected = baseOffset + lastOffsetDelta + 1;
      if (position >= segment.size) segment.add(header);
      if (position >= stateFrom)
        noteBatch(state, header, bytes, Math.min(now, Math.max(0, header.maxTimestamp)));
      return true;
    },
    fileSize,
  );
}
