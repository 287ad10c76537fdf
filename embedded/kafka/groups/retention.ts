// Which committed offsets are out of date (KIP-211): those of a group that has had no members for offsets.retention, and in a group
// that lives those of topics that nobody reads any more.
import type { Group } from './group.ts';
import type { Offsets } from './offsets.ts';
import type { OffsetKey } from './records.ts';
import { isSubscribed } from './subscription.ts';

/** offsets.retention.minutes: seven days. */
export const offsetsRetentionMs = 7 * 24 * 60 * 60 * 1000;

/** offsets.retention.check.interval.ms */
export const retentionCheckMs = 10 * 60 * 1000;

/** The offsets of a group that are to be deleted. */
export function expiredOffsets(group: Group, offsets: Offsets, now: number): OffsetKey[] {
  const before = now - offsetsRetentionMs;
  return [...offsets.ofGroup(group.groupId)]
    .filter(({ key, committed }) => {
      if (offsets.isHeld(key)) return false;
      return since(group, key.topic, committed.commitTimestamp) <= before;
    })
    .map(({ key }) => key);
}

/** Since when an offset has been of no use; Infinity while it is. */
function since(group: Group, topic: string, commitTimestamp: number): number {
  // Of somebody who uses a group's name for offsets only.
  if (group.protocolType === null) return commitTimestamp;
  if (group.state === 'Empty') return Math.max(group.stateSince, commitTimestamp);
  const inUse = group.state !== 'Stable' || group.protocolType !== 'consumer' || isSubscribed(group, topic);
  return inUse ? Infinity : commitTimestamp;
}
