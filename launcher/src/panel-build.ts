// The panel is built once, and again when one of its files is newer than what was built; for development it is served from its
// sources.
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BoundedLog } from './processes/bounded-log.ts';
import { startProcess } from './processes/managed-process.ts';
import { runToEnd } from './servers/java.ts';
import { httpAddress } from './servers/ports.ts';
import { answersHttp, untilReady } from './servers/readiness.ts';

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

/** Vite's program. */
const vite = (): string =>
  fileURLToPath(
    new URL(
      'bin/vite.js',
      `file://${createRequire(join(panel, 'package.json')).resolve('vite/package.json')}`,
    ),
  );

/** Where the panel is served from its sources, and what it reaches. */
export interface PanelServing {
  readonly host: string;
  readonly port: number;
  readonly commandApi: string;
  readonly queryApi: string;
  readonly log: BoundedLog;
}

/**
 * Serves the panel from its sources: a change is seen in the browser at once.
 *
 * @throws Error with the tail of its log when it does not start
 */
export async function servePanel({ host, port, commandApi, queryApi, log }: PanelServing): Promise<void> {
  const process_ = await startProcess({
    name: 'panel',
    command: process.execPath,
    args: [vite(), '--host', host, '--port', String(port), '--strictPort'],
    cwd: panel,
    env: { ...process.env, COMMAND_API_URL: commandApi, QUERY_API_URL: queryApi },
    log,
  });
  await untilReady({
    process: process_,
    log,
    isReady: () => answersHttp(`${httpAddress(host, port)}/`),
    within: 60_000,
  });
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
  const finished = await runToEnd(process.execPath, [vite(), 'build', '--logLevel', 'warn'], {
    cwd: panel,
    within: 300_000,
  });
  if (finished?.code !== 0) throw new Error(`The panel could not be built:\n${finished?.output ?? ''}`);
}
