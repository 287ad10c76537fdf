// Which segments a topic with `cleanup.policy=delete` keeps no longer.
import type { LogConfig } from './log-config.ts';
import type { Segment } from './segment.ts';

/** The oldest segments that are past `retention.ms` or beyond `retention.bytes`; perhaps all of them. `now` in ms. */
export function expired(
  segments: readonly Segment[],
  { retentionMs, retentionBytes }: Pick<LogConfig, 'retentionMs' | 'retentionBytes'>,
  now: number,
): Segment[] {
  const doomed: Segment[] = [];
  let size = segments.reduce((sum, segment) => sum + segment.size, 0);
  for (const segment of segments) {
    const isLast = segment === segments.at(-1);
    if (isLast && segment.size === 0) break;
    const tooOld = retentionMs >= 0 && segment.maxTimestamp >= 0 && now - segment.maxTimestamp > retentionMs;
    const tooMuch = retentionBytes >= 0 && size - segment.size >= retentionBytes;
    if (!tooOld && !tooMuch && segment.size > 0) break;
    doomed.push(segment);
    size -= segment.size;
  }
  return doomed;
}
