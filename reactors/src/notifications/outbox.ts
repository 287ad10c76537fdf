// Sends queued notifications as mails, each once. Any process may run an outbox on the same collection: a mail is claimed with a
// lease before it is sent, and only the holder of the claim writes down what came of it.
// The attempt is counted with the claim, so a crash counts. A process killed between the server's "250" and the mark sends the
// mail once more after the lease, with the same Message-ID and Date; there is no way to know, and a doubled mail is better than none.
import { setTimeout as delay } from 'node:timers/promises';
import { backoff } from '@comptoir/event-log';
import type { Logger } from '@comptoir/service';
import type { Mailer, MailOutcome } from './mailer.ts';

/** A notification that is ours to send until the lease ends. */
export interface ClaimedNotification {
  readonly id: string;
  /** Only the holder of this token may say what came of the mail. */
  readonly claim: string;
  /** This attempt included. */
  readonly attempts: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly language: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** What the outbox needs of the collection. All instants are epoch ms. */
export interface Queue {
  /** Takes the notification that has been due longest, counts the attempt, and holds it until `leaseEnd`. */
  claim(now: number, leaseEnd: number): Promise<ClaimedNotification | undefined>;
  markSent(claimed: ClaimedNotification, at: number): Promise<void>;
  markFailed(claimed: ClaimedNotification, reason: string): Promise<void>;
  /** Gives it back, due again at `dueAt`. An attempt that never reached a server is not `counted`. */
  postpone(claimed: ClaimedNotification, dueAt: number, reason: string, counted: boolean): Promise<void>;
}

/** Told of every mail; feeds the metrics. */
export type OutboxObserver = (outcome: 'sent' | 'failed' | 'postponed' | 'unreachable') => void;

export interface OutboxOptions {
  readonly queue: Queue;
  readonly mailer: Mailer;
  readonly logger: Logger;
  readonly observer?: OutboxObserver;
  /** The part of a Message-ID after the @: the shop's domain. */
  readonly messageIdDomain: string;
  /** Called by name at the places where tests kill the process. */
  readonly failpoint?: (name: string) => void;
  /** Mails sent at once. */
  readonly concurrency?: number;
  /** How often a mail is tried that a server puts off or whose fate is unknown. */
  readonly maxAttempts?: number;
  /** A mail that no server could be reached for is given up at this age: ms. */
  readonly maxAge?: number;
  /** How long a claim holds: ms. Longer than the mailer's time-out and half a minute for the mark. */
  readonly lease?: number;
  /** Wait after the n-th attempt: `firstWait` × 4^(n−1), ms. */
  readonly firstWait?: number;
  /** How often the queue is looked at when nobody wakes the outbox: ms. */
  readonly pollInterval?: number;
  /** Longest pause while no server can be reached: ms. */
  readonly longestPause?: number;
  /** Epoch ms. */
  readonly now?: () => number;
}

export interface Outbox {
  start(): void;
  /** There may be something to send now. */
  wake(): void;
  /** Ends after the mails in hand, which get up to `grace` ms. */
  stop(grace?: number): Promise<void>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { queue, mailer, logger, observer, failpoint, messageIdDomain } = options;
  const { concurrency = 4, maxAttempts = 5, maxAge = 24 * 3_600_000, lease = 60_000 } = options;
  const { firstWait = 10_000, pollInterval = 1_000, longestPause = 60_000, now = Date.now } = options;
  const cancelSends = new AbortController();
  let nap = new AbortController();
  let stopping = false;
  let woken = false;
  let running: Promise<void> = Promise.resolve();
  /** Rounds in a row that found no server. */
  let unreachableRounds = 0;

  const pause = (): number => Math.min(longestPause, pollInterval * 2 ** Math.max(0, unreachableRounds - 1));

