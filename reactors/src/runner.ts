// Runs one reactor over the log: at least once, in order per ordering key, from a checkpoint of its own.
// A batch is cut into waves (waves.ts); a wave is delivered whole before the next; after the last one the checkpoint moves. A crash
// in between repeats the batch, which the deliveries must stand: commands by their ids, notifications by theirs.
// Reactors never run in a rebuild: nothing but this group and this checkpoint decides what is reacted to.
import {
  errorFields,
  type BatchControl,
  type EventBatch,
  type EventLog,
  type Subscription,
} from '@comptoir/event-log';
import { partitionName } from '@comptoir/schemas';
import type { CheckpointStore } from '@comptoir/views';
import type { Logger } from '@comptoir/service';
import type { Reactor } from './reactor.ts';
import { toWaves, type Reaction } from './waves.ts';

/** Carries out the reactions of one wave; resolves when all are done. Must stand a repetition. Stops when the signal is aborted. */
export type Delivery<Out> = (wave: readonly Reaction<Out>[], signal: AbortSignal) => Promise<void>;

/** Told of what happens; feeds the metrics. */
export interface RunnerObserver {
  onBatch(batch: EventBatch, reactions: number): void;
}

/** Where a reactor begins that has no checkpoint yet. */
export type StartAt = 'beginning' | 'end';

export interface RunnerOptions<Out> {
  readonly reactor: Reactor<Out>;
  readonly deliver: Delivery<Out>;
  readonly log: Pick<EventLog, 'subscribe' | 'endOffsets'>;
  readonly checkpoints: CheckpointStore;
  /** `beginning` unless said otherwise: a new installation reacts to everything. */
  readonly startAt?: StartAt;
  readonly logger: Logger;
  readonly observer?: RunnerObserver;
  /** Called by name at the places where tests kill the process. */
  readonly failpoint?: (name: string) => void;
  /** How many partitions are handled at once. */
  readonly concurrency?: number;
}

/** A running reactor. */
export interface ReactorRunner {
  readonly name: string;
  assignment(): readonly string[];
  /** Gives up the batch in hand (it comes again after the next start) and leaves the group. */
  stop(): Promise<void>;
}

/** The batch in hand belongs to somebody else now, or soon. */
export class StaleBatchError extends Error {
  override readonly name = 'StaleBatchError';
}

/** How often a batch in hand is asked whether it is stale: ms. */
const staleCheckInterval = 200;

/** The consumer group of a reactor. */
export const reactorGroup = (name: string): string => `comptoir.reactor.${name}`;
/** The id of a reactor's checkpoint document. */
export const reactorCheckpoint = (name: string): string => `reactor.${name}`;

/** Starts a reactor. Resolves when it has joined its group. */
export async function runReactor<Out>(options: RunnerOptions<Out>): Promise<ReactorRunner> {
  const { reactor, deliver, log, checkpoints, logger, observer, failpoint, startAt = 'beginning' } = options;
  const checkpoint = reactorCheckpoint(reactor.name);

  async function loadPositions(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const positions = new Map(await checkpoints.load(checkpoint));
    const absent = names.filter((name) => !positions.has(name));
    if (startAt === 'beginning' || absent.length === 0) return positions;
    // Written down at once: a restart before the first event must not move the start.
    const ends = await log.endOffsets(reactor.topics);
    for (const name of absent) {
      const end = ends.get(name) ?? 0;
      await checkpoints.save(checkpoint, { partition: name, nextOffset: end, endOffset: end });
      positions.set(name, end);
    }
    logger.info(
      { reactor: reactor.name, partitions: absent },
      'no checkpoint yet: reacting from the end of the log',
    );
    return positions;
  }

  async function onBatch(batch: EventBatch, control: BatchControl): Promise<void> {
    const waves = toWaves(reactor, batch.events);
    await untilStale(control, async (signal) => {
      for (const wave of waves) {
        await deliver(wave, signal);
        signal.throwIfAborted();
      }
    });
    if (waves.length > 0) {
      failpoint?.('reactor:after-command');
      failpoint?.(`reactor:after-command:${reactor.name}`);
    }
    if (control.isStale()) throw new StaleBatchError(`${batch.name} was taken from reactor ${reactor.name}`);
    await checkpoints.save(checkpoint, {
      partition: batch.name,
      nextOffset: batch.nextOffset,
      endOffset: batch.endOffset,
    });
    observer?.onBatch(
      batch,
      waves.reduce((count, wave) => count + wave.length, 0),
    );
  }

  const subscription: Subscription = await log.subscribe({
    groupId: reactorGroup(reactor.name),
    topics: reactor.topics,
    concurrency: options.concurrency ?? 6,
    loadPositions: (partitions) =>
      loadPositions(partitions.map(({ topic, partition }) => partitionName(topic, partition))),
    onBatch,
    onError: (error) => {
      logger.warn(
        { ...errorFields(error), reactor: reactor.name },
        `reactor ${reactor.name}: ${error.message}`,
      );
    },
  });

  return {
    name: reactor.name,
    assignment: () => subscription.assignment(),
    stop: () => subscription.stop(),
  };
}

/** Works with a signal that is aborted once the batch is stale: retries end, requests under way are dropped. */
async function untilStale(
  control: BatchControl,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const check = (): void => {
    if (control.isStale()) controller.abort(new StaleBatchError('the batch is stale'));
  };
  const timer = setInterval(check, staleCheckInterval);
  try {
    check();
    controller.signal.throwIfAborted();
    await work(controller.signal);
  } finally {
    clearInterval(timer);
  }
}
