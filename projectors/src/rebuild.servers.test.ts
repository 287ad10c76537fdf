// The steps of a rebuild, one by one, on a real server of MongoDB's protocol: what the registry says decides, whoever takes the step.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '@comptoir/service';
import {
  createCheckpointStore,
  generationName,
  isBuilding,
  nextGeneration,
  projectionsCollection,
  requestRebuild,
  requestedBuild,
  type Build,
  type Generation,
  type ProjectionDocument,
} from '@comptoir/views';
import { dropReplacedGenerations } from './generations.ts';
import type { Projection } from './projection.ts';
import { orders } from './projections/orders.ts';
import { advanceRebuild, type RebuildContext } from './rebuild.ts';
import { registerProjection } from './registration.ts';
import { openTestDatabase, type TestDatabase } from './testing/test-database.ts';

const logger = createLogger({ service: 'test', level: process.env.LOG_LEVEL ?? 'silent' });
const now = new Date();
const anHourAgo = new Date(now.getTime() - 3_600_000);

let database: TestDatabase;
let end: number;
let members: number;

beforeEach(async () => {
  database = await openTestDatabase();
  end = 0;
  members = 0;
});

afterEach(async () => {
  await database.drop();
});

const contextOf = (projection: Projection = orders): RebuildContext => ({
  projection,
  db: database.db,
  log: {
    endOffsets: () => Promise.resolve(new Map([['orders-0', end]])),
    groupMembers: () => Promise.resolve(members),
  },
  logger,
});

const generation = (number: number, state: Generation['state'], change = {}): Generation => ({
  number,
  version: 1,
  state,
  createdAt: anHourAgo,
  readyAt: state === 'building' ? null : anHourAgo,
  ...change,
});

async function register(change: Partial<ProjectionDocument>): Promise<void> {
  const document: ProjectionDocument = {
    _id: 'orders',
    version: 1,
    live: 1,
    generations: [generation(1, 'live')],
    build: null,
    state: 'running',
    error: null,
    ratePerSecond: 0,
    updatedAt: now,
    _rev: 1,
    ...change,
  };
  await projectionsCollection(database.db).insertOne(document);
  for (const { number } of document.generations) {
    await database.db.collection(generationName('orders', number)).insertOne({ made: true });
    await reach(number, 3);
  }
}

const reach = (number: number, nextOffset: number): Promise<void> =>
  createCheckpointStore(database.db).save(generationName('orders', number), {
    partition: 'orders-0',
    nextOffset,
    endOffset: end,
  });

const step = async (projection?: Projection): Promise<ProjectionDocument> => {
  await advanceRebuild(contextOf(projection), await database.registry('orders'));
  return database.registry('orders');
};

const switching = (change: Partial<Build> = {}): Partial<ProjectionDocument> => ({
  generations: [generation(1, 'live'), generation(2, 'building')],
  build: { ...requestedBuild(2, 1), state: 'switching', ...change },
});

describe('the switch', () => {
  it('waits until nobody runs the live generation any more', async () => {
    await register(switching());
    members = 1;
    end = 3;
    await step();
    expect(await step()).toMatchObject({ live: 1 });
    members = 0;
    await step();
    expect(await step()).toMatchObject({ live: 2 });
  });

  it('waits for what the old generation may hold beyond its checkpoint: up to the end that the log has then', async () => {
    // Killed, or stopped, between view write and checkpoint: readers have seen events 3 and 4 in the old generation.
    await register(switching());
    end = 5;
    await step();
    await step();
    expect(await step()).toMatchObject({ live: 1, build: { state: 'switching' } });
    await reach(2, 5);
    expect(await step()).toMatchObject({ live: 2, build: null });
  });

  it('does not run after a log that goes on', async () => {
    await register(switching());
    end = 5;
    await step();
    end = 100;
    await reach(2, 5);
    expect(await step()).toMatchObject({ live: 2 });
  });
});

describe('a new version', () => {
  const next: Projection = { ...orders, version: 2 };

  it('is built by code of that version only, also while code of the old one runs beside it', async () => {
    await register({});
    await registerProjection(database.db, next, logger);
    expect(await step(orders)).toMatchObject({ build: { state: 'requested' } });
    expect(await step(next)).toMatchObject({
      build: { state: 'filling' },
      generations: [{ number: 1 }, { number: 2, version: 2 }],
    });
  });

  it('takes the place of a rebuild that was asked for before it', async () => {
    await register({});
    await requestRebuild(database.db, 'orders');
    await registerProjection(database.db, next, logger);
    expect(await step(orders)).toMatchObject({ build: { state: 'requested' } });
    expect(await step(next)).toMatchObject({ build: { state: 'filling' } });
  });
});

describe('a generation that readers have left', () => {
  const drop = async (at = now): Promise<number[]> => {
    await dropReplacedGenerations(contextOf(), await database.registry('orders'), at);
    const { generations } = await database.registry('orders');
    return generations.map(({ number }) => number);
  };
  const isThere = async (number: number): Promise<boolean> =>
    (await database.db.collection(generationName('orders', number)).countDocuments()) > 0;

  it('is kept until the next rebuild begins', async () => {
    await register({
      live: 2,
      generations: [generation(1, 'kept', { replacedAt: anHourAgo }), generation(2, 'live')],
    });
    expect(await drop()).toEqual([1, 2]);
    await requestRebuild(database.db, 'orders');
    expect(await drop()).toEqual([1, 2]);
    await step();
    expect(await drop()).toEqual([2, 3]);
    expect([await isThere(1), await isThere(2)]).toEqual([false, true]);
    expect(await database.positions('orders', 1)).toEqual({});
  });

  it('is kept for as long as an answer that was begun in it may take, whatever is rebuilt meanwhile', async () => {
    await register(switching());
    end = 3;
    await step();
    expect(await step()).toMatchObject({ live: 2 });
    await requestRebuild(database.db, 'orders');
    expect(await step()).toMatchObject({ build: { generation: 3, state: 'filling' } });
    expect(await drop(new Date(Date.now() + 1_000))).toEqual([1, 2, 3]);
    expect(await isThere(1)).toBe(true);
    expect(await drop(new Date(Date.now() + 61_000))).toEqual([2, 3]);
    expect(await isThere(1)).toBe(false);
  });

  it('is not dropped while somebody still writes to it', async () => {
    await register({
      live: 2,
      generations: [generation(1, 'building'), generation(2, 'live')],
    });
    members = 1;
    expect(await drop()).toEqual([1, 2]);
    members = 0;
    expect(await drop()).toEqual([2]);
  });

  it('leaves its number to nobody', async () => {
    await register({ ...switching(), build: { ...requestedBuild(2, 1), state: 'failed' } });
    expect(await drop()).toEqual([1, 2]);
    const document = await database.registry('orders');
    expect([isBuilding(document), nextGeneration(document)]).toEqual([false, 3]);
  });
});
