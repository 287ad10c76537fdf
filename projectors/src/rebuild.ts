// A rebuild: a new generation reads the log from its beginning beside the running view, and takes its place when it has caught up.
//   requested  somebody asked; the generation before the live one is dropped, the new collection and its indexes are made
//   filling    it reads what was in the log when filling began
//   following  it follows the log until it is close to its end
//   switching  nobody runs the live generation any more (mayRun, in runner.ts); once its group is empty its checkpoint is final,
//              and the new generation has to reach it: so no reader finds an older state after the switch than before
//   live       one update of the registry document names the new generation; the old one is kept until the next rebuild
// Every step is one compare-and-set on the registry document, made by whichever process comes first, so a process killed
// anywhere leaves a state from which any other goes on.
import type { EventLog } from '@comptoir/event-log';
import { failpoint, type Logger } from '@comptoir/service';
import {
  changeProjection,
  checkpointsCollection,
  generationName,
  readCheckpoints,
  type Build,
  type ProjectionChange,
  type ProjectionDocument,
} from '@comptoir/views';
import { MongoServerError, type Db } from 'mongodb';
import { hasReached, offsetsBehind, offsetsDone } from './progress.ts';
import type { Projection } from './projection.ts';
import { projectionGroup } from './runner.ts';
import { revisionIndex } from './view-store.ts';

export interface RebuildContext {
  readonly projection: Projection;
  readonly db: Db;
  readonly log: Pick<EventLog, 'endOffsets' | 'groupMembers'>;
  readonly logger: Logger;
}

/** A new generation may take over when it is at most this many offsets behind, or as far as it reads in two seconds. */
const closeEnough = 1_000;

/** The version of the declaration that a generation was built with; undefined for one that is not known. */
export const versionOf = ({ generations }: ProjectionDocument, generation: number): number | undefined =>
  generations.find(({ number }) => number === generation)?.version;

/** Creates a generation's collection with its indexes, unless they are there. */
export async function ensureCollection(db: Db, projection: Projection, generation: number): Promise<void> {
  const indexes = projection.appendOnly ? projection.indexes : [...projection.indexes, revisionIndex];
  await db.collection(generationName(projection.name, generation)).createIndexes([...indexes]);
}

/**
 * Takes the next step of a rebuild, if it can be taken now.
 * @returns the registry document after it; the same document when nothing changed or somebody else was faster
 */
export async function advanceRebuild(
  context: RebuildContext,
  document: ProjectionDocument,
): Promise<ProjectionDocument> {
  const { build } = document;
  if (build === null || build.state === 'failed') return document;
  if (build.state === 'requested') return startFilling(context, document, build);
  if (versionOf(document, build.generation) !== context.projection.version) return document;
  switch (build.state) {
    case 'filling':
      return endFilling(context, document, build);
    case 'following':
      return startSwitching(context, document, build);
    case 'switching':
      return switchOver(context, document, build);
    default:
      throw new Error(
        `projection ${document._id} is in an unknown state of building: ${String(build.state satisfies never)}`,
      );
  }
}

async function change(
  { db }: RebuildContext,
  document: ProjectionDocument,
  changes: ProjectionChange,
): Promise<ProjectionDocument | undefined> {
  const changed = await changeProjection(db, document, changes);
  return changed ? { ...document, ...changes, _rev: document._rev + 1 } : undefined;
}

async function startFilling(
  context: RebuildContext,
  document: ProjectionDocument,
  build: Build,
): Promise<ProjectionDocument> {
  const { projection, db, log, logger } = context;
  // Code that is older than the view cannot build a newer one of it.
  if (projection.version < document.version) return document;
  const { generation } = build;
  for (const { number } of document.generations) {
    if (number !== document.live) await dropGeneration(db, projection.name, number);
  }
  await ensureCollection(db, projection, generation);
  const targetOffsets = Object.fromEntries(await log.endOffsets(projection.topics));
  const startedAt = new Date();
  const total = offsetsDone(targetOffsets);
  const next = await change(context, document, {
    generations: [
      ...document.generations.filter(({ number }) => number === document.live),
      {
        number: generation,
        version: projection.version,
        state: 'building',
        createdAt: startedAt,
        readyAt: null,
      },
    ],
    build: { ...build, state: 'filling', startedAt, targetOffsets, total },
  });
  if (next !== undefined) {
    logger.info(
      { projection: projection.name, generation, offsets: total },
      'rebuild: filling a new generation',
    );
  }
  return next ?? document;
}

const namespaceNotFound = 26;

async function dropGeneration(db: Db, name: string, generation: number): Promise<void> {
  const id = generationName(name, generation);
  try {
    await db.dropCollection(id);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== namespaceNotFound) throw error;
  }
  await checkpointsCollection(db).deleteOne({ _id: id });
}

/** Where a generation stands; at the start of the log without a checkpoint. */
async function positionsOf(
  { db, projection: { name } }: RebuildContext,
  ...generations: readonly number[]
): Promise<Readonly<Record<string, number>>[]> {
  const ids = generations.map((generation) => generationName(name, generation));
  const checkpoints = await readCheckpoints(db, ids);
  return ids.map((id) => checkpoints.get(id)?.positions ?? {});
}

async function endFilling(
  context: RebuildContext,
  document: ProjectionDocument,
  build: Build,
): Promise<ProjectionDocument> {
  const [positions = {}] = await positionsOf(context, build.generation);
  if (!hasReached(positions, build.targetOffsets)) return document;
  const next = await change(context, document, {
    build: { ...build, state: 'following', done: build.total, secondsLeft: 0 },
  });
  if (next !== undefined) context.logger.info({ projection: document._id }, 'rebuild: following the log');
  return next ?? document;
}

async function startSwitching(
  context: RebuildContext,
  document: ProjectionDocument,
  build: Build,
): Promise<ProjectionDocument> {
  const { projection, log, logger } = context;
  const ends = await log.endOffsets(projection.topics);
  const [positions = {}] = await positionsOf(context, build.generation);
  const behind = offsetsBehind(positions, ends);
  if (behind > Math.max(closeEnough, 2 * build.ratePerSecond)) return document;
  const next = await change(context, document, { build: { ...build, state: 'switching' } });
  if (next !== undefined) {
    logger.info({ projection: document._id, behind }, 'rebuild: stopping the live generation to switch');
  }
  return next ?? document;
}

async function switchOver(
  context: RebuildContext,
  document: ProjectionDocument,
  build: Build,
): Promise<ProjectionDocument> {
  const { projection, log, logger } = context;
  const { live } = document;
  if ((await log.groupMembers(projectionGroup(projection.name, live))) > 0) return document;
  const [final = {}, reached = {}] = await positionsOf(context, live, build.generation);
  if (!hasReached(reached, final)) return document;
  failpoint('rebuild:before-switch');
  const next = await change(context, document, {
    live: build.generation,
    version: projection.version,
    generations: document.generations.map((generation) =>
      generation.number === build.generation
        ? { ...generation, state: 'live', readyAt: new Date() }
        : { ...generation, state: 'kept' },
    ),
    build: null,
    state: 'running',
    error: null,
  });
  if (next !== undefined) {
    logger.info({ projection: document._id, live: build.generation, kept: live }, 'rebuild: switched');
  }
  return next ?? document;
}

/** Gives up switching for now: the live generation goes on, and the new one follows. */
export async function backToFollowing(
  context: RebuildContext,
  document: ProjectionDocument,
): Promise<ProjectionDocument> {
  const { build } = document;
  if (build?.state !== 'switching') return document;
  return (await change(context, document, { build: { ...build, state: 'following' } })) ?? document;
}
