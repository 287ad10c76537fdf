import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCompactedStore } from './compacted-store.ts';
import { PartitionLog } from './partition-log.ts';
import { batchOf, mustAppend, readAll, removeDirectory, temporaryDirectory, testConfig } from './testing.ts';

const config = {
  ...testConfig,
  deletes: false,
  compacts: true,
  minCleanableDirtyRatio: 0,
  segmentBytes: 400,
};
let directory = '';
let now = 1_000_000;
let log: PartitionLog;

const open = async () => {
  log = await PartitionLog.open({ directory, config, now: () => now });
};
const restart = async () => {
  await log.close();
  await open();
};
const append = async (...entries: string[]) => {
  await mustAppend(log, batchOf(entries)).synced;
};
/** So that everything before is in a segment that is not written to any more. */
const fill = async () => {
  await append(`filler=${'x'.repeat(400)}`);
};
const table = async () =>
  Object.fromEntries(
    (await readAll(log)).filter(({ key }) => key !== 'filler').map(({ key, value }) => [key, value]),
  );

beforeEach(async () => {
  now = 1_000_000;
  directory = await temporaryDirectory();
  await open();
});

afterEach(async () => {
  await log.close();
  await removeDirectory(directory);
});

describe('compaction', () => {
  it('keeps the last record of every key, with its offset', async () => {
    await append('a=1', 'b=1');
    await append('a=2');
    await append('b=2', 'c=1');
    await fill();
    await log.maintain();
    const kept = (await readAll(log)).filter(({ key }) => key !== 'filler');
    expect(kept).toEqual([
      { offset: 2, key: 'a', value: '2' },
      { offset: 3, key: 'b', value: '2' },
      { offset: 4, key: 'c', value: '1' },
    ]);
    expect((await log.read({ offset: 0, maxBytes: 1, isolation: 'readUncommitted' })).errorCode).toBe(0);
  });

  it('keeps a tombstone for delete.retention.ms and drops it with the pass after', async () => {
    await append('a=1', 'b=1');
    await append('a');
    await fill();
    await log.maintain();
    expect(await table()).toEqual({ a: null, b: '1' });
    now += config.deleteRetentionMs + 1;
    await append('c=1');
    await fill();
    await fill();
    await restart();
    await log.maintain();
    expect(await table()).toEqual({ b: '1', c: '1' });
  });

  it('drops what was aborted, and lets what was replaced by it live', async () => {
    await append('a=1');
    const inTransaction = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    await mustAppend(log, batchOf(['a=2'], inTransaction)).synced;
    await fill();
    await log.maintain();
    expect((await readAll(log)).map(({ value }) => value?.slice(0, 1))).toEqual(['1', '2', 'x']);
    await log.appendMarker('abort', 7, 0, 0);
    await fill();
    await log.maintain();
    expect(await table()).toEqual({ a: '1' });
  });

  it('makes small neighbours one segment', async () => {
    for (let i = 0; i < 60; i++) await append(`a=${'x'.repeat(100)}`);
    const segments = async () => (await readdir(directory)).filter((name) => name.endsWith('.log')).length;
    const before = await segments();
    await log.maintain();
    await append('b=1');
    await fill();
    await fill();
    await log.maintain();
    expect(before).toBeGreaterThan(10);
    expect(await segments()).toBeLessThan(6);
    await restart();
    expect(Object.keys(await table())).toEqual(['a', 'b']);
  });

  it('lets readers that have begun go on', async () => {
    for (let i = 0; i < 200; i++) await append(`k${String(i % 3)}=${'x'.repeat(60)}`);
    const reading = readAll(log, 'readUncommitted', 0, 100);
    await log.maintain();
    const found = await reading;
    expect(found.at(-1)?.offset).toBe(199);
  });

  it('leaves the table as it is, whatever was appended, through restarts', { timeout: 30_000 }, async () => {
    const write = fc.record({
      key: fc.nat(6),
      value: fc.option(fc.nat(9), { nil: undefined }),
      filler: fc.nat(100),
      then: fc.constantFrom('nothing', 'nothing', 'nothing', 'compact', 'restart', 'wait'),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 40 }), async (writes) => {
        const own = join(directory, `run-${String(run++)}`);
        await mkdir(own);
        const openOwn = () => PartitionLog.open({ directory: own, config, now: () => now });
        let mine = await openOwn();
        const expected = new Map<string, string>();
        for (const { key, value, filler, then } of writes) {
          const text = value === undefined ? undefined : `${String(value)}${'x'.repeat(filler)}`;
          await mustAppend(
            mine,
            batchOf([text === undefined ? `k${String(key)}` : `k${String(key)}=${text}`]),
          ).synced;
          if (text === undefined) expected.delete(`k${String(key)}`);
          else expected.set(`k${String(key)}`, text);
          if (then === 'compact') await mine.maintain();
          if (then === 'wait') now += config.deleteRetentionMs;
          if (then === 'restart') {
            await mine.close();
            mine = await openOwn();
          }
        }
        await mine.maintain();
        const found = new Map<string, string>();
        for (const { key, value } of await readAll(mine)) {
          if (value === null) found.delete(key);
          else found.set(key, value);
        }
        await mine.close();
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

it('a compacted store gives back what was stored, after compaction too', async () => {
  const store = await openCompactedStore({ openInternal: () => Promise.resolve(log) }, 'store');
  for (let i = 0; i < 300; i++) {
    await store.append([
      { key: Buffer.from(`k${String(i % 5)}`), value: Buffer.from(String(i)) },
      { key: Buffer.from('gone'), value: i === 299 ? null : Buffer.from('here') },
    ]);
  }
  const size = async () => {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.log'));
    const sizes = await Promise.all(names.map((name) => stat(join(directory, name))));
    return sizes.reduce((sum, { size }) => sum + size, 0);
  };
  const before = await size();
  await log.maintain();
  expect(await size()).toBeLessThan(before / 5);
  const loaded = new Map<string, string | undefined>();
  await store.load((key, value) => loaded.set(key.toString(), value?.toString()));
  expect(loaded).toEqual(
    new Map([
      ['k0', '295'],
      ['k1', '296'],
      ['k2', '297'],
      ['k3', '298'],
      ['k4', '299'],
      ['gone', undefined],
    ]),
  );
});
