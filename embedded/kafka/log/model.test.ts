// The log against a list: whatever is appended, ended, cut off, deleted and restarted, readers get what the list says.
import { cp, mkdir, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PartitionLog } from './partition-log.ts';
import {
  batchOf,
  mustAppend,
  readAll,
  removeDirectory,
  temporaryDirectory,
  testConfig,
  type ReadRecord,
} from './testing.ts';

type Step =
  | {
      readonly kind: 'append';
      readonly producer: number;
      readonly keys: readonly number[];
      readonly filler: number;
    }
  | { readonly kind: 'end'; readonly producer: number; readonly how: 'commit' | 'abort' }
  | { readonly kind: 'stop' | 'kill' }
  | { readonly kind: 'tear'; readonly share: number }
  | { readonly kind: 'deleteBefore'; readonly share: number };

/** Producer 0 is not idempotent, 1 is, the others are transactional. */
const producers = 4;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      producer: fc.nat(producers - 1),
      keys: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
      filler: fc.nat(120),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      producer: fc.integer({ min: 2, max: producers - 1 }),
      how: fc.constantFrom('commit' as const, 'abort' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('stop' as const, 'kill' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('tear' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deleteBefore' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

interface ModelBatch {
  readonly producer: number;
  readonly baseOffset: number;
  readonly records: readonly ReadRecord[];
  readonly marker: 'commit' | 'abort' | undefined;
}

/** What readers of committed records get: everything before the first open transaction that was not aborted. */
function committed(batches: readonly ModelBatch[]): ReadRecord[] {
  const found: ReadRecord[] = [];
  for (const [i, { producer, records, marker }] of batches.entries()) {
    if (marker !== undefined) continue;
    if (producer >= 2) {
      const end = batches.slice(i).find((later) => later.producer === producer && later.marker !== undefined);
      if (end === undefined) break;
      if (end.marker === 'abort') continue;
    }
    found.push(...records);
  }
  return found;
}

let root = '';

beforeEach(async () => {
  root = await temporaryDirectory();
});

afterEach(async () => {
  await removeDirectory(root);
});

const config = { ...testConfig, segmentBytes: 700, indexIntervalBytes: 100 };

it('behaves as a list of batches', { timeout: 60_000 }, async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let directory = join(root, `run-${String(run++)}`);
      await mkdir(directory);
      let log = await PartitionLog.open({ directory, config });
      let batches: ModelBatch[] = [];
      let start = 0;
      const sequences = new Map<number, number>();

      const append = async ({ producer, keys, filler }: Extract<Step, { kind: 'append' }>) => {
        const entries = keys.map((key) => `${String(key)}=${'x'.repeat(filler)}`);
        const baseSequence = sequences.get(producer) ?? 0;
        const batch = () =>
          batchOf(
            entries,
            producer === 0
              ? {}
              : { producerId: producer, producerEpoch: 0, baseSequence, isTransactional: producer >= 2 },
          );
        const result = mustAppend(log, batch());
        const baseOffset = result.baseOffset;
        if (producer > 0) {
          expect(log.append(batch())).toMatchObject({ kind: 'duplicate', baseOffset });
          sequences.set(producer, baseSequence + keys.length);
        }
        const records = keys.map((key, i) => ({
          offset: baseOffset + i,
          key: String(key),
          value: 'x'.repeat(filler),
        }));
        batches.push({ producer, baseOffset, records, marker: undefined });
        await result.synced;
      };
      const tear = async (share: number) => {
        const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
        const last = join(directory, names.at(-1) ?? '');
        const base = Number(names.at(-1)?.slice(0, 20));
        const { size } = await stat(last);
        const left = Math.floor(size * share);
        await truncate(last, left);
        return { base, isShorter: left < size };
      };

      for (const each of steps) {
        switch (each.kind) {
          case 'append':
            await append(each);
            break;
          case 'end':
            batches.push({
              producer: each.producer,
              baseOffset: log.logEndOffset,
              records: [],
              marker: each.how,
            });
            await log.appendMarker(each.how, each.producer, 0, 0);
            break;
          case 'stop':
            await log.close();
            log = await PartitionLog.open({ directory, config });
            break;
          case 'kill':
          case 'tear': {
            const copy = join(root, `run-${String(run++)}`);
            // No checkpoint is half written while the folder is copied.
            await log.maintain();
            await cp(directory, copy, { recursive: true });
            await log.close();
            directory = copy;
            const torn = each.kind === 'tear' ? await tear(each.share) : undefined;
            log = await PartitionLog.open({ directory, config });
            if (torn?.isShorter === true) {
              const end = log.logEndOffset;
              expect(end).toBeGreaterThanOrEqual(Math.max(start, torn.base));
              batches = batches.filter(
                ({ baseOffset, records }) => baseOffset + Math.max(1, records.length) <= end,
              );
              for (const producer of [1, 2, 3]) {
                const known = log.activeProducers
                  .find(({ producerId }) => producerId === producer)
                  ?.recent.at(-1);
                if (known === undefined) sequences.delete(producer);
                else sequences.set(producer, known.lastSequence + 1);
              }
            }
            break;
          }
          case 'deleteBefore':
            start = Math.max(start, Math.floor(log.highWatermark * each.share));
            expect(await log.deleteRecords(start)).toBe(start);
            break;
        }
      }

      const from = (records: readonly ReadRecord[]) => records.filter(({ offset }) => offset >= start);
      expect(log.logStartOffset).toBe(start);
      expect(await readAll(log, 'readUncommitted')).toEqual(from(batches.flatMap(({ records }) => records)));
      expect(await readAll(log, 'readCommitted')).toEqual(from(committed(batches)));
      await log.close();
    }),
    { numRuns: Number(process.env.MODEL_RUNS ?? 150) },
  );
});
