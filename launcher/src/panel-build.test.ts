import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newestChange } from './panel-build.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comptoir-sources-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('finds the newest change however deep it is', async () => {
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  const file = join(folder, 'a', 'b', 'page.svelte');
  await writeFile(file, '');
  const inAnHour = new Date(Date.now() + 3_600_000);
  await utimes(file, inAnHour, inAnHour);
  expect(await newestChange(folder)).toBeCloseTo(inAnHour.getTime(), -1);
});

it('is 0 where there is nothing', async () => {
  expect(await newestChange(join(folder, 'not-there'))).toBe(0);
});
