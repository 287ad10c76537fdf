// What the tests of the log build on: a folder of their own, settings, batches, and reading a whole log.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBatches } from '../records/batch.ts';
import { buildBatch, type NewBatch } from '../records/build.ts';
import { records } from '../records/records.ts';
import type { LogConfig } from './log-config.ts';
import type { PartitionLog } from './partition-log.ts';
import type { AppendResult, Isolation } from './log-results.ts';

/** Kafka's defaults, with small segments. */
export const testConfig: LogConfig = {
  segmentBytes: 1024 * 1024,
  segmentMs: 7 * 24 * 60 * 60 * 1000,
  retentionMs: -1,
  retentionBytes: -1,
  deletes: true,
  compacts: false,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Infinity,
  deleteRetentionMs: 24 * 60 * 60 * 1000,
  maxMessageBytes: 1_048_588,
  timestampType: 'createTime',
  timestampBeforeMaxMs: Infinity,
  timestampAfterMaxMs: Infinity,
  indexIntervalBytes: 256,
};

export const temporaryDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'partition-log-'));

export const removeDirectory = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/** A batch with records `key=value`; `key` alone is a tombstone. */
export const batchOf = (entries: readonly string[], rest: Partial<NewBatch> = {}): Buffer =>
  buildBatch({
    timestamp: 1000,
    ...rest,
    records: entries.map((entry) => {
      const [key = '', value] = entry.split('=');
      return { key: Buffer.from(key), value: value === undefined ? null : Buffer.from(value) };
    }),
  });

type Appended = Exclude<AppendResult, { readonly kind: 'refused' }>;

/** Appends, and gives what must be no refusal. */
export function mustAppend(log: PartitionLog, batch: Buffer): Appended {
  const result = log.append(batch);
  if (result.kind === 'refused') throw new Error(result.message);
  return result;
}

export interface ReadRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string | null;
}

/** All data records from `from` on, as a consumer of this isolation gets them, read in pieces of `maxBytes`. */
export async function readAll(
  log: PartitionLog,
  isolation: Isolation = 'readUncommitted',
  from: number = log.logStartOffset,
  maxBytes = 1000,
): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  for (let offset = from; ;) {
    const result = await log.read({ offset, maxBytes, isolation });
    const batches = result.records.flatMap((bytes) =>
      [...readBatches(bytes)].map((header) => ({ bytes, header })),
    );
    if (batches.length === 0) return found;
    const aborted = result.abortedTransactions ?? [];
    for (const { bytes, header } of batches) {
      const isSkipped =
        header.isControl ||
        (header.isTransactional &&
          aborted.some(
            ({ producerId, firstOffset, lastOffset }) =>
              producerId === header.producerId &&
              firstOffset <= header.baseOffset &&
              header.baseOffset <= lastOffset,
          ));
      for (const { offset: at, key, value } of isSkipped ? [] : records(bytes, header)) {
        if (at >= offset)
          found.push({ offset: at, key: key?.toString() ?? '', value: value?.toString() ?? null });
      }
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
  }
}
