// kcat (librdkafka), where it is installed; where it is not, its suites are left out and say so.
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { mustRun } from '../../support/commands.ts';

/** The command; KCAT says where it is when it is not on PATH. */
const command = process.env.KCAT ?? 'kcat';

/** Whether kcat is here. */
export const hasKcat = spawnSync(command, ['-V'], { stdio: 'ignore' }).status === 0;

/** Longest time for one run, ms. */
const within = 40_000;

/**
 * Runs kcat to its end.
 *
 * @returns what it printed
 * @throws Error with what it printed, when it fails
 */
export const kcat = (address: string, args: readonly string[], input = ''): Promise<string> =>
  mustRun(command, ['-b', address, ...args], { input, within });

/** A kcat that runs until it is stopped. */
export function kcatRunning(
  address: string,
  args: readonly string[],
): { stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<string>; readonly printed: () => string } {
  const child = spawn(command, ['-b', address, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const errors = text(child.stderr);
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    printed: () => printed,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
      return errors;
    },
  };
}
