// Sends commands to the command API: `POST /v1/commands`, in batches, over keep-alive connections, until every one has an answer.
// What says nothing about a command (503, 429, 5xx, a time-out, no connection) is asked again with growing waits for as long as the
// signal allows; of a batch only the commands without an answer. A refusal is an answer. One that the reactor did not expect is a
// bug or a broken invariant: it is logged with everything and counted, and the partition goes on.
import { setTimeout as delay } from 'node:timers/promises';
import { backoff } from '@comptoir/event-log';
import {
  parseRetryAfter,
  toRequestAnswer,
  type CommandAnswer,
  type RequestAnswer,
} from './command-answers.ts';
import { requestBody, serialize, toBatches, type SerializedCommand } from './command-batches.ts';
import type { OutgoingCommand } from './command.ts';
import { createLimiter } from './limiter.ts';
import type { Logger } from '@comptoir/service';

/** What became of a command. */
export type CommandOutcome = 'accepted' | 'refused-as-expected' | 'refused' | 'malformed' | 'broken';

/** Told of what happens; feeds the metrics. */
export interface CommandObserver {
  onOutcome(command: OutgoingCommand, outcome: CommandOutcome, code: string | undefined): void;
  onRetry(reason: string): void;
  /** @param duration - ms from sending a request to its answer */
  onRequest(duration: number, commands: number): void;
}

export interface CommandClientOptions {
  /** Base URL of the command API: `http://127.0.0.1:3001`. */
  readonly url: string;
  readonly logger: Logger;
  readonly observer?: CommandObserver;
  /** How long one request may take: ms. Longer than a writer needs to take over a shard is no use: asking again is cheap. */
  readonly requestTimeout?: number;
  readonly maxCommands?: number;
  readonly maxBytes?: number;
  /** Requests under way at once, whatever they belong to. */
  readonly maxRequests?: number;
  /** First and longest wait before asking again: ms. */
  readonly firstWait?: number;
  readonly longestWait?: number;
  readonly fetch?: typeof fetch;
}

export interface CommandClient {
  /**
   * Resolves when every command has an answer.
   * @throws the signal's reason when it is aborted: then some have none
   */
  send(commands: readonly OutgoingCommand[], signal: AbortSignal): Promise<void>;
}

/** Retry-After is honoured up to this: a longer one would be a mistake, and the group should not wait for it. Milliseconds. */
const mostRetryAfter = 60_000;
/** How often a command is tried that the API answers 500 to while it carries out others. */
const mostBrokenAttempts = 8;

const explanations: Readonly<Partial<Record<CommandOutcome, string>>> = {
  refused: 'its reactor does not expect this refusal',
  malformed: 'the command API does not understand it, which is a bug',
  broken: 'the command API breaks at it each time, which is a bug',
};

function outcomeOf(
  command: OutgoingCommand,
  answer: Exclude<CommandAnswer, { kind: 'again' }>,
): CommandOutcome {
  if (answer.kind !== 'refused') return answer.kind;
  if (command.expectedRefusals.includes(answer.code)) return 'refused-as-expected';
  return answer.status === 400 || answer.status === 413 ? 'malformed' : 'refused';
}

export function createCommandClient(options: CommandClientOptions): CommandClient {
  const { url, logger, observer, requestTimeout = 10_000, firstWait = 100, longestWait = 5_000 } = options;
  const bounds = { maxCommands: options.maxCommands ?? 100, maxBytes: options.maxBytes ?? 256 * 1024 };
  const limit = createLimiter(options.maxRequests ?? 8);
  const request = options.fetch ?? fetch;
  const endpoint = new URL('v1/commands', url.endsWith('/') ? url : `${url}/`);

  async function ask(batch: readonly SerializedCommand[], signal: AbortSignal): Promise<RequestAnswer> {
    const startedAt = performance.now();
    try {
      const response = await request(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: requestBody(batch),
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeout)]),
      });
      const body = toJson(await response.text());
      const retryAfter = parseRetryAfter(response.headers.get('retry-after'), Date.now());
      return toRequestAnswer(response.status, body, batch.length, retryAfter);
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'again', reason: reasonOf(error), retryAfter: undefined };
    } finally {
      observer?.onRequest(performance.now() - startedAt, batch.length);
    }
  }

  /** Takes an answer for the last word about a command, and says so when it is not one that the reactor expects. */
  function settle({ command }: SerializedCommand, answer: Exclude<CommandAnswer, { kind: 'again' }>): void {
    const outcome = outcomeOf(command, answer);
    observer?.onOutcome(command, outcome, answer.kind === 'accepted' ? undefined : answer.code);
    if (answer.kind === 'accepted' || outcome === 'refused-as-expected') return;
    const { status, code, problem } = answer;
    const details = { command: command.envelope, outcome, status, code, problem };
    logger.error(details, `${command.envelope.type} is given up (${code}): ${explanations[outcome] ?? ''}`);
  }

  async function sendBatch(batch: readonly SerializedCommand[], signal: AbortSignal): Promise<void> {
    let open = batch;
    let attempts = 0;
    for (const wait of backoff({ first: firstWait, most: longestWait })) {
      signal.throwIfAborted();
      attempts += 1;
      const sent = open;
      const answer = await limit(() => ask(sent, signal));
      if (answer.kind === 'malformed') {
        await sendApart(sent, answer, signal);
        return;
      }
      if (answer.kind === 'answered') {
        open = sent.filter((command, index) => {
          const about = answer.answers[index];
          if (about === undefined || about.kind === 'again') return true;
          if (about.kind === 'broken' && attempts < mostBrokenAttempts) return true;
          settle(command, about);
          return false;
        });
        if (open.length === 0) return;
      }
      const reason =
        answer.kind === 'again' ? answer.reason : 'some commands of the batch have no answer yet';
      observer?.onRetry(reason);
      const pause = Math.max(wait, Math.min(retryAfterOf(answer), mostRetryAfter));
      logger.warn(
        { reason, commands: open.length, wait: Math.round(pause) },
        'the command API is asked again',
      );
      await delay(pause, undefined, { signal }).catch(() => {
        signal.throwIfAborted();
      });
    }
  }

  /** One malformed command must not take the others of its batch with it: halves, until it stands alone. */
  async function sendApart(
    batch: readonly SerializedCommand[],
    refusal: Extract<RequestAnswer, { kind: 'malformed' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const [first] = batch;
    if (first !== undefined && batch.length === 1) {
      settle(first, {
        kind: 'refused',
        status: refusal.status,
        code: refusal.code,
        problem: refusal.problem,
      });
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await sendBatch(batch.slice(0, middle), signal);
    await sendBatch(batch.slice(middle), signal);
  }

  return {
    async send(commands, signal) {
      const batches = toBatches(commands.map(serialize), bounds);
      await Promise.all(batches.map((batch) => sendBatch(batch, signal)));
    },
  };
}

const retryAfterOf = (answer: RequestAnswer): number =>
  answer.kind === 'again' ? (answer.retryAfter ?? 0) : 0;

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What went wrong with a request, in words: fetch hides the cause in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
