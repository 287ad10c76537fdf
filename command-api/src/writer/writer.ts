// The one writer of the log. Kafka cannot append only if a version is still the expected one, so consistency comes from
// ownership: the consumer group gives the shard to one process, which fences every earlier owner, reads to the end, and only
// then takes commands. It decides a batch against its own state, appends it in one transaction, folds it, and answers.
// An error in a transaction leaves its outcome unknown: then ownership is taken anew, and what the batch held is looked up.
import { setTimeout as delay } from 'node:timers/promises';
import {
  backoff,
  errorFields,
  UnknownOutcomeError,
  type Appender,
  type EventBatch,
  type EventLog,
  type Subscription,
} from '@comptoir/event-log';
import { topics, type Position } from '@comptoir/schemas';
import type { Logger } from '@comptoir/service';
import { decideBatch, type DecidedCommand } from './batch.ts';
import type { Outcome, SubmittedCommand } from './command.ts';
import { BrokenLogError, WriterState } from './writer-state.ts';

/**
 * - `starting`: not in the group yet
 * - `standby`: another process owns the shard
 * - `recovering`: fencing, and reading to the end
 * - `ready`: taking commands
 * - `stopping`: the last batch, then the end
 */
export type WriterStatus = 'starting' | 'standby' | 'recovering' | 'ready' | 'stopping';

/** Where faults can be tried: between a batch's last send and its commit, and between its commit and the answers. */
export type WriterStep = 'sent' | 'committed';

export interface WriterOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly onStep?: (step: WriterStep) => void;
  /** Told of every appended batch: how many commands and events, and how long the transaction took in ms. */
  readonly onAppended?: (batch: { commands: number; events: number; duration: number }) => void;
}

/** The most commands that wait; beyond it a command is turned away. At 10,000 a second this is one second of work. */
const maximumQueue = 10_000;
/** How long a command waits for the shard to be recovered before it is turned away. Milliseconds. */
const recoveryPatience = 15_000;
/** The broker aborts a transaction that its owner has left open for this long. Milliseconds. */
const transactionTimeout = 15_000;
/** A writer stops after all readers, and a new one waits for it: shorter than theirs. Milliseconds. */
const maxWait = 1_500;
const groupId = 'command-api';
const transactionalId = 'comptoir-writer-0of1';

interface Waiting {
  readonly submitted: SubmittedCommand;
  readonly answer: (outcome: Outcome) => void;
  readonly since: number;
  /** True once an append of it has ended with an unknown outcome: being found in the log is then its first answer. */
  attempted: boolean;
}

export class Writer {
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #appender: Appender;
  readonly #onAppended: WriterOptions['onAppended'];
  readonly #state = new WriterState();
  #queue: Waiting[] = [];
  #status: WriterStatus = 'starting';
  #subscription: Subscription | undefined;
  /** Ends what an assignment has begun when the assignment ends. */
  #ownership = new AbortController();
  #caughtUp: { readonly ends: ReadonlyMap<string, number>; readonly resolve: () => void } | undefined;
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();
  #broken: Error | undefined;
  readonly #impatience: NodeJS.Timeout;

