// What has crashed is started again, as often as it takes, with longer and longer waits.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../failures.ts';
import { BackOff } from './back-off.ts';
import { describeExit, type Exit } from './managed-process.ts';

const stopWithin = 3_000;

/** Something that runs. */
export interface Stoppable {
  readonly exited: Promise<Exit>;
  /** @param within - when it is killed, ms */
  stop(within: number): Promise<unknown>;
}

/** How something is kept running. */
export interface KeepRunning<T> {
  /** For messages: `query-api`. */
  readonly name: string;
  /** Starts it again, and resolves when it is ready. */
  readonly start: () => Promise<T>;
  /** Aborted when it is not wanted any more. */
  readonly signal: AbortSignal;
  /** Told of each crash, and what follows. */
  readonly say: (line: string) => void;
}

/**
 * Starts a process again whenever it ends, until the signal is aborted. Resolves when nothing of it is left.
 *
 * @param first - the one that is running
 */
export async function keepRunning<T extends Stoppable>(
  first: T,
  { name, start, signal, say }: KeepRunning<T>,
): Promise<void> {
  const backOff = new BackOff();
  const isOver = (): boolean => signal.aborted;
  let running: T | undefined = first;
  let since = Date.now();
  for (;;) {
    let reason = 'it did not start';
    if (running !== undefined) reason = describeExit(await running.exited);
    if (isOver()) return;
    const wait = backOff.afterCrash(running === undefined ? 0 : Date.now() - since);
    say(`${name} ended (${reason}), starting it again in ${String(wait / 1_000)} s`);
    await delay(wait, undefined, { signal }).catch(() => undefined);
    if (isOver()) return;
    try {
      running = await start();
      since = Date.now();
      // Whoever stopped everything meanwhile did not know of this one yet.
      if (isOver()) await running.stop(stopWithin);
    } catch (error) {
      running = undefined;
      say(messageOf(error));
    }
  }
}
