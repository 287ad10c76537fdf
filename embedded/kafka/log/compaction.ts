// Compaction by key (`cleanup.policy=compact`): of the records with one key only the last stays. Offsets stay, too, so that a
// compacted log has gaps. It works on whole segments that are decided and no longer written to: it notes the last offset of
// every key in what came since the pass before, and writes all segments up to there anew without what those replace. Small
// neighbours become one. A crash at any moment leaves the old segment or the new (recovery.ts removes what was merged).
//
// Kept although Kafka would drop them one day: transaction markers, since a reader of an aborted transaction must meet its end; and
// batches with a compression that Node lacks (snappy, lz4), whole, whose keys then replace nothing.
import { open, rename } from 'node:fs/promises';
import type { BatchRecord } from '../records/records.ts';
import { filterBatch } from '../records/build.ts';
import { readHeader, type BatchHeader } from '../records/batch.ts';
import type { CompactionPass } from './checkpoint.ts';
import { syncDirectory } from './files.ts';
import type { LogConfig } from './log-config.ts';
import { Segment } from './segment.ts';
import type { AbortedTransaction } from './transactions.ts';
import { unpack } from './unpack.ts';

/** What a pass needs to know of a log. */
export interface Compaction {
  readonly directory: string;
  readonly segments: readonly Segment[];
  readonly config: LogConfig;
  /** ms */
  readonly now: number;
  readonly passes: readonly CompactionPass[];
  /** Only what is below is decided. */
  readonly below: number;
  readonly logStartOffset: number;
  readonly abortedBetween: (from: number, to: number) => readonly AbortedTransaction[];
  /** Puts a segment in the place of others, which are removed afterwards. */
  readonly replace: (old: readonly Segment[], replacement: Segment) => void;
}

/** Keys that one pass remembers; what is beyond waits for the next. */
const keysRemembered = 1_000_000;

const writtenAtOnce = 1024 * 1024;

/** Compacts if enough has come since the last pass; gives the passes with this one, or undefined when there was none. */
export async function compact(log: Compaction): Promise<readonly CompactionPass[] | undefined> {
  const cleanable = cleanableSegments(log);
  const firstDirty = log.passes.at(-1)?.upTo ?? 0;
  const dirty = cleanable.filter(({ nextOffset, size }) => size > 0 && nextOffset > firstDirty);
  if (dirty.length === 0 || !isWorthIt(log, cleanable, dirty)) return undefined;
  const lastOffsets = new Map<string, number>();
  let upTo = firstDirty;
  for (const segment of dirty) {
    if (lastOffsets.size >= keysRemembered) break;
    await noteKeys(log, segment, firstDirty, lastOffsets);
    upTo = segment.nextOffset;
  }
  const waiting = cleanable.filter(({ nextOffset }) => nextOffset <= upTo);
  while (waiting.length > 0) await rewrite(log, waiting, lastOffsets);
  return [...relevant(log), { upTo, at: log.now }];
}

function cleanableSegments({ segments, below, now, config }: Compaction): Segment[] {
  const cleanable: Segment[] = [];
  for (const segment of segments.slice(0, -1)) {
    const isFresh = config.minCompactionLagMs > 0 && now - segment.maxTimestamp < config.minCompactionLagMs;
    if (segment.nextOffset > below || isFresh) break;
    cleanable.push(segment);
  }
  return cleanable;
}

function isWorthIt(
  { config, now }: Compaction,
  cleanable: readonly Segment[],
  dirty: readonly Segment[],
): boolean {
  const bytes = (segments: readonly Segment[]) => segments.reduce((sum, { size }) => sum + size, 0);
  const waited = now - (dirty[0]?.firstTimestamp ?? now);
  return (
    bytes(dirty) / bytes(cleanable) >= config.minCleanableDirtyRatio || waited > config.maxCompactionLagMs
  );
}

const keyText = (key: Buffer): string => key.toString('latin1');