  /** Sends one claimed mail. @returns false when no server can be reached */
  async function send(claimed: ClaimedNotification): Promise<boolean> {
    if (claimed.attempts > maxAttempts) {
      // Only a crash in the last attempt leads here: whether it was sent is unknown.
      await fail(
        claimed,
        `given up after ${String(maxAttempts)} attempts, the last of which has no known outcome`,
      );
      return true;
    }
    const { id, to, subject, text, language, createdAt } = claimed;
    const messageId = `${id}@${messageIdDomain}`;
    const mail = { to, subject, text, language, messageId, date: createdAt };
    const outcome = await mailer.send(mail, cancelSends.signal);
    if (outcome.kind === 'sent') {
      failpoint?.('notifications:after-send');
      await markSent(claimed);
      observer?.('sent');
      return true;
    }
    return notSent(claimed, outcome);
  }

  /** A mark that is not made is a mail sent twice: it is tried for about half a minute, well within the lease. */
  async function markSent(claimed: ClaimedNotification): Promise<void> {
    const sentAt = now();
    for (const wait of backoff({ first: 100, most: 8_000, attempts: 9 })) {
      try {
        await queue.markSent(claimed, sentAt);
        return;
      } catch (error) {
        logger.warn(
          { err: error, notification: claimed.id },
          'a sent mail could not be marked, trying again',
        );
        await delay(wait);
      }
    }
    logger.error({ notification: claimed.id }, 'a sent mail could not be marked: it will be sent again');
  }

  async function notSent(
    claimed: ClaimedNotification,
    outcome: Exclude<MailOutcome, { kind: 'sent' }>,
  ): Promise<boolean> {
    const { kind, reason } = outcome;
    if (kind === 'unreachable') {
      if (now() - claimed.createdAt > maxAge) {
        await fail(claimed, `no mail server could be reached: ${reason}`);
      } else {
        await queue.postpone(claimed, now(), reason, false);
        observer?.('unreachable');
      }
      return false;
    }
    if (kind === 'refused' || claimed.attempts >= maxAttempts) {
      await fail(claimed, reason);
      return true;
    }
    const wait = firstWait * 4 ** (claimed.attempts - 1);
    await queue.postpone(claimed, now() + wait, reason, true);
    observer?.('postponed');
    logger.info({ notification: claimed.id, reason, attempts: claimed.attempts, wait }, 'a mail is put off');
    return true;
  }

  async function fail(claimed: ClaimedNotification, reason: string): Promise<void> {
    await queue.markFailed(claimed, reason);
    observer?.('failed');
    logger.warn({ notification: claimed.id, reason, attempts: claimed.attempts }, 'a mail could not be sent');
  }

  /** Sends what is due until nothing is left. @returns false when no server can be reached */
  async function round(): Promise<boolean> {
    let reachable = true;
    async function lane(): Promise<void> {
      while (!stopping && reachable) {
        const claimed = await queue.claim(now(), now() + lease);
        if (claimed === undefined) return;
        if (!(await send(claimed))) reachable = false;
      }
    }
    const lanes = await Promise.allSettled(Array.from({ length: concurrency }, lane));
    const broken = lanes.find((each) => each.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    return reachable;
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      woken = false;
      try {
        unreachableRounds = (await round()) ? 0 : unreachableRounds + 1;
        if (unreachableRounds > 0)
          logger.warn({ pause: pause() }, 'no mail server can be reached; mails wait');
      } catch (error) {
        unreachableRounds += 1;
        logger.warn({ err: error, pause: pause() }, 'the queue of mails cannot be read or written');
      }
      await sleep();
    }
  }

  /** A wake ends the nap, but not the pause of a server that is away. */
  async function sleep(): Promise<void> {
    if (stopping || (woken && unreachableRounds === 0)) return;
    nap = new AbortController();
    await delay(unreachableRounds > 0 ? pause() : pollInterval, undefined, { signal: nap.signal }).catch(
      () => undefined,
    );
  }

  return {
    start() {
      running = loop();
    },
    wake() {
      woken = true;
      if (unreachableRounds === 0) nap.abort();
    },
    async stop(grace = 5_000) {
      stopping = true;
      nap.abort();
      const timer = setTimeout(() => {
        cancelSends.abort(new Error('the process stops'));
      }, grace);
      await running;
      clearTimeout(timer);
    },
  };
}
