// Runs one generation of one projection: a consumer group of its own, a checkpoint of its own, view writes before the checkpoint.
// A crash in between repeats the batch, which the documents skip. Whatever fails is tried again by itself: soon and with back-off
// when MongoDB is away, every 30 s when it is an event that cannot be folded; other projections have runners of their own.
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchControl, EventBatch, EventLog } from '@comptoir/event-log';
import { failpoint, type Logger } from '@comptoir/service';
import { createCheckpointStore, generationName } from '@comptoir/views';
import type { Db } from 'mongodb';
import { applyEvents, StaleBatchError } from './apply.ts';
import { createFailures, failedAfter, type Failure } from './failures.ts';
import { FoldError } from './fold.ts';
import type { Projection } from './projection.ts';
import { createViewStore } from './view-store.ts';

/** Told of what happens; feeds the metrics. */
export interface RunnerObserver {
  onBatch?(projection: string, events: number, seconds: number): void;
  onConflict?(projection: string): void;
  onFailure?(projection: string): void;
}

/** Waits between attempts, ms. */
export interface RetryPace {
  /** The first wait; each is twice the one before. */
  readonly first: number;
  /** The longest wait. */
  readonly most: number;
  /** The wait once an event has failed `failedAfter` times. */
  readonly failed: number;
}

/** What retries wait unless a test is in a hurry. */
export const standardPace: RetryPace = { first: 100, most: 5_000, failed: 30_000 };

export interface RunnerOptions {
  readonly projection: Projection;
  readonly generation: number;
  readonly db: Db;
  readonly log: Pick<EventLog, 'subscribe'>;
  readonly logger: Logger;
  /**
   * Asked at every assignment, from the registry itself: whether this generation may still be run. It closes the gap between
   * reading the registry and joining the group: whoever joins after a generation was stopped for good sees it here.
   */
  readonly mayRun: () => Promise<boolean>;
  /** Called by name where tests kill the process: after each batch's checkpoint. */
  readonly afterCheckpoint?: () => void;
  readonly observer?: RunnerObserver;
  readonly pace?: RetryPace;
}

/** A running generation. */
export interface Runner {
  readonly generation: number;
  assignment(): readonly string[];
  /** What keeps it from getting on; undefined while all is well. */
  failure(): Failure | undefined;
  /** Ends after the write in hand, or without it when MongoDB does not answer it soon, and leaves the group. */
  stop(): Promise<void>;
}

/** The consumer group of a generation. */
export const projectionGroup = (name: string, generation: number): string =>
  `comptoir.projection.${generationName(name, generation)}`;

/** How often a wait looks whether its batch is still ours, ms. */
const staleCheckInterval = 100;
/** How long the write in hand may take once its batch is no longer ours, ms. It may still be made later: that changes nothing. */
const abandonAfter = 3_000;

/** Starts a generation. Resolves when it has asked to join its group; partitions come later. */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { projection, generation, db, log, mayRun, observer, pace = standardPace } = options;
  const { name } = projection;
  const id = generationName(name, generation);
  const logger = options.logger.child({ projection: name, generation });
  const store = createViewStore(db, id);
  const checkpoints = createCheckpointStore(db);
  const failures = createFailures();

  async function apply(batch: EventBatch, isStale: () => boolean): Promise<void> {
    const { name: partition, nextOffset, endOffset, events } = batch;
    const applied = { projection, store, events, isStale, onConflict: () => observer?.onConflict?.(name) };
    try {
      const written = await applyEvents(applied);
      if (written > 0) failpointsAfterWrite(name);
    } catch (error) {
      if (error instanceof FoldError && !isStale()) {
        await checkpoints.save(id, { partition, nextOffset: error.event.offset, endOffset });
      }
      throw error;
    }
    if (isStale()) throw new StaleBatchError(`${partition} was taken away from ${id}`);
    await checkpoints.save(id, { partition, nextOffset, endOffset });
    options.afterCheckpoint?.();
  }

  async function onBatch(batch: EventBatch, control: BatchControl): Promise<void> {
    const isStale = (): boolean => control.isStale();
    const started = performance.now();
    let wait = pace.first;
    while (!isStale()) {
      try {
        await unlessAbandoned(apply(batch, isStale), isStale);
        failures.clear(batch.name);
        observer?.onBatch?.(name, batch.events.length, (performance.now() - started) / 1000);
        return;
      } catch (error) {
        if (error instanceof StaleBatchError) return;
        const { attempts, ofEvent, message } = failures.note(batch.name, error);
        observer?.onFailure?.(name);
        if (attempts <= failedAfter) logger.warn({ err: error, attempts }, message);
        await waitUnlessStale(ofEvent && attempts >= failedAfter ? pace.failed : wait, isStale);
        wait = Math.min(wait * 2, pace.most);
      }
    }
    failures.clear(batch.name);
  }

  const subscription = await log.subscribe({
    groupId: projectionGroup(name, generation),
    topics: projection.topics,
    concurrency: projection.concurrency,
    loadPositions: async () => {
      if (!(await mayRun())) throw new Error(`generation ${id} is not to be run any more`);
      return checkpoints.load(id);
    },
    onBatch,
    onError: (error) => {
      failures.noteReading(error);
      logger.warn({ err: error }, error.message);
    },
  });

  return {
    generation,
    assignment: () => subscription.assignment(),
    failure: () => failures.worst(),
    stop: () => subscription.stop(),
  };
}

function failpointsAfterWrite(name: string): void {
  failpoint('projector:after-view-write');
  failpoint(`projector:after-view-write:${name}`);
}

async function unlessAbandoned(work: Promise<void>, isStale: () => boolean): Promise<void> {
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  let staleSince: number | undefined;
  const timer = setInterval(() => {
    if (!isStale()) return;
    staleSince ??= Date.now();
    if (Date.now() - staleSince >= abandonAfter) reject(new StaleBatchError('its write is not answered'));
  }, staleCheckInterval);
  try {
    await Promise.race([work, abandoned]);
  } finally {
    clearInterval(timer);
  }
}

async function waitUnlessStale(ms: number, isStale: () => boolean): Promise<void> {
  const end = Date.now() + ms;
  while (!isStale() && Date.now() < end) {
    await delay(Math.min(staleCheckInterval, Math.max(1, end - Date.now())));
  }
}