  constructor({ log, logger, onStep, onAppended }: WriterOptions) {
    this.#log = log;
    this.#logger = logger;
    this.#onAppended = onAppended;
    this.#appender = log.appender({
      transactionalId,
      transactionTimeout,
      ...(onStep === undefined ? {} : { onStep }),
    });
    this.#impatience = setInterval(() => {
      this.#turnAwayTheImpatient();
    }, 1_000);
    this.#impatience.unref();
  }

  get status(): WriterStatus {
    return this.#status;
  }

  /** How many commands wait to be decided. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Why the writer takes no commands although it owns the shard; `undefined` when all is well. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Joins the group. Resolves before the shard is ours: see `status`. */
  async start(): Promise<void> {
    this.#subscription = await this.#log.subscribeAsWriter(1, {
      groupId,
      topics,
      maxWait,
      loadPositions: () => Promise.resolve(this.#state.next),
      onBatch: (batch) => {
        this.#fold(batch);
        return Promise.resolve();
      },
      onAssigned: (names) => {
        if (names.length === 0) this.#stand();
        else void this.#takeOver(names);
      },
      onRevoked: () => {
        this.#release();
      },
      onError: (error) => {
        if (error instanceof BrokenLogError) this.#broken = error;
        this.#logger.warn(errorFields(error), 'the writer cannot read the log, trying again');
      },
    });
    // The shard may be ours, and recovered, before the subscription is in hand.
    if (this.#status === 'ready') this.#subscription.pause();
    if (this.#status === 'starting') this.#status = 'standby';
  }

  /** Hands a command over. Resolves with what came of it; never rejects. */
  submit(submitted: SubmittedCommand): Promise<Outcome> {
    if (this.#status !== 'ready') return Promise.resolve(unavailable(this.#whyNotReady()));
    if (this.#queue.length >= maximumQueue) {
      return Promise.resolve(unavailable(`${String(maximumQueue)} commands are waiting already`));
    }
    return new Promise((answer) => {
      this.#queue.push({ submitted, answer, since: Date.now(), attempted: false });
      this.#write();
    });
  }

  /** Finishes what is queued, leaves the group and closes the producers. */
  async stop(): Promise<void> {
    const wasReady = this.#status === 'ready';
    this.#status = 'stopping';
    clearInterval(this.#impatience);
    if (wasReady) {
      await this.#written;
      while (this.#queue.length > 0 && !this.#ownership.signal.aborted) await this.#writeBatch();
    }
    this.#turnAway(this.#queue.splice(0), 'the command API is stopping');
    await this.#subscription?.stop();
    await this.#appender.close();
  }

  #whyNotReady(): string {
    if (this.#broken !== undefined) return this.#broken.message;
    switch (this.#status) {
      case 'standby':
        return 'another process of the command API writes';
      case 'stopping':
        return 'the command API is stopping';
      case 'starting':
      case 'recovering':
      case 'ready':
        return 'the command API is reading the log';
    }
  }

  /** An assignment without partitions: somebody else writes. */
  #stand(): void {
    if (this.#status === 'stopping') return;
    this.#status = 'standby';
    this.#turnAway(this.#queue.splice(0), 'another process of the command API writes');
    this.#logger.info('another process owns the shard: standing by');
  }

  #release(): void {
    this.#ownership.abort();
    if (this.#status !== 'stopping') this.#status = 'recovering';
  }

  async #takeOver(names: readonly string[]): Promise<void> {
    if (this.#status === 'stopping') return;
    const ownership = new AbortController();
    this.#ownership = ownership;
    this.#status = 'recovering';
    const isOver = (): boolean => ownership.signal.aborted;
    const started = performance.now();
    for (const wait of backoff({ first: 100, most: 5_000 })) {
      if (isOver()) return;
      try {
        await this.#appender.open();
        await this.#readTo(await this.#log.endOffsets(topics), names, ownership.signal);
        break;
      } catch (error) {
        if (isOver()) return;
        this.#logger.warn(errorFields(error), 'taking over the shard failed, trying again');
        await delay(wait);
      }
    }
    // #release sets another status when the assignment has ended meanwhile.
    if (isOver()) return;
    this.#subscription?.pause();
    this.#status = 'ready';
    this.#logger.info(
      { partitions: names.length, duration: Math.round(performance.now() - started) },
      'the shard is ours',
    );
    this.#write();
  }

  /** Resolves when every partition has been read to its end; rejects when the assignment ends before. */
  #readTo(
    ends: ReadonlyMap<string, number>,
    names: readonly string[],
    ownership: AbortSignal,
  ): Promise<void> {
    const mine = new Map([...ends].filter(([name]) => names.includes(name)));
    return new Promise((resolve, reject) => {
      ownership.addEventListener('abort', () => {
        reject(new Error('the assignment ended'));
      });
      this.#caughtUp = { ends: mine, resolve };
      this.#checkCaughtUp();
    });
  }

  #checkCaughtUp(): void {
    if (this.#caughtUp === undefined) return;
    const { ends, resolve } = this.#caughtUp;
    for (const [name, end] of ends) if ((this.#state.next.get(name) ?? 0) < end) return;
    this.#caughtUp = undefined;
    resolve();
  }

  #fold({ name, events, nextOffset }: EventBatch): void {
    for (const event of events) this.#state.apply(event);
    this.#state.passed(name, nextOffset);
    this.#broken = undefined;
    this.#checkCaughtUp();
  }

  /** Starts writing unless it is under way. */
  #write(): void {
    if (!this.#isWriting) this.#written = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#status === 'ready' && this.#queue.length > 0) await this.#writeBatch();
    } finally {
      // In the same turn as the loop's last look at the queue: a command that comes next starts writing anew.
      this.#isWriting = false;
    }
  }

  async #writeBatch(): Promise<void> {
    const { decided, answered, deferred, taken } = decideBatch(this.#queue, this.#state, (event) =>
      this.#appender.encode(event),
    );
    this.#queue.splice(0, taken, ...deferred);
    for (const { waiting, outcome } of answered) waiting.answer(firstAnswer(waiting, outcome));
    if (decided.length === 0) return;
    const { signal } = this.#ownership;
    const started = performance.now();
    const events = decided.flatMap((command) => command.events);
    try {
      const positions = await unlessAborted(this.#appender.append(events), signal);
      this.#apply(decided, positions);
      this.#onAppended?.({
        commands: decided.length,
        events: events.length,
        duration: performance.now() - started,
      });
    } catch (error) {
      this.#unknown(decided, error, signal);
    }
  }

  #apply(decided: readonly DecidedCommand<Waiting>[], positions: readonly Position[]): void {
    let n = 0;
    for (const { waiting, created, events } of decided) {
      for (const { event } of events) {
        const position = positions[n++];
        if (position === undefined) throw new Error('Kafka did not say where an event was written');
        const { partition, offset } = position;
        this.#state.apply({ ...event, partition, offset, schema: writtenHere });
      }
      const recorded = this.#state.command(waiting.submitted.id);
      if (recorded === undefined)
        throw new Error(`command ${waiting.submitted.id} left nothing in the state`);
      const { aggregateId, version, position } = recorded;
      const answer = {
        commandId: waiting.submitted.id,
        aggregateId,
        version,
        position,
        events: recorded.events,
      };
      waiting.answer({ kind: 'accepted', answer, replayed: false, created });
    }
  }

  /**
   * Puts the commands of a batch with an unknown outcome back to the front: after the next recovery each is either found in
   * the state, and gets the answer it left there, or was never written, and is decided again.
   */
  #unknown(decided: readonly DecidedCommand<Waiting>[], error: unknown, signal: AbortSignal): void {
    const waiting = decided.map((command) => command.waiting);
    for (const each of waiting) each.attempted = true;
    this.#queue.unshift(...waiting);
    const fenced = error instanceof UnknownOutcomeError && error.fenced;
    this.#logger.warn(
      { ...errorFields(error), commands: waiting.length, fenced },
      'the outcome of a batch is unknown, recovering',
    );
    if (this.#status === 'stopping') {
      this.#ownership.abort();
      return;
    }
    if (this.#status === 'standby') this.#stand();
    if (signal.aborted) return;
    this.#release();
    void this.#subscription?.rejoin();
  }

  #turnAwayTheImpatient(): void {
    if (this.#status === 'ready') return;
    const oldest = Date.now() - recoveryPatience;
    const impatient = this.#queue.filter(({ since }) => since < oldest);
    if (impatient.length === 0) return;
    this.#queue = this.#queue.filter(({ since }) => since >= oldest);
    this.#turnAway(impatient, this.#whyNotReady());
  }

  #turnAway(waiting: readonly Waiting[], reason: string): void {
    for (const { answer } of waiting) answer(unavailable(reason));
  }
}

/** The state needs no schema; what is read from the log has one. */
const writtenHere = { id: 0, subject: '', version: undefined };

const unavailable = (reason: string): Outcome => ({ kind: 'unavailable', reason, retryAfter: 1 });

/** A command found in the log after its own append had an unknown outcome is no repeat: nobody was answered yet. */
const firstAnswer = (waiting: Waiting, outcome: Outcome): Outcome =>
  outcome.kind === 'accepted' && waiting.attempted ? { ...outcome, replayed: false } : outcome;

/** Rejects as soon as the signal is aborted, whatever the work still does. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new Error('the assignment ended while the batch was being written'));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
