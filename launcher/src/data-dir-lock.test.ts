import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDataDir } from './data-dir-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comptoir-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a folder belongs to one process at a time', async () => {
  const unlock = await lockDataDir(join(folder, 'data'));
  await expect(lockDataDir(join(folder, 'data'))).rejects.toThrow(/running already on .*data: .*DATA_DIR/u);
  await unlock();
  await (
    await lockDataDir(join(folder, 'data'))
  )();
});

it('a process that was killed leaves no lock behind', async () => {
  const module = fileURLToPath(new URL('data-dir-lock.ts', import.meta.url));
  const script = `import { lockDataDir } from ${JSON.stringify(module)};
    await lockDataDir(${JSON.stringify(folder)});
    process.kill(process.pid, 'SIGKILL');`;
  expect(() => execFileSync(process.execPath, ['--input-type=module', '--eval', script])).toThrow();
  const unlock = await lockDataDir(folder);
  await unlock();
});