async function noteKeys(
  log: Compaction,
  segment: Segment,
  from: number,
  lastOffsets: Map<string, number>,
): Promise<void> {
  await segment.scan(0, (header, bytes) => {
    if (header.isControl || isAborted(log, header)) return true;
    for (const { key, offset } of unpack(bytes, header) ?? []) {
      if (key !== null && offset >= from) lastOffsets.set(keyText(key), offset);
    }
    return true;
  });
}

function isAborted({ abortedBetween }: Compaction, header: BatchHeader): boolean {
  if (!header.isTransactional || header.isControl) return false;
  const { baseOffset, producerId } = header;
  return abortedBetween(baseOffset, baseOffset + 1).some((each) => each.producerId === producerId);
}

/** Writes the first of the waiting segments anew, and with it those after it that then fit into the same one. */
async function rewrite(
  log: Compaction,
  waiting: Segment[],
  lastOffsets: ReadonlyMap<string, number>,
): Promise<void> {
  const [first] = waiting;
  if (first === undefined) return;
  const replacement = new Segment(log.directory, first.baseOffset, log.config.indexIntervalBytes, true);
  const path = `${first.path}.cleaned`;
  const file = await open(path, 'w');
  const merged: Segment[] = [];
  let pieces: Buffer[] = [];
  let written = 0;
  const flush = async () => {
    await file.writeFile(Buffer.concat(pieces));
    written = replacement.size;
    pieces = [];
  };
  try {
    for (;;) {
      const [segment] = waiting;
      const fits = replacement.size + (segment?.size ?? 0) <= log.config.segmentBytes;
      if (segment === undefined || !(fits || segment === first)) break;
      merged.push(segment);
      waiting.shift();
      await segment.scan(0, async (header, bytes) => {
        const kept = whatStays(log, header, bytes, lastOffsets);
        const keptHeader = kept === null ? undefined : readHeader(kept);
        if (kept !== null && keptHeader !== undefined) {
          pieces.push(kept);
          replacement.add(keptHeader);
        }
        if (replacement.size - written >= writtenAtOnce) await flush();
        return true;
      });
    }
    await flush();
    await file.datasync();
  } finally {
    await file.close();
  }
  // The old file stays open for its readers under the name that the new one takes.
  await first.removeIndex();
  await rename(path, first.path);
  await syncDirectory(log.directory);
  log.replace(merged, replacement);
  first.retire();
  for (const segment of merged.slice(1)) await segment.remove();
  await replacement.writeIndex();
}

/** The batch, part of it, or null. */
function whatStays(
  log: Compaction,
  header: BatchHeader,
  bytes: Buffer,
  lastOffsets: ReadonlyMap<string, number>,
): Buffer | null {
  if (isAborted(log, header)) return null;
  const whole = bytes.subarray(header.offsetInBuffer, header.offsetInBuffer + header.sizeInBytes);
  const all = header.isControl ? undefined : unpack(bytes, header);
  if (all === undefined) return whole;
  const stays = ({ key, value, offset }: BatchRecord): boolean => {
    if (key === null || offset < log.logStartOffset) return false;
    const last = lastOffsets.get(keyText(key));
    if (last !== undefined && last > offset) return false;
    return value !== null || !isForgotten(log, offset);
  };
  const count = all.filter(stays).length;
  if (count === header.recordCount) return whole;
  return count === 0 ? null : filterBatch(bytes, header, stays);
}

/** Whether a tombstone has been in the compacted part for `delete.retention.ms`: who reads from the start has seen it. */
function isForgotten({ passes, config, now }: Compaction, offset: number): boolean {
  const since = passes.find(({ upTo }) => upTo > offset)?.at;
  return since !== undefined && now - since > config.deleteRetentionMs;
}

/** Of the passes that are longer ago than tombstones are kept, the last says it all. */
function relevant({ passes, config, now }: Compaction): CompactionPass[] {
  const old = passes.filter(({ at }) => now - at > config.deleteRetentionMs);
  return [...old.slice(-1), ...passes.slice(old.length)];
}
