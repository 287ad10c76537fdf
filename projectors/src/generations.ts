// The generations of a projection as collections: made when a build begins, dropped when nobody can be reading them any more.
// The generation before the live one is kept until the next rebuild begins. And none is dropped sooner than a minute after readers
// have left it: an answer that was begun in it is finished in it.
import type { EventLog } from '@comptoir/event-log';
import {
  changeProjection,
  checkpointsCollection,
  generationName,
  type ProjectionDocument,
} from '@comptoir/views';
import { MongoServerError, type Db } from 'mongodb';
import type { Projection } from './projection.ts';
import { projectionGroup } from './runner.ts';
import { revisionIndex } from './view-store.ts';

/** Longer than any answer of the query API takes (60 s is its bound). */
const readersMayStay = 61_000;

/** The version of the declaration that a generation was built with; undefined for one that is not known. */
export const versionOf = ({ generations }: ProjectionDocument, generation: number): number | undefined =>
  generations.find(({ number }) => number === generation)?.version;

/** Creates a generation's collection with its indexes, unless they are there. */
export async function ensureCollection(db: Db, projection: Projection, generation: number): Promise<void> {
  const indexes = projection.appendOnly ? projection.indexes : [...projection.indexes, revisionIndex];
  await db.collection(generationName(projection.name, generation)).createIndexes([...indexes]);
}

/** The generations that nobody needs: neither live, nor being built, nor kept, nor left by readers just now. */
function needless({ live, generations, build }: ProjectionDocument, now: Date): number[] {
  const before = generations.filter(({ state }) => state === 'kept').map(({ number }) => number);
  const rebuilding = build !== null && build.state !== 'requested';
  const kept = rebuilding ? undefined : Math.max(...before);
  return generations
    .filter(({ number }) => ![live, build?.generation, kept].includes(number))
    .filter(({ replacedAt }) => now.getTime() - (replacedAt?.getTime() ?? 0) >= readersMayStay)
    .map(({ number }) => number);
}

/**
 * Drops the generations that nobody needs any more.
 * @returns the registry document after it; the same document when nothing was dropped or somebody else was faster
 */
export async function dropReplacedGenerations(
  { projection: { name }, db, log }: GenerationsContext,
  document: ProjectionDocument,
  now = new Date(),
): Promise<ProjectionDocument> {
  const dropped: number[] = [];
  for (const generation of needless(document, now)) {
    // Whoever still runs it would write it anew.
    if ((await log.groupMembers(projectionGroup(name, generation))) > 0) continue;
    await dropGeneration(db, name, generation);
    dropped.push(generation);
  }
  if (dropped.length === 0) return document;
  const generations = document.generations.filter(({ number }) => !dropped.includes(number));
  const changed = await changeProjection(db, document, { generations });
  return changed ? { ...document, generations, _rev: document._rev + 1 } : document;
}

export interface GenerationsContext {
  readonly projection: Projection;
  readonly db: Db;
  readonly log: Pick<EventLog, 'groupMembers'>;
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
