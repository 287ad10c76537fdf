import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  cp,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import { PartitionLog } from './partition-log.ts';
import { batchOf, mustAppend, readAll, removeDirectory, temporaryDirectory, testConfig } from './testing.ts';

let root = '';
let repairs: string[] = [];
let opened: PartitionLog[] = [];

const open = async (directory: string, config = testConfig): Promise<PartitionLog> => {
  await mkdir(directory, { recursive: true });
  const log = await PartitionLog.open({ directory, config, report: (message) => repairs.push(message) });
  opened.push(log);
  return log;
};
/** As the disk would be if the process ended now. */
const crashed = async (directory: string, name: string): Promise<string> => {
  const copy = join(root, name);
  await rm(copy, { recursive: true, force: true });
  await cp(directory, copy, { recursive: true });
  return copy;
};
const lastSegment = async (directory: string): Promise<string> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
  return join(directory, names.at(-1) ?? '');
};
const keys = async (log: PartitionLog) => (await readAll(log)).map(({ key }) => key);

beforeEach(async () => {
  root = await temporaryDirectory();
  repairs = [];
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((log) => log.close()));
  await removeDirectory(root);
});

describe('a log whose last batch is torn', () => {
  it.each(['a kill', 'a clean stop'])(
    'loses that batch alone, wherever it was cut, after %s',
    async (end) => {
      const directory = join(root, 'log');
      const log = await open(directory);
      const whole = ['a', 'b', 'c'];
      for (const key of whole) await mustAppend(log, batchOf([`${key}=1`])).synced;
      const segment = await lastSegment(directory);
      const { size: before } = await stat(segment);
      await mustAppend(log, batchOf(['torn=1', 'torn=2'])).synced;
      const { size } = await stat(segment);
      if (end === 'a clean stop') await log.close();
      for (let cut = before; cut < size; cut++) {
        const copy = await crashed(directory, 'copy');
        await truncate(await lastSegment(copy), cut);
        const again = await open(copy);
        expect(await keys(again)).toEqual(whole);
        expect(mustAppend(again, batchOf(['next=1'])).baseOffset).toBe(3);
        await again.close();
      }
      expect(repairs).toHaveLength(size - before - 1);
    },
  );

  it('is cut where the first damaged byte is, and what follows goes too', async () => {
    const directory = join(root, 'log');
    const log = await open(directory);
    await mustAppend(log, batchOf(['a=1'])).synced;
    const segment = await lastSegment(directory);
    const { size } = await stat(segment);
    await mustAppend(log, batchOf(['b=1'])).synced;
    await mustAppend(log, batchOf(['c=1'])).synced;
    const copy = await crashed(directory, 'copy');
    const file = await openFile(await lastSegment(copy), 'r+');
    await file.write(Buffer.from([0xff]), 0, 1, size + 62);
    await file.close();
    expect(await keys(await open(copy))).toEqual(['a']);
  });

  it.each([1, 100, 5000])('drops %i zero bytes that a file system left at the end', async (count) => {
    const directory = join(root, 'log');
    const log = await open(directory);
    await mustAppend(log, batchOf(['a=1'])).synced;
    const copy = await crashed(directory, 'copy');
    await appendFile(await lastSegment(copy), Buffer.alloc(count));
    expect(await keys(await open(copy))).toEqual(['a']);
  });
});

it('what has lost its indexes and checkpoint is read whole, with transactions and producers', async () => {
  const directory = join(root, 'log');
  const log = await open(directory, { ...testConfig, segmentBytes: 300 });
  const transactional = { producerId: 7, producerEpoch: 0, isTransactional: true };
  for (let i = 0; i < 10; i++) {
    await mustAppend(log, batchOf([`k${String(i)}=1`], { ...transactional, baseSequence: i })).synced;
    await log.appendMarker(i % 2 === 0 ? 'commit' : 'abort', 7, 0, 0);
  }
  await mustAppend(log, batchOf(['open=1'], { ...transactional, baseSequence: 10 })).synced;
  await log.close();
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.log')) await rm(join(directory, name));
  }
  const again = await open(directory);
  expect((await readAll(again, 'readCommitted')).map(({ key }) => key)).toEqual([
    'k0',
    'k2',
    'k4',
    'k6',
    'k8',
  ]);
  expect(again.lastStableOffset).toBe(20);
  expect(again.activeProducers).toMatchObject([{ producerId: 7, openTransactionFrom: 20 }]);
  expect(again.append(batchOf(['open=1'], { ...transactional, baseSequence: 10 })).kind).toBe('duplicate');
});

