// A projection's entry in the registry: made at its first start, and compared with the code at every start. Code with a newer
// version asks for a rebuild; until the switch readers keep the old generation, which nothing writes to any more unless processes
// with the old code still run.
import type { Logger } from '@comptoir/service';
import {
  projectionsCollection,
  readProjection,
  requestRebuild,
  type ProjectionDocument,
} from '@comptoir/views';
import { MongoServerError, type Db } from 'mongodb';
import type { Projection } from './projection.ts';
import { ensureCollection, versionOf } from './generations.ts';

const duplicateKey = 11_000;

/** The first entry: generation 1 is live at once, since there is nothing that it could replace. */
const firstEntry = ({ name, version }: Projection, now: Date): ProjectionDocument => ({
  _id: name,
  version,
  live: 1,
  generations: [{ number: 1, version, state: 'live', createdAt: now, readyAt: now }],
  build: null,
  state: 'running',
  error: null,
  ratePerSecond: 0,
  updatedAt: now,
  _rev: 1,
});

/** Makes sure that a projection is in the registry, its live collection has its indexes, and a newer version is being built. */
export async function registerProjection(db: Db, projection: Projection, logger: Logger): Promise<void> {
  const { name, version } = projection;
  let document = await readProjection(db, name);
  if (document === null) {
    await ensureCollection(db, projection, 1);
    await insertUnlessThere(db, firstEntry(projection, new Date()));
    document = await readProjection(db, name);
  }
  if (document === null) throw new Error(`the registry document of projection ${name} vanished`);
  const live = versionOf(document, document.live);
  if (live === version) await ensureCollection(db, projection, document.live);
  else if (live !== undefined && live > version) {
    logger.warn(
      { projection: name, live, code: version },
      `projection ${name}: the live generation was built by newer code; this process does not run it`,
    );
  } else await requestNewVersion(db, projection, logger);
}

async function insertUnlessThere(db: Db, document: ProjectionDocument): Promise<void> {
  try {
    await projectionsCollection(db).insertOne(document);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== duplicateKey) throw error;
  }
}

async function requestNewVersion(db: Db, { name, version }: Projection, logger: Logger): Promise<void> {
  const request = await requestRebuild(db, name, version);
  if (request.outcome !== 'requested') return;
  const { generation, live } = request;
  logger.info(
    { projection: name, to: version, generation },
    `projection ${name} has a new version: building generation ${String(generation)}; until it is ready readers keep ` +
      `generation ${String(live)}, which stays as it is`,
  );
}
