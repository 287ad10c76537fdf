// What coordinators keep their state in. The log's CompactedStore is one: a compacted topic of one partition.
import type { Entry } from './records.ts';

export interface CoordinatorStore {
  /** Gives every entry in the order in which they were appended, perhaps without those that a later one replaces. */
  load(each: (key: Buffer, value: Buffer | null) => void): Promise<void>;
  /** All entries or none; resolved once they are on the disk. Appends become durable in the order of the calls. */
  append(entries: readonly Entry[]): Promise<void>;
}