it('what a clean stop left is not read again', async () => {
  const directory = join(root, 'log');
  const log = await open(directory);
  for (let i = 0; i < 5; i++) await mustAppend(log, batchOf(['a=1'])).synced;
  await log.close();
  // Damage that reading would find: it is below the checkpoint.
  const segment = await lastSegment(directory);
  const file = await openFile(segment, 'r+');
  await file.write(Buffer.from([0xff]), 0, 1, 62);
  await file.close();
  expect((await open(directory)).logEndOffset).toBe(5);
  expect(repairs).toEqual([]);
});

it('a damaged batch in an older segment costs the rest of that segment alone', async () => {
  const directory = join(root, 'log');
  const log = await open(directory, { ...testConfig, segmentBytes: 300 });
  for (let i = 0; i < 9; i++) await mustAppend(log, batchOf([`k${String(i)}=${'x'.repeat(40)}`])).synced;
  await log.close();
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
  await rm(join(directory, 'checkpoint.json'));
  const damaged = join(directory, names[1] ?? '');
  const content = await readFile(damaged);
  const file = await openFile(damaged, 'r+');
  await file.write(Buffer.from([0xff]), 0, 1, content.length - 1);
  await file.close();
  const again = await open(directory);
  expect((await keys(again)).length).toBe(8);
  expect(again.logEndOffset).toBe(9);
  expect(repairs).toEqual([expect.stringContaining('cannot read')]);
});

it('a log that could not be written goes on from what is on the disk, as soon as it can', async () => {
  const directory = join(root, 'log');
  await mkdir(directory);
  let now = 1_000_000;
  const report = (message: string) => repairs.push(message);
  const config = { ...testConfig, segmentBytes: 300 };
  const log = await PartitionLog.open({ directory, config, now: () => now, report });
  opened.push(log);
  const idempotent = (baseSequence: number) =>
    batchOf([`k=${'x'.repeat(200)}`], { producerId: 7, producerEpoch: 0, baseSequence });
  await mustAppend(log, idempotent(0)).synced;
  await rename(directory, join(root, 'away'));
  const lost = [mustAppend(log, idempotent(1)), mustAppend(log, idempotent(2))];
  for (const { synced } of lost) await expect(synced).rejects.toThrow('ENOENT');
  expect(log.append(idempotent(3))).toMatchObject({ code: errorCodes.KAFKA_STORAGE_ERROR });
  await log.maintain();
  expect(repairs.at(-1)).toContain('reopening');
  await rename(join(root, 'away'), directory);
  now += 2_000;
  expect(log.append(idempotent(3))).toMatchObject({ code: errorCodes.KAFKA_STORAGE_ERROR });
  await log.maintain();
  expect(log.logEndOffset).toBe(1);
  expect(mustAppend(log, idempotent(1))).toMatchObject({ kind: 'appended', baseOffset: 1 });
});

it(
  'a process killed while it writes has everything that it was told is on the disk',
  { timeout: 120_000 },
  async () => {
    const kills = Number(process.env.KILLS ?? 3);
    const directory = join(root, 'log');
    await mkdir(directory);
    let least = 0;
    for (let i = 0; i < kills; i++) {
      const child = fork(new URL('./testing-writer.ts', import.meta.url), [directory], { execArgv: [] });
      const exited = once(child, 'exit');
      let synced = least;
      child.on('message', (offset) => {
        synced = Number(offset);
        // After some writes, in the middle of others.
        if (synced > least + 50 + 37 * i) child.kill('SIGKILL');
      });
      await exited;
      const log = await open(directory, { ...testConfig, segmentBytes: 20_000 });
      const found = await readAll(log, 'readUncommitted', 0, 100_000);
      expect(found.length).toBeGreaterThanOrEqual(synced);
      expect(found.every(({ offset, key }, at) => offset === at && key === `k${String(at)}`)).toBe(true);
      least = found.length;
      await log.close();
    }
  },
);
