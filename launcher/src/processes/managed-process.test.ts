import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openLog } from './bounded-log.ts';
import { describeExit, startProcess, type ManagedProcess } from './managed-process.ts';

const started: ManagedProcess[] = [];
const run = async (script: string, lines: string[] = []): Promise<ManagedProcess> => {
  const child = await startProcess({
    name: 'a script',
    command: process.execPath,
    args: ['--eval', script],
    env: {},
    log: openLog(),
    onLine: (line) => lines.push(line),
  });
  started.push(child);
  return child;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.stop(0)));
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a managed process', () => {
  it('has given all its lines when it has exited', async () => {
    const lines: string[] = [];
    const child = await run('console.log("one"); console.error("two"); process.exitCode = 3', lines);
    expect(describeExit(await child.exited)).toBe('exit code 3');
    expect(lines.toSorted()).toEqual(['one', 'two']);
    expect(child.running).toBe(false);
  });

  it('is asked to stop', async () => {
    const lines: string[] = [];
    const child = await run(
      'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1e6); console.log("up")',
      lines,
    );
    await vi.waitFor(() => {
      expect(lines).toEqual(['up']);
    }, 10_000);
    expect(await child.stop(10_000)).toEqual({ code: 0, signal: null });
  });

  it('is killed when it does not stop in time', async () => {
    const lines: string[] = [];
    const child = await run(
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); console.log("up")',
      lines,
    );
    await vi.waitFor(() => {
      expect(lines).toEqual(['up']);
    }, 10_000);
    expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('says which command cannot be run', async () => {
    const start = startProcess({
      name: 'Apache Kafka',
      command: '/nowhere/java',
      args: [],
      env: {},
      log: openLog(),
    });
    await expect(start).rejects.toThrow('Apache Kafka could not be started');
  });

  it('does not outlive the process that started it, even when that one is killed', async () => {
    const module = JSON.stringify(new URL('managed-process.ts', import.meta.url).href);
    const log = JSON.stringify(new URL('bounded-log.ts', import.meta.url).href);
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `const { startProcess } = await import(${module}); const { openLog } = await import(${log});
         const child = await startProcess({ name: 'child', command: process.execPath, args: ['--eval', 'setInterval(() => {}, 1e6)'], env: {}, log: openLog() });
         console.log(child.pid); setInterval(() => {}, 1e6);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines: unknown[] = await once(createInterface({ input: parent.stdout }), 'line');
    const pid = Number(lines[0]);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => {
      expect(isAlive(pid)).toBe(false);
    }, 15_000);
  });
});
