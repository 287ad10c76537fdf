// The panel is built once, and again when one of its files is newer than what was built.
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from './servers/java.ts';

const panel = fileURLToPath(new URL('../../ui', import.meta.url));
const sources = ['src', 'public', 'index.html', 'vite.config.ts', 'svelte.config.js', 'package.json'];

/** Where the built panel is. */
export const panelFolder = join(panel, 'dist');

/** When something below a path was last changed, ms since 1970; 0 when there is nothing. */
export async function newestChange(path: string): Promise<number> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  const entries = await readdir(path);
  const changes = await Promise.all(entries.map((entry) => newestChange(join(path, entry))));
  return Math.max(status.mtimeMs, ...changes);
}

/**
 * Builds the panel when that is due.
 *
 * @param say - told when it is
 * @throws Error with what the build printed
 */
export async function buildPanel(say: (line: string) => void): Promise<void> {
  const built = await newestChange(join(panelFolder, 'index.html'));
  const changes = await Promise.all(sources.map((source) => newestChange(join(panel, source))));
  if (built > Math.max(...changes)) return;
  say('building the panel');
  const vite = fileURLToPath(
    new URL(
      'bin/vite.js',
      `file://${createRequire(join(panel, 'package.json')).resolve('vite/package.json')}`,
    ),
  );
  const finished = await runToEnd(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: panel,
    within: 300_000,
  });
  if (finished?.code !== 0) throw new Error(`The panel could not be built:\n${finished?.output ?? ''}`);
}
