import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import type { LogConfig } from './log-config.ts';
import { PartitionLog } from './partition-log.ts';
import { batchOf, mustAppend, readAll, removeDirectory, temporaryDirectory, testConfig } from './testing.ts';

let directory = '';
let log: PartitionLog;
let now = 1_000_000;

const open = async (config: Partial<LogConfig> = {}): Promise<PartitionLog> => {
  log = await PartitionLog.open({ directory, config: { ...testConfig, ...config }, now: () => now });
  return log;
};
const reopen = async (config: Partial<LogConfig> = {}): Promise<PartitionLog> => {
  await log.close();
  return await open(config);
};
const append = async (entries: readonly string[], rest: Parameters<typeof batchOf>[1] = {}) => {
  const result = log.append(batchOf(entries, rest));
  if (result.kind !== 'refused') await result.synced;
  return result;
};
const keys = async (
  ...args: Partial<Parameters<typeof readAll>> extends [unknown?, ...infer Rest] ? Rest : never
) => (await readAll(log, ...args)).map(({ key }) => key);

beforeEach(async () => {
  now = 1_000_000;
  directory = await temporaryDirectory();
  await open();
});

afterEach(async () => {
  await log.close();
  await removeDirectory(directory);
});

describe('appends and reads', () => {
  it('gives offsets in order, and the records back as they came', async () => {
    expect(mustAppend(log, batchOf(['a=1', 'b=2']))).toMatchObject({ baseOffset: 0, lastOffset: 1 });
    await append(['c=3']);
    expect(await readAll(log)).toEqual([
      { offset: 0, key: 'a', value: '1' },
      { offset: 1, key: 'b', value: '2' },
      { offset: 2, key: 'c', value: '3' },
    ]);
  });

  it('shows readers nothing that is not on the disk yet', async () => {
    const { synced } = mustAppend(log, batchOf(['a=1']));
    expect({ end: log.logEndOffset, high: log.highWatermark }).toEqual({ end: 1, high: 0 });
    expect(await keys()).toEqual([]);
    await synced;
    expect(log.highWatermark).toBe(1);
    expect(await keys()).toEqual(['a']);
  });

  it('tells who waits for progress, until they stop listening', async () => {
    let told = 0;
    const stop = log.onProgress(() => told++);
    await append(['a=1']);
    expect(told).toBe(1);
    stop();
    await append(['b=1']);
    expect(told).toBe(1);
  });

  it('gives one batch at least, however large, and whole batches only', async () => {
    await append([`a=${'x'.repeat(5000)}`]);
    await append(['b=1']);
    const { records } = await log.read({ offset: 0, maxBytes: 10, isolation: 'readUncommitted' });
    expect(Buffer.concat(records).length).toBeGreaterThan(5000);
    expect(await keys('readUncommitted', 0, 1)).toEqual(['a', 'b']);
  });

  it('reads from the middle of a batch by giving the whole batch', async () => {
    await append(['a=1', 'b=2', 'c=3']);
    expect(await keys('readUncommitted', 2)).toEqual(['c']);
  });

  it('answers an offset beyond its ends with OFFSET_OUT_OF_RANGE', async () => {
    await append(['a=1']);
    const at = async (offset: number) =>
      (await log.read({ offset, maxBytes: 1, isolation: 'readUncommitted' })).errorCode;
    expect([await at(-1), await at(1), await at(2)]).toEqual([
      errorCodes.OFFSET_OUT_OF_RANGE,
      errorCodes.NONE,
      errorCodes.OFFSET_OUT_OF_RANGE,
    ]);
  });

  it('refuses what is damaged, too large, too new, or more than one batch', async () => {
    const code = (batch: Buffer) => {
      const result = log.append(batch);
      return result.kind === 'refused' ? result.code : undefined;
    };
    const damaged = batchOf(['a=1']);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    expect(code(damaged)).toBe(errorCodes.CORRUPT_MESSAGE);
    expect(code(Buffer.concat([batchOf(['a=1']), batchOf(['b=1'])]))).toBe(errorCodes.INVALID_RECORD);
    expect(code(Buffer.alloc(3))).toBe(errorCodes.CORRUPT_MESSAGE);
    await reopen({ maxMessageBytes: 100, timestampAfterMaxMs: 1000 });
    expect(code(batchOf([`a=${'x'.repeat(100)}`]))).toBe(errorCodes.MESSAGE_TOO_LARGE);
    expect(code(batchOf(['a=1'], { timestamp: now + 1001 }))).toBe(errorCodes.INVALID_TIMESTAMP);
    expect(log.logEndOffset).toBe(0);
  });

  it('stamps the time of the append when the topic wants it', async () => {
    await reopen({ timestampType: 'logAppendTime' });
    expect(await append(['a=1'])).toMatchObject({ logAppendTime: now });
    expect(await log.offsetOfMaxTimestamp('readUncommitted')).toEqual({ offset: 0, timestamp: now });
  });
});

