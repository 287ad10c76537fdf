// The three steps of a command, measured: accepted, event at a position, visible in the view.
// Sending repeats with the SAME Idempotency-Key while the outcome is unknown (no answer, 5xx, 429), a bounded number of times;
// then the view is asked with `?after=<token>` until it says `Consistency: fresh`. Nothing is assumed: each step is an answer.
import type { Command } from './commands.ts';
import type { CommandAccepted } from './contract.ts';
import { commandApi, queryApi, request, RequestFailed, withParameters } from './http.ts';

/** At most this many sends of one action before a person is asked. */
export const maxSends = 4;
/** How long one query may wait for its view (ms), and after how long in all the panel stops asking (ms). */
export const waitPerQueryMs = 10_000;
export const giveUpAfterMs = 30_000;

export interface CommandClock {
  /** Monotonic time in ms. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

const browserClock: CommandClock = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export interface Accepted {
  readonly answer: CommandAccepted;
  readonly status: number;
  readonly replayed: boolean;
  readonly acceptedMs: number;
  readonly sends: number;
}

/**
 * Sends a command until its outcome is known.
 *
 * @throws RequestFailed a definite refusal at once; an uncertain outcome after {@link maxSends} sends.
 */
export async function sendCommand(
  command: Command,
  idempotencyKey: string,
  clock: CommandClock = browserClock,
  onRetry: (sends: number) => void = () => undefined,
): Promise<Accepted> {
  const startedAt = clock.now();
  for (let sends = 1; ; sends += 1) {
    try {
      const { body, status, headers } = await request<CommandAccepted>(commandApi + command.path, {
        method: 'POST',
        body: command.body,
        headers: { 'idempotency-key': idempotencyKey, 'x-actor': 'panel' },
      });
      return {
        answer: body,
        status,
        replayed: headers.get('idempotent-replayed') === 'true',
        acceptedMs: clock.now() - startedAt,
        sends,
      };
    } catch (error) {
      if (!(error instanceof RequestFailed) || !error.isUncertain || sends >= maxSends) throw error;
      onRetry(sends);
      await clock.pause(error.retryAfterMs ?? 250 * 2 ** (sends - 1));
    }
  }
}

/** The view that shows the effect of commands on this aggregate. */
export const viewPath = (target: Command['target']): string =>
  `${queryApi}/v1/${target.kind === 'order' ? 'orders' : 'stock'}/${encodeURIComponent(target.id)}`;

/**
 * Asks the view until it has reached the token.
 *
 * @returns the view's document, or `undefined` when it had not reached the token after {@link giveUpAfterMs}.
 */
export async function awaitVisible(
  target: Command['target'],
  token: string,
  clock: CommandClock = browserClock,
): Promise<unknown> {
  const deadline = clock.now() + giveUpAfterMs;
  const path = withParameters(viewPath(target), { after: token, wait: waitPerQueryMs });
  while (clock.now() < deadline) {
    try {
      const { body, headers } = await request<unknown>(path);
      if (headers.get('consistency') === 'fresh') return body;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const notThereYet = error.status === 404 && error.consistency !== 'fresh';
      if (!notThereYet && !error.isUncertain) throw error;
    }
    await clock.pause(100);
  }
  return undefined;
}
