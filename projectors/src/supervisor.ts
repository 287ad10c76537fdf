// The life of one projection in one process: reads the registry every second, runs the generations that it asks for, takes the next
// step of a rebuild, and publishes state, rate and progress, once a second at most. It keeps nothing that is not in the registry: any number
// of processes do the same, and partitions are shared out among them by Kafka.
import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@comptoir/event-log';
import { failpoint, type Logger } from '@comptoir/service';
import {
  changeProjection,
  checkpointLag,
  generationName,
  readProjection,
  type BuildState,
  type ProjectionDocument,
} from '@comptoir/views';
import type { Db } from 'mongodb';
import type { Failure } from './failures.ts';
import { dropReplacedGenerations, versionOf } from './generations.ts';
import { createRateMeter, offsetsDone } from './progress.ts';
import type { Projection } from './projection.ts';
import { progressOf, saysNothingNew } from './publication.ts';
import { advanceRebuild, backToFollowing } from './rebuild.ts';
import { registerProjection } from './registration.ts';
import { inSameInterval, type RegistryReader } from './registry-reader.ts';
import { startRunner, type RetryPace, type Runner, type RunnerObserver } from './runner.ts';

export interface SupervisorOptions {
  readonly projection: Projection;
  readonly db: Db;
  /** Reads for all supervisors at once. */
  readonly reader: RegistryReader;
  readonly log: Pick<EventLog, 'subscribe' | 'endOffsets' | 'groupMembers'>;
  readonly logger: Logger;
  readonly observer?: RunnerObserver;
  readonly pace?: RetryPace;
}

/** How one projection is doing in this process. */
export interface ProjectionStatus {
  readonly name: string;
  /** Generations that this process runs. */
  readonly running: readonly number[];
  /** Offsets that the live generation was behind at the last look; undefined before the first. */
  readonly lag: number | undefined;
  readonly ratePerSecond: number;
  readonly failure: Failure | undefined;
  /** Why the registry could not be read or a generation not be run; undefined while all is well. */
  readonly trouble: string | undefined;
}

/** One supervised projection. */
export interface Supervisor {
  readonly status: () => ProjectionStatus;
  /** Stops its runners and says so in the registry. */
  readonly stop: () => Promise<void>;
}

/** How often the registry is read while nothing is built: the longest time until a rebuild begins, ms. */
const pollInterval = 1_000;
/** The same while something is built, ms. */
const buildingPollInterval = 250;
/** The same while a switch is under way: the view stands still meanwhile. */
const switchingPollInterval = 50;
/** How often progress is looked at, and published when there is any, ms. */
const publishInterval = 1_000;
/**
 * How often it is looked at while nothing moves, and a sign of life published, ms: one that is silent for 5 s is taken for
 * stopped.
 */
const signOfLifeInterval = 3_000;
/** How long a switch may take before the live generation goes on, ms: more than a dead member stays in its group. */
const switchTimeout = 45_000;

/** How long a stop waits for what is asked of a database that may be away, ms: twice, with the runners (3 s) between. */
const lastWordsWithin = 2_000;

const atMost = (limit: number, work: Promise<unknown>): Promise<unknown> => {
  const ended = new AbortController();
  const over = delay(limit, undefined, { signal: ended.signal }).catch(() => undefined);
  return Promise.race([work, over]).finally(() => {
    ended.abort();
  });
};

const waitFor = (building: BuildState | undefined): number => {
  if (building === undefined || building === 'failed') return pollInterval;
  return building === 'switching' ? switchingPollInterval : buildingPollInterval;
};

/** The generations that code of a version runs, by the registry: the live one, and the one being built. */
export function generationsToRun(document: ProjectionDocument, version: number): number[] {
  const { live, build } = document;
  const building = build !== null && ['filling', 'following', 'switching'].includes(build.state);
  return [...(build?.state === 'switching' ? [] : [live]), ...(building ? [build.generation] : [])].filter(
    (generation) => versionOf(document, generation) === version,
  );
}