describe('segments', () => {
  it('rolls by size and reads over the borders, before and after a restart', async () => {
    await reopen({ segmentBytes: 300 });
    const all: string[] = [];
    for (let i = 0; i < 20; i++) {
      await append([`k${String(i)}=${'x'.repeat(50)}`]);
      all.push(`k${String(i)}`);
    }
    expect((await readdir(directory)).filter((name) => name.endsWith('.log')).length).toBeGreaterThan(5);
    expect(await keys()).toEqual(all);
    await reopen();
    expect(await keys()).toEqual(all);
    expect(await append(['z=1'])).toMatchObject({ baseOffset: 20 });
  });

  it('rolls by the time of the records', async () => {
    await reopen({ segmentMs: 100 });
    await append(['a=1'], { timestamp: 1000 });
    await append(['b=1'], { timestamp: 1100 });
    await append(['c=1'], { timestamp: 1101 });
    expect((await readdir(directory)).filter((name) => name.endsWith('.log'))).toHaveLength(2);
  });

  it('writes many appends of many segments at once, in order', async () => {
    await reopen({ segmentBytes: 500 });
    const results = Array.from({ length: 200 }, (_, i) => mustAppend(log, batchOf([`k${String(i)}=1`])));
    await Promise.all(results.map(({ synced }) => synced));
    expect(await keys()).toEqual(results.map((_, i) => `k${String(i)}`));
  });
});

describe('times', () => {
  it('finds the first record from a time on, and the latest', async () => {
    await reopen({ segmentBytes: 400 });
    for (let i = 0; i < 30; i++)
      await append([`k${String(i)}=1`, `l${String(i)}=1`], { timestamp: 1000 + i * 10 });
    const find = (timestamp: number) => log.offsetForTimestamp(timestamp, 'readUncommitted');
    expect(await find(0)).toEqual({ offset: 0, timestamp: 1000 });
    expect(await find(1091)).toEqual({ offset: 20, timestamp: 1100 });
    expect(await find(1290)).toEqual({ offset: 58, timestamp: 1290 });
    expect(await find(1291)).toBeUndefined();
    expect(await log.offsetOfMaxTimestamp('readUncommitted')).toEqual({ offset: 58, timestamp: 1290 });
  });
});

describe('retention', () => {
  const fill = async () => {
    await reopen({ segmentBytes: 300 });
    for (let i = 0; i < 10; i++) await append([`k${String(i)}=${'x'.repeat(50)}`], { timestamp: i * 1000 });
  };

  it('deletes segments whose records are all too old, and even the last one', async () => {
    await fill();
    now = 100_000;
    log.configure({ ...testConfig, retentionMs: 100_000 - 5_500 });
    await log.maintain();
    expect(log.logStartOffset).toBeGreaterThan(2);
    expect(log.logStartOffset).toBeLessThanOrEqual(6);
    expect((await keys()).at(-1)).toBe('k9');
    log.configure({ ...testConfig, retentionMs: 1 });
    await log.maintain();
    expect({ start: log.logStartOffset, end: log.logEndOffset }).toEqual({ start: 10, end: 10 });
    expect(await append(['z=1'])).toMatchObject({ baseOffset: 10 });
    await reopen();
    expect(log.logStartOffset).toBe(10);
    expect(await keys()).toEqual(['z']);
  });

  it('keeps no more than retention.bytes beyond a segment', async () => {
    await fill();
    const before = log.sizeInBytes;
    log.configure({ ...testConfig, retentionBytes: 400 });
    await log.maintain();
    expect(log.sizeInBytes).toBeLessThan(before);
    expect(log.sizeInBytes).toBeGreaterThanOrEqual(400);
    expect((await keys()).at(-1)).toBe('k9');
  });

  it('deletes records before an offset, durably', async () => {
    await fill();
    expect(await log.deleteRecords(7)).toBe(7);
    expect(await keys()).toEqual(['k7', 'k8', 'k9']);
    await reopen();
    expect(log.logStartOffset).toBe(7);
    expect((await log.read({ offset: 6, maxBytes: 1, isolation: 'readUncommitted' })).errorCode).toBe(
      errorCodes.OFFSET_OUT_OF_RANGE,
    );
    await expect(log.deleteRecords(11)).rejects.toMatchObject({ code: errorCodes.OFFSET_OUT_OF_RANGE });
    expect(await log.deleteRecords(-1)).toBe(10);
    expect(await keys()).toEqual([]);
  });
});
