import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLog } from './bounded-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comptoir-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps the last lines for messages', () => {
  const log = openLog();
  for (let line = 1; line <= 100; line++) log.write(`line ${String(line)}`);
  expect(log.tail().split('\n')).toHaveLength(40);
  expect(log.tail()).toMatch(/^ {2}line 61\n.* {2}line 100$/su);
});

it('sets the file aside when it has reached its limit, and keeps one such file', async () => {
  const file = join(folder, 'deeper', 'kafka.log');
  const log = openLog(file, 50);
  for (let line = 1; line <= 30; line++) log.write(`line ${String(line).padStart(5, '0')}`);
  expect((await readFile(file, 'utf8')).length).toBeLessThan(100);
  expect((await readFile(`${file}.1`, 'utf8')).length).toBeLessThan(100);
  expect(await readFile(file, 'utf8')).toContain('line 00030');
});

it('goes on with the file of an earlier run', async () => {
  const file = join(folder, 'kafka.log');
  openLog(file).write('yesterday');
  openLog(file).write('today');
  expect(await readFile(file, 'utf8')).toBe('yesterday\ntoday\n');
});
