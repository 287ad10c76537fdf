// The registry and the checkpoints on a real server of MongoDB's protocol.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointLag, createCheckpointStore, readCheckpoints } from './checkpoints.ts';
import { openDatabase, type Database } from './database.ts';
import {
  changeProjection,
  liveView,
  projectionsCollection,
  readProjection,
  requestRebuild,
  signOfLife,
  type ProjectionDocument,
} from './registry.ts';

let database: Database;

beforeEach(async () => {
  const uri = process.env.MONGODB_URI;
  if (uri === undefined) throw new Error('set MONGODB_URI: these tests need a server of MongoDB’s protocol');
  const url = new URL(uri);
  url.pathname = `/views-test-${randomUUID()}`;
  database = await openDatabase(url.href, { patience: 10_000 });
});

afterEach(async () => {
  await database.db.dropDatabase();
  await database.close();
});

const at = new Date('2026-11-25T12:00:00Z');

const entry: ProjectionDocument = {
  _id: 'orders',
  version: 1,
  live: 1,
  generations: [{ number: 1, version: 1, state: 'live', createdAt: at, readyAt: at }],
  build: null,
  state: 'running',
  error: null,
  ratePerSecond: 0,
  updatedAt: at,
  _rev: 1,
};

describe('a sign of life', () => {
  it('is written for those that are named, and spoils nobody’s change', async () => {
    const { db } = database;
    await projectionsCollection(db).insertMany([
      entry,
      { ...entry, _id: 'stock' },
      { ...entry, _id: 'sales' },
    ]);
    const later = new Date(at.getTime() + 3_000);
    await signOfLife(db, ['orders', 'stock'], later);
    const found = await projectionsCollection(db).find().sort({ _id: 1 }).toArray();
    expect(found.map(({ _id, updatedAt }) => [_id, updatedAt])).toEqual([
      ['orders', later],
      ['sales', at],
      ['stock', later],
    ]);
    expect(await changeProjection(db, entry, { ratePerSecond: 7 })).toBe(true);
  });
});

describe('a rebuild', () => {
  it('can be asked for once by however many, and again when it has failed', async () => {
    const { db } = database;
    await projectionsCollection(db).insertOne(entry);
    const answers = await Promise.all(Array.from({ length: 8 }, () => requestRebuild(db, 'orders')));
    expect(answers.filter(({ outcome }) => outcome === 'requested')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'in-progress')).toHaveLength(7);
    const requested = await readProjection(db, 'orders');
    if (requested?.build === null || requested === null) throw new Error('nothing was requested');
    expect(requested.build).toMatchObject({ generation: 2, state: 'requested' });
    await changeProjection(db, requested, { build: { ...requested.build, state: 'failed' } });
    expect(await requestRebuild(db, 'orders')).toEqual({ outcome: 'requested', generation: 3, live: 1 });
  });

  it('of a projection that nobody knows is refused', async () => {
    expect(await requestRebuild(database.db, 'orders')).toEqual({ outcome: 'unknown-projection' });
  });
});

describe('the registry document', () => {
  it('is changed only by whoever has read its last revision', async () => {
    const { db } = database;
    await projectionsCollection(db).insertOne(entry);
    expect(await changeProjection(db, entry, { state: 'failed' })).toBe(true);
    expect(await changeProjection(db, entry, { state: 'stopped' })).toBe(false);
    expect(await readProjection(db, 'orders')).toMatchObject({ state: 'failed', _rev: 2 });
  });

  it('names the collection that readers use', async () => {
    const { db } = database;
    expect(await liveView(db, 'orders')).toBeNull();
    await projectionsCollection(db).insertOne({ ...entry, live: 4 });
    const view = await liveView(db, 'orders');
    expect([view?.collection.collectionName, view?.checkpointId]).toEqual(['orders.g4', 'orders.g4']);
  });
});

describe('a checkpoint', () => {
  it('keeps each partition, also when the first are saved at the same time', async () => {
    const { db } = database;
    const checkpoints = createCheckpointStore(db);
    expect(await checkpoints.load('orders.g1')).toEqual(new Map());
    await Promise.all(
      [0, 1, 2, 3].map((partition) =>
        checkpoints.save('orders.g1', {
          partition: `orders-${String(partition)}`,
          nextOffset: partition,
          endOffset: 5,
        }),
      ),
    );
    await checkpoints.save('orders.g1', { partition: 'orders-0', nextOffset: 4, endOffset: 5 });
    expect(await checkpoints.load('orders.g1')).toEqual(
      new Map([
        ['orders-0', 4],
        ['orders-1', 1],
        ['orders-2', 2],
        ['orders-3', 3],
      ]),
    );
    expect(checkpointLag((await readCheckpoints(db, ['orders.g1', 'stock.g1'])).get('orders.g1'))).toBe(10);
  });
});
