// Programs that are clients of a suite: a command run to its end.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How a command ended. */
export interface Finished {
  /** `null`: it took too long, or a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Given to it as its standard input. */
  readonly input?: string;
  /** After this it is ended, ms. */
  readonly within?: number;
}

/**
 * Runs a command to its end.
 *
 * @returns `undefined` when there is no such command
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env = {}, input = '', within = 60_000 }: RunOptions = {},
): Promise<Finished | undefined> {
  const signal = AbortSignal.timeout(within);
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, signal });
  const ended = new Promise<number | null | undefined>((resolve) => {
    child.once('error', () => {
      resolve(signal.aborted ? null : undefined);
    });
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {
    // It ended before it read all of its input: its exit code tells.
  });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return code === undefined ? undefined : { code, stdout, stderr };
}

/**
 * Runs a command that must succeed.
 *
 * @returns what it printed
 * @throws Error with the last lines that it printed
 */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const finished = await run(command, args, options);
  if (finished?.code === 0) return finished.stdout;
  const lines = `${finished?.stdout ?? ''}${finished?.stderr ?? 'no such command'}`
    .trim()
    .split('\n')
    .slice(-15);
  throw new Error(
    `${[command, ...args].join(' ')} ended with ${String(finished?.code)}:\n  ${lines.join('\n  ')}`,
  );
}
