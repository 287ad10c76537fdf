import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeFolder } from './folder.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-kafka-folder-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('the cluster keeps its id', async () => {
  const first = await takeFolder(dataDir);
  expect(first.clusterId).toMatch(/^[\w-]{22}$/);
  await first.release();
  const second = await takeFolder(dataDir);
  await second.release();
  expect(second.clusterId).toBe(first.clusterId);
});

it('a folder has one broker at a time', async () => {
  const first = await takeFolder(dataDir);
  await expect(takeFolder(dataDir)).rejects.toThrow(`another broker has ${join(dataDir, 'kafka')}`);
  await first.release();
  await (await takeFolder(dataDir)).release();
});

it('a folder whose broker was killed is free', async () => {
  const module = JSON.stringify(new URL('folder.ts', import.meta.url).href);
  const script = `
    const { takeFolder } = await import(${module});
    await takeFolder(${JSON.stringify(dataDir)});
    console.log('taken');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(takeFolder(dataDir)).rejects.toThrow('another broker has');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (await takeFolder(dataDir)).release();
});
