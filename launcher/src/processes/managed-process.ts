// A process we have started: its lines, its end, and how it is stopped. It is in a session of its own, so that Ctrl-C in a
// terminal reaches only us and we can stop things in order; the guard ends it when we die without doing so.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { BoundedLog } from './bounded-log.ts';
import { guard, release } from './guard.ts';

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What to run. */
export interface ProcessOptions {
  /** For messages: `Apache Kafka`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: BoundedLog;
  /** Called with every line of its output, and where it came from. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** A process that we have started and may therefore end. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** How it ended, once it has; all its lines have been read by then. */
  readonly exited: Promise<Exit>;
  readonly running: boolean;
  /** Sends a signal; nothing when it has ended. */
  signal(name: NodeJS.Signals): void;
  /**
   * Asks it to stop (SIGTERM), and kills it when it has not within the given time.
   *
   * @param within - ms
   */
  stop(within: number): Promise<Exit>;
}

/** Every process that is running. */
const all = new Set<ManagedProcess>();

/** `exit code 1`, `SIGKILL`. */
export const describeExit = ({ code, signal }: Exit): string => signal ?? `exit code ${String(code)}`;

/**
 * Starts a process.
 *
 * @throws Error when the command cannot be run at all
 */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const { name, command, args, cwd, env, log, onLine } = options;
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => {
      log.write(line);
      onLine?.(line, stream);
    });
  }
  let running = true;
  const exited = new Promise<Exit>((resolve) => {
    let exit: Exit | undefined;
    child.once('exit', (code, signal) => {
      running = false;
      exit = { code, signal };
      if (child.pid !== undefined) release(child.pid);
      // A grandchild may hold the pipes open for ever: lines still under way have half a second.
      setTimeout(() => {
        resolve({ code, signal });
      }, 500).unref();
    });
    child.once('close', () => {
      if (exit !== undefined) resolve(exit);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new Error(`${name} could not be started: ${error.message}`, { cause: error }));
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no process id`);
  guard(pid);

  const signal = (what: NodeJS.Signals): void => {
    if (running) child.kill(what);
  };
  const managed: ManagedProcess = {
    name,
    pid,
    exited,
    get running() {
      return running;
    },
    signal,
    async stop(within) {
      signal('SIGTERM');
      const timer = setTimeout(() => {
        signal('SIGKILL');
      }, within);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };
  all.add(managed);
  void exited.then(() => all.delete(managed));
  return managed;
}

/** Stops every process that is running, side by side; kills what has not stopped `within` ms. */
export async function stopEverything(within: number): Promise<void> {
  await Promise.all([...all].map((each) => each.stop(within)));
}
