// Is a server that we have started ready? Each has its own question; asked again and again until it is answered, the process
// ends, or the time is over.
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type ManagedProcess } from '../processes/managed-process.ts';
import type { BoundedLog } from '../processes/bounded-log.ts';

const askEvery = 50;
/** Longest time for one answer, ms. */
const answerWithin = 2_000;

/** What to wait for. */
export interface Wait {
  readonly process: ManagedProcess;
  readonly log: BoundedLog;
  /** Whether it is ready now; a throw means no. */
  readonly isReady: () => Promise<boolean>;
  /** ms */
  readonly within: number;
}

/**
 * Waits until a server is ready.
 *
 * @throws Error with the tail of its log when it ends or takes too long; it has been stopped by then
 */
export async function untilReady({ process, log, isReady, within }: Wait): Promise<void> {
  const deadline = Date.now() + within;
  while (process.running && Date.now() < deadline) {
    if (await isReady().catch(() => false)) return;
    await delay(askEvery);
  }
  const ended = !process.running;
  const exit = await process.stop(1_000);
  const what = ended
    ? `ended (${describeExit(exit)}) before it was ready`
    : `was not ready within ${String(within / 1_000)} s`;
  const where = log.file === undefined ? '' : `, more in ${log.file}`;
  throw new Error(`${process.name} ${what}. Its last lines${where}:\n${log.tail()}`);
}

/**
 * Opens a connection, sends `request`, and resolves with the first bytes that come back (at once when nothing is sent).
 *
 * @throws Error when nobody listens or answers
 */
export function ask(host: string, port: number, request?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const done = (result: Buffer | Error): void => {
      socket.destroy();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    socket.setTimeout(answerWithin, () => {
      done(new Error('no answer'));
    });
    socket.once('error', done);
    socket.once('close', () => {
      done(new Error('closed without an answer'));
    });
    socket.once('data', done);
    socket.once('connect', () => {
      if (request === undefined) done(Buffer.alloc(0));
      else socket.write(request);
    });
  });
}

/** Whether an HTTP address answers with a success. With `node:http`, since `fetch` alone takes 10 MB to load. */
export function answersHttp(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get(url, { signal: AbortSignal.timeout(answerWithin), agent: false }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300);
    });
    request.once('error', reject);
  });
}
