// A rebuild: a new generation reads the log from its beginning beside the running view, and takes its place when it has caught up.
//   requested  somebody asked; the new collection and its indexes are made
//   filling    it reads what was in the log when filling began
//   following  it follows the log until it is close to its end
//   switching  nobody runs the live generation any more (mayRun, in runner.ts); once its group is empty the new generation has to
//              reach the end that the log has then: so no reader finds an older state after the switch than before, although
//              documents may be ahead of their checkpoint
//   live       one update of the registry document names the new generation; the old one is kept (generations.ts)
// Every step is one compare-and-set on the registry document, made by whichever process comes first, so a process killed
// anywhere leaves a state from which any other goes on.
import type { EventLog } from '@comptoir/event-log';
import { failpoint, type Logger } from '@comptoir/service';
import {
  changeProjection,
  generationName,
  readCheckpoints,
  type Build,
  type ProjectionChange,
  type ProjectionDocument,
} from '@comptoir/views';
import { ensureCollection, versionOf, type GenerationsContext } from './generations.ts';
import { hasReached, offsetsBehind, offsetsDone } from './progress.ts';
import { projectionGroup } from './runner.ts';

export interface RebuildContext extends GenerationsContext {
  readonly log: Pick<EventLog, 'endOffsets' | 'groupMembers'>;
  readonly logger: Logger;
}

/** A new generation may take over when it is at most this many offsets behind, or as far as it reads in two seconds. */
const closeEnough = 1_000;

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
  // Older code than was asked for would build an older view.
  if (projection.version < build.version) return document;
  const { generation } = build;
  await ensureCollection(db, projection, generation);
  const targetOffsets = Object.fromEntries(await log.endOffsets(projection.topics));
  const startedAt = new Date();
  const total = offsetsDone(targetOffsets);
  const next = await change(context, document, {
    generations: [
      ...document.generations,
      {
        number: generation,
        version: projection.version,
        state: 'building',
        createdAt: startedAt,
        readyAt: null,
      },
    ],
    build: { ...build, state: 'filling', version: projection.version, startedAt, targetOffsets, total },
  });
  if (next !== undefined) {
    logger.info(
      { projection: projection.name, generation, offsets: total },
      'rebuild: filling a new generation',
    );
  }
  return next ?? document;
}

/** Where a generation stands; at the start of the log without a checkpoint. */
async function positionsOf(
  { db, projection: { name } }: RebuildContext,
  generation: number,
): Promise<Readonly<Record<string, number>>> {
  const id = generationName(name, generation);
  return (await readCheckpoints(db, [id])).get(id)?.positions ?? {};
}

async function endFilling(
  context: RebuildContext,
  document: ProjectionDocument,
  build: Build,
): Promise<ProjectionDocument> {
  const positions = await positionsOf(context, build.generation);
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
  const positions = await positionsOf(context, build.generation);
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
  if (build.finalOffsets === null) {
    if ((await log.groupMembers(projectionGroup(projection.name, live))) > 0) return document;
    const finalOffsets = Object.fromEntries(await log.endOffsets(projection.topics));
    return (await change(context, document, { build: { ...build, finalOffsets } })) ?? document;
  }
  if (!hasReached(await positionsOf(context, build.generation), build.finalOffsets)) return document;
  const now = new Date();
  failpoint('rebuild:before-switch');
  const next = await change(context, document, {
    live: build.generation,
    version: projection.version,
    generations: document.generations.map((generation) =>
      generation.number === build.generation
        ? { ...generation, state: 'live', readyAt: now }
        : generation.number === live
          ? { ...generation, state: 'kept', replacedAt: now }
          : generation,
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
  const following: Build = { ...build, state: 'following', finalOffsets: null };
  return (await change(context, document, { build: following })) ?? document;
}
