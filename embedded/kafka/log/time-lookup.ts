// Finds records by time. The index says in which part of which segment to look; a batch that this broker cannot unpack answers with
// its first offset, which is early by less than the batch.
import type { BatchHeader } from '../records/batch.ts';
import type { Segment } from './segment.ts';
import { unpack } from './unpack.ts';

export interface FoundRecord {
  readonly offset: number;
  /** ms */
  readonly timestamp: number;
}

/** The part of a log that is looked at: offsets [from, to). */
interface Range {
  readonly segments: readonly Segment[];
  readonly from: number;
  readonly to: number;
  /** Bytes of a segment that may be read. */
  readonly readable: (segment: Segment) => number;
}

/** The first record whose time is `timestamp` or later. */
export async function findByTime(range: Range, timestamp: number): Promise<FoundRecord | undefined> {
  let found: FoundRecord | undefined;
  for (const segment of range.segments) {
    if (segment.maxTimestamp < timestamp) continue;
    await segment.scan(
      segment.positionOfTime(timestamp),
      (header, bytes) => {
        if (header.baseOffset >= range.to) return false;
        if (header.maxTimestamp >= timestamp && header.baseOffset + header.lastOffsetDelta >= range.from) {
          found = inBatch(bytes, header, (each) => each.timestamp >= timestamp && each.offset >= range.from);
        }
        return found === undefined;
      },
      range.readable(segment),
    );
    if (found !== undefined) break;
  }
  return found;
}

/** The record with the greatest time; the first of them. */
export async function findLatest(range: Range): Promise<FoundRecord | undefined> {
  let latest: { readonly timestamp: number } | undefined;
  for (const segment of range.segments) {
    if (segment.size > 0 && segment.maxTimestamp > (latest?.timestamp ?? -1)) {
      latest = { timestamp: segment.maxTimestamp };
    }
  }
  if (latest === undefined) return undefined;
  const found = await findByTime(range, latest.timestamp);
  if (found !== undefined) return found;
  // It is in the part that may not be read yet: the latest of what may.
  let best: FoundRecord | undefined;
  for (const segment of range.segments) {
    await segment.scan(
      0,
      (header) => {
        if (header.baseOffset >= range.to) return false;
        if (header.maxTimestamp > (best?.timestamp ?? -1)) {
          best = { offset: header.baseOffset, timestamp: header.maxTimestamp };
        }
        return true;
      },
      range.readable(segment),
    );
  }
  return best === undefined ? undefined : await findByTime(range, best.timestamp);
}

function inBatch(
  bytes: Buffer,
  header: BatchHeader,
  wanted: (record: FoundRecord) => boolean,
): FoundRecord | undefined {
  const all = unpack(bytes, header);
  if (all === undefined) return { offset: header.baseOffset, timestamp: header.maxTimestamp };
  const found = all.find(wanted);
  return found === undefined ? undefined : { offset: found.offset, timestamp: found.timestamp };
}
