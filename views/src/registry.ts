// The registry of projections: one document each in the collection `projections`. It names the generation that readers use,
// and carries the state of the one being built. Every write is a compare-and-set on `_rev`, so any process may make it.
// Readers read it at every query: the switch to a new generation is one update of this document.
import type { Collection, Db } from 'mongodb';
import { generationName, viewCollection } from './collections.ts';
import type { ProjectionName, Stored, Views } from './documents.ts';
import { durable } from './database.ts';

/** One build of a projection, in a collection of its own. */
export interface Generation {
  readonly number: number;
  /** Version of the projection's declaration that it was built with. */
  readonly version: number;
  /** `kept`: the one before, until the next rebuild. */
  readonly state: 'live' | 'building' | 'kept';
  readonly createdAt: Date;
  readonly readyAt: Date | null;
  /** When readers were sent to the next one; absent until then. */
  readonly replacedAt?: Date;
}

/** How far a rebuild is: asked for; reading what was there at its start; following the log; the old generation is being stopped. */
export type BuildState = 'requested' | 'filling' | 'following' | 'switching' | 'failed';

/** A rebuild. */
export interface Build {
  readonly generation: number;
  readonly state: BuildState;
  /** The lowest version of the declaration to build it with; the version that it is built with once it has begun. */
  readonly version: number;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  /** End of every partition when filling began. */
  readonly targetOffsets: Readonly<Record<string, number>>;
  /** End of every partition when the live generation stood still, which the switch waits for; null until then. */
  readonly finalOffsets: Readonly<Record<string, number>> | null;
  /** Offsets to read while filling. */
  readonly total: number;
  /** Offsets of them that are read. */
  readonly done: number;
  readonly ratePerSecond: number;
  /** Null while nothing can be said. */
  readonly secondsLeft: number | null;
  readonly error: string | null;
}

/** What went wrong, and at which event. */
export interface ProjectionError {
  readonly message: string;
  /** `orders-3@1841`; null when it is no event's fault. */
  readonly position: string | null;
  readonly at: Date;
}

/** A projection as the registry knows it. */
export interface ProjectionDocument {
  readonly _id: string;
  /** Version of the live generation's declaration. */
  readonly version: number;
  /** The generation that readers use. */
  readonly live: number;
  readonly generations: readonly Generation[];
  readonly build: Build | null;
  /** `failed`: it does not get on, and tries again by itself. */
  readonly state: 'running' | 'failed' | 'stopped';
  readonly error: ProjectionError | null;
  /** Offsets per second that the live generation handles, over the last five seconds. */
  readonly ratePerSecond: number;
  /** Last sign of life of a process that runs it. */
  readonly updatedAt: Date;
  readonly _rev: number;
}

/** The registry of projections. */
export const projectionsCollection = (db: Db): Collection<ProjectionDocument> => db.collection('projections');

/** Reads one projection's registry document; null when no projector has ever run it. */
export const readProjection = (db: Db, name: string): Promise<ProjectionDocument | null> =>
  projectionsCollection(db).findOne({ _id: name });

/** Reads every projection's registry document, by name. */
export const readProjections = (db: Db): Promise<ProjectionDocument[]> =>
  projectionsCollection(db).find().sort({ _id: 1 }).toArray();

/** The view that readers use now: its collection, and the id of its checkpoint. */
export interface LiveView<View> {
  readonly collection: Collection<Stored<View>>;
  /** `orders.g2`. */
  readonly checkpointId: string;
  readonly generation: number;
  readonly projection: ProjectionDocument;
}

/** Looks up the live generation of a projection; null when no projector has ever run it. To be asked again at every query. */
export async function liveView<Name extends ProjectionName>(
  db: Db,
  name: Name,
): Promise<LiveView<Views[Name]> | null> {
  const projection = await readProjection(db, name);
  if (projection === null) return null;
  const { live } = projection;
  return {
    collection: viewCollection(db, name, live),
    checkpointId: generationName(name, live),
    generation: live,
    projection,
  };
}

/** What may be changed of a registry document. */
export type ProjectionChange = Partial<Omit<ProjectionDocument, '_id' | '_rev'>>;

/**
 * Changes a registry document, if it is still the one that was read.
 * @returns whether it was changed; false means that somebody else was faster: read it again
 */
export async function changeProjection(
  db: Db,
  read: Pick<ProjectionDocument, '_id' | '_rev'>,
  change: ProjectionChange,
): Promise<boolean> {
  const { matchedCount } = await projectionsCollection(db).updateOne(
    { _id: read._id, _rev: read._rev },
    { $set: { ...change, _rev: read._rev + 1 } },
    { writeConcern: durable },
  );
  return matchedCount === 1;
}

/**
 * Says that somebody runs these projections. It is no change that others must know of: `_rev` stays, and it need not survive a crash.
 */
export async function signOfLife(db: Db, names: readonly string[], now = new Date()): Promise<void> {
  await projectionsCollection(db).updateMany({ _id: { $in: [...names] } }, { $set: { updatedAt: now } });
}

/** The number of the generation that a rebuild would build. Numbers are not used twice. */
export const nextGeneration = ({ live, generations, build }: ProjectionDocument): number =>
  Math.max(live, build?.generation ?? 0, ...generations.map(({ number }) => number)) + 1;

/** Whether a rebuild is under way. */
export const isBuilding = ({ build }: ProjectionDocument): boolean =>
  build !== null && build.state !== 'failed';

/**
 * A build as it is when it is asked for.
 * @param version - of the declaration, at least
 */
export const requestedBuild = (generation: number, version: number): Build => ({
  generation,
  state: 'requested',
  version,
  requestedAt: new Date(),
  startedAt: null,
  targetOffsets: {},
  finalOffsets: null,
  total: 0,
  done: 0,
  ratePerSecond: 0,
  secondsLeft: null,
  error: null,
});

/** What became of a request to rebuild. */
export type RebuildRequest =
  | { readonly outcome: 'requested'; readonly generation: number; readonly live: number }
  | { readonly outcome: 'in-progress'; readonly generation: number; readonly live: number }
  | { readonly outcome: 'unknown-projection' };

/** A registry document changes about once a second; more conflicts in a row than this are a defect. */
const maxConflicts = 50;

/**
 * Asks for a rebuild by one conditional update; projectors take it up within a second, whenever they run.
 * @param name - of the projection
 * @param version - of the declaration, at least; by default that of the live generation. A rebuild with a lower one gives way
 */
export async function requestRebuild(db: Db, name: string, version?: number): Promise<RebuildRequest> {
  for (let attempt = 0; attempt < maxConflicts; attempt += 1) {
    const projection = await readProjection(db, name);
    if (projection === null) return { outcome: 'unknown-projection' };
    const { build, live } = projection;
    const wanted = version ?? projection.version;
    if (build !== null && isBuilding(projection) && build.version >= wanted) {
      return { outcome: 'in-progress', generation: build.generation, live };
    }
    const generation = nextGeneration(projection);
    if (await changeProjection(db, projection, { build: requestedBuild(generation, wanted) })) {
      return { outcome: 'requested', generation, live };
    }
  }
  throw new Error(
    `the registry document of projection ${name} changed ${String(maxConflicts)} times in a row`,
  );
}
