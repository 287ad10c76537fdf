// A table of keys and values kept as a compacted topic of one partition, as Kafka's coordinators keep theirs. What is appended
// together is there together after a crash, or not at all: it is one record batch, which has one checksum.
import { buildBatch } from '../records/build.ts';
import { records } from '../records/records.ts';
import type { PartitionLog } from './partition-log.ts';

export interface StoredEntry {
  readonly key: Buffer;
  /** Null deletes the key. */
  readonly value: Buffer | null;
}

/** A durable table. */
export interface CompactedStore {
  /** Calls `each` with everything that was stored, oldest first: the last call for a key counts. */
  load(each: (key: Buffer, value: Buffer | null) => void): Promise<void>;
  /** Stores all entries or none; on the disk when it resolves. */
  append(entries: readonly StoredEntry[]): Promise<void>;
}

/** Where the store's topic comes from: the registry. */
interface InternalTopics {
  /** The log of an internal compacted topic of one partition, which is made when it is missing. */
  openInternal(name: string): Promise<PartitionLog>;
}

/** Opens the store of an internal topic: `__consumer_offsets`, `__transaction_state`. */
export async function openCompactedStore(topics: InternalTopics, name: string): Promise<CompactedStore> {
  const log = await topics.openInternal(name);
  return {
    load: (each) =>
      log.forEachBatch((header, bytes) => {
        if (header.isControl) return;
        for (const { key, value } of records(bytes, header)) if (key !== null) each(key, value);
      }),
    append: (entries) =>
      entries.length === 0
        ? Promise.resolve()
        : log.appendInternal(buildBatch({ records: entries, timestamp: Date.now() })),
  };
}