/** Starts supervising a projection. It keeps trying whatever fails. */
export function supervise(options: SupervisorOptions): Supervisor {
  const { projection, db, reader, log, logger, observer, pace } = options;
  const { name, version } = projection;
  const stopping = new AbortController();
  const runners = new Map<number, Runner>();
  const meters = { live: createRateMeter(), build: createRateMeter() };
  let registered = false;
  let document: ProjectionDocument | null = null;
  let lookedAt = 0;
  /** Something may have happened since progress was looked at. */
  let moves = true;
  let switchingSince: number | undefined;
  let lag: number | undefined;
  let ratePerSecond = 0;
  let trouble: string | undefined;

  const mayRun = async (generation: number): Promise<boolean> => {
    const current = await readProjection(db, name);
    return current !== null && generationsToRun(current, version).includes(generation);
  };

  const start = (generation: number): Promise<Runner> =>
    startRunner({
      projection,
      generation,
      db,
      log,
      logger,
      mayRun: () => mayRun(generation),
      afterCheckpoint: () => {
        moves = true;
        const build = document?.build;
        if (build?.generation !== generation) return;
        failpoint(`rebuild:${build.state}`);
        failpoint(`rebuild:${build.state}:${name}`);
      },
      ...(observer === undefined ? {} : { observer }),
      ...(pace === undefined ? {} : { pace }),
    });

  async function reconcile(current: ProjectionDocument): Promise<void> {
    const wanted = generationsToRun(current, version);
    for (const [generation, runner] of runners) {
      if (wanted.includes(generation)) continue;
      await runner.stop();
      runners.delete(generation);
    }
    for (const generation of wanted) {
      if (stopping.signal.aborted) return;
      if (!runners.has(generation)) runners.set(generation, await start(generation));
    }
  }

  async function boundSwitching(current: ProjectionDocument): Promise<ProjectionDocument> {
    if (current.build?.state !== 'switching') {
      switchingSince = undefined;
      return current;
    }
    switchingSince ??= Date.now();
    if (Date.now() - switchingSince < switchTimeout) return current;
    logger.warn({ projection: name }, 'rebuild: the live generation did not come to an end; trying again');
    switchingSince = undefined;
    return backToFollowing({ projection, db, log, logger }, current);
  }

  async function publish(current: ProjectionDocument): Promise<void> {
    const now = Date.now();
    const fails = [...runners.values()].some((runner) => runner.failure() !== undefined);
    const interval = moves || fails || current.build !== null ? publishInterval : signOfLifeInterval;
    if (inSameInterval(interval, now, lookedAt)) return;
    lookedAt = now;
    moves = false;
    const { live, build } = current;
    const ids = [live, build?.generation ?? live].map((generation) => generationName(name, generation));
    const [liveCheckpoint, buildCheckpoint] = await reader
      .checkpoints(ids)
      .then((found) => ids.map((id) => found.get(id)));
    ratePerSecond = meters.live.note(offsetsDone(liveCheckpoint?.positions ?? {}), now);
    lag = checkpointLag(liveCheckpoint);
    const change = progressOf({
      document: current,
      runsLive: runners.has(live),
      positions: liveCheckpoint?.positions ?? {},
      failure: runners.get(live)?.failure(),
      ratePerSecond,
      now: new Date(now),
      build:
        build === null || !runners.has(build.generation)
          ? undefined
          : {
              positions: buildCheckpoint?.positions ?? {},
              failure: runners.get(build.generation)?.failure(),
              ratePerSecond: meters.build.note(offsetsDone(buildCheckpoint?.positions ?? {}), now),
            },
    });
    if (saysNothingNew(current, change)) {
      await reader.signOfLife(name);
      return;
    }
    moves = true;
    // Somebody else changed the registry meanwhile: the next second will do.
    await changeProjection(db, current, change);
  }

  async function tick(): Promise<void> {
    if (!registered) {
      await registerProjection(db, projection, logger);
      registered = true;
    }
    document = await reader.projection(name);
    if (document === null) {
      registered = false;
      return;
    }
    const context = { projection, db, log, logger };
    document = await boundSwitching(await advanceRebuild(context, document));
    document = await dropReplacedGenerations(context, document);
    await reconcile(document);
    await publish(document);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await tick();
        if (trouble !== undefined)
          logger.info({ projection: name }, `projection ${name} is supervised again`);
        trouble = undefined;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== trouble) logger.warn({ err: error, projection: name }, message);
        trouble = message;
      }
      const wait = waitFor(document?.build?.state);
      await reader.nextTick(trouble === undefined ? wait : pollInterval, stopping.signal);
    }
  }

  async function markStopped(): Promise<void> {
    const current = await readProjection(db, name);
    if (current?.state !== 'running' || !runners.has(current.live)) return;
    await changeProjection(db, current, { state: 'stopped', ratePerSecond: 0, updatedAt: new Date() });
  }

  const running = run();
  return {
    status: () => {
      const failures = [...runners.values()].map((runner) => runner.failure());
      return {
        name,
        running: [...runners.keys()],
        lag,
        ratePerSecond,
        failure: failures.find((failure) => failure !== undefined),
        trouble,
      };
    },
    stop: async () => {
      stopping.abort();
      await atMost(lastWordsWithin, running);
      await Promise.allSettled([...runners.values()].map((runner) => runner.stop()));
      const noted = markStopped().catch((error: unknown) => {
        logger.warn({ err: error, projection: name }, 'could not note in the registry that it stopped');
      });
      await atMost(lastWordsWithin, noted);
      runners.clear();
    },
  };
}
