// What the API answers besides the views: consistency, projections, what is not there, its own description.
import { createLogger, type Http } from '@comptoir/service';
import { checkpointsCollection, projectionsCollection, viewCollection } from '@comptoir/views';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { createQueryApi } from './app.ts';
import { checkpoint, registryOf, stockOf } from './testing/database.ts';
import { useShop } from './testing/shop.ts';

const shop = useShop();

describe('read your writes', () => {
  it('is fresh when the view has read the position, of any topic it does not read besides', async () => {
    const { headers } = await shop.get('/v1/orders?after=orders-3@8,stock-9@1000000');
    expect(headers.consistency).toBe('fresh');
  });

  it('is stale when the view does not get there in time, and still answers', async () => {
    const { status, headers } = await shop.get('/v1/orders?after=orders-3@9&wait=30');
    expect([status, headers.consistency]).toEqual([200, 'stale']);
  });

  it('waits until the view gets there', async () => {
    const waiting = shop.get('/v1/orders?limit=1&after=orders-4@0&wait=10000');
    await checkpoint(shop.db, 'orders.g1', { 'orders-3': 9, 'orders-4': 1 });
    expect((await waiting).headers.consistency).toBe('fresh');
  });

  it('asks the generation that is live now, also when it changes meanwhile', async () => {
    const { db } = shop;
    await viewCollection(db, 'stock', 2).insertOne(stockOf('NEW'));
    await checkpoint(db, 'stock.g1', { 'stock-1': 5 });
    await checkpoint(db, 'stock.g2', { 'stock-1': 11 });
    const waiting = shop.app.inject('/v1/stock/NEW?after=stock-1@10&wait=10000');
    await projectionsCollection(db).updateOne({ _id: 'stock' }, { $set: { live: 2 } });
    const answer = await waiting;
    expect([answer.statusCode, answer.headers.consistency]).toEqual([200, 'fresh']);
    await projectionsCollection(db).updateOne({ _id: 'stock' }, { $set: { live: 1 } });
  });

  it('does not say anything when nothing was asked, and refuses what is no token', async () => {
    expect((await shop.get('/v1/orders')).headers).not.toHaveProperty('consistency');
    expect(await shop.get('/v1/orders?after=orders')).toMatchObject({
      status: 400,
      body: { code: 'invalid-token' },
    });
  });

  it('follows the reactor for notifications', async () => {
    expect((await shop.get('/v1/notifications?after=orders-3@5&wait=0')).headers.consistency).toBe('stale');
    await checkpoint(shop.db, 'reactor.notifications', { 'orders-3': 6 });
    expect((await shop.get('/v1/notifications?after=orders-3@5&wait=0')).headers.consistency).toBe('fresh');
  });
});

describe('projections', () => {
  it('say how they are and how far behind', async () => {
    const { db } = shop;
    await checkpointsCollection(db).updateOne(
      { _id: 'sales.g1' },
      { $set: { positions: { 'orders-3': 4 }, ends: { 'orders-3': 7, 'orders-10': 2 } } },
    );
    await projectionsCollection(db).updateOne({ _id: 'sales' }, { $set: { ratePerSecond: 3 } });
    const { body } = await shop.get('/v1/projections/sales');
    expect(body).toMatchObject({
      name: 'sales',
      state: 'running',
      live: 1,
      build: null,
      documents: 5,
      // The orders projection has seen orders-3 up to 9.
      partitions: [
        { partition: 'orders-3', position: 4, end: 9, lag: 5 },
        { partition: 'orders-4', position: 0, end: 1, lag: 1 },
        { partition: 'orders-10', position: 0, end: 2, lag: 2 },
      ],
      lag: { events: 8, seconds: 3 },
    });
    const { items } = await shop.list('/v1/projections');
    expect(items.map(({ name }) => name)).toEqual(['journal', 'orders', 'sales', 'stock']);
    expect(await shop.get('/v1/projections/none')).toMatchObject({
      status: 404,
      body: { code: 'projection-not-found' },
    });
  });

  it('can be rebuilt: a dry run only says what would be done, a second request is a 409', async () => {
    const rebuild = async (query = '') => {
      const answer = await shop.app.inject({
        method: 'POST',
        url: `/v1/projections/journal/rebuild${query}`,
      });
      return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
    };
    const { partitions } = (await shop.get('/v1/projections/journal')).body as {
      partitions: { end: number }[];
    };
    const events = partitions.reduce((sum, { end }) => sum + end, 0);
    expect(events).toBeGreaterThan(0);
    const expected = { name: 'journal', generation: 2, keeps: 1, events };
    expect(await rebuild('?dryRun=true')).toMatchObject({ status: 200, body: { ...expected, dryRun: true } });
    expect((await shop.get('/v1/projections/journal')).body).toMatchObject({ build: null });
    expect(await rebuild()).toMatchObject({ status: 202, body: { ...expected, dryRun: false } });
    expect((await shop.get('/v1/projections/journal')).body).toMatchObject({
      build: { generation: 2, state: 'requested' },
    });
    expect(await rebuild()).toMatchObject({
      status: 409,
      body: { code: 'rebuild-in-progress', generation: 2 },
    });
    expect(await rebuild('?dryRun=true')).toMatchObject({ status: 409 });
  });
});

describe('what is not there', () => {
  it('a view that no projector has built yet is a 503', async () => {
    const { db } = shop;
    await projectionsCollection(db).deleteOne({ _id: 'sales' });
    const { status, headers, body } = await shop.get('/v1/sales');
    expect([status, headers['retry-after'], body.code]).toEqual([503, '1', 'view-not-built']);
    await projectionsCollection(db).insertOne(registryOf('sales'));
  });

  const appOn = async (client: MongoClient, name: string): Promise<Http> => {
    const db = client.db(name);
    const ping = async (): Promise<void> => {
      await db.command({ ping: 1 });
    };
    const logger = createLogger({ service: 'test', level: 'silent' });
    return createQueryApi({ database: { db, ping }, logger });
  };

  it('a database that does not answer is a 503 that says when to try again', async () => {
    // The discard port: nothing listens there.
    const client = new MongoClient('mongodb://127.0.0.1:9', { serverSelectionTimeoutMS: 50 });
    const alone = await appOn(client, 'lost');
    for (const url of ['/v1/orders', '/v1/stock/x?after=stock-1@3', '/v1/projections', '/v1/stream']) {
      const answer = await alone.inject(url);
      expect([answer.statusCode, answer.headers['retry-after'], answer.headers['content-type']]).toEqual([
        503,
        '2',
        'application/problem+json',
      ]);
      expect(answer.json()).toMatchObject({ code: 'views-unavailable' });
    }
    expect((await alone.inject('/health/ready')).statusCode).toBe(503);
    expect((await alone.inject('/health/live')).statusCode).toBe(200);
    await alone.close();
    await client.close();
  });

  it('a database that has no connection free in time is a 503 too', async () => {
    const client = new MongoClient(process.env.MONGODB_URI ?? '', { maxPoolSize: 1, waitQueueTimeoutMS: 1 });
    const busy = await appOn(client, shop.db.databaseName);
    const answers = await Promise.all(Array.from({ length: 100 }, () => busy.inject('/v1/orders')));
    const statuses = new Set(answers.map(({ statusCode }) => statusCode));
    expect(statuses).toContain(503);
    expect([...statuses].filter((status) => status !== 200)).toEqual([503]);
    await busy.close();
    await client.close();
  });

  it('is said in OpenAPI for every route', async () => {
    const document = (await shop.app.inject('/openapi.json')).json<{
      paths: Record<string, Record<string, { responses: object }>>;
    }>();
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/health/live',
      '/health/ready',
      '/v1/aggregates/{topic}/{id}',
      '/v1/journal',
      '/v1/journal/{topic}/{partition}/{offset}',
      '/v1/notifications',
      '/v1/notifications/{eventId}',
      '/v1/orders',
      '/v1/orders/{orderId}',
      '/v1/projections',
      '/v1/projections/{name}',
      '/v1/projections/{name}/rebuild',
      '/v1/sales',
      '/v1/stock',
      '/v1/stock/{sku}',
      '/v1/stream',
    ]);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { responses } of Object.values(methods)) {
        const statuses = Object.keys(responses);
        expect(
          statuses.some((status) => status.startsWith('2')),
          path,
        ).toBe(true);
      }
    }
  });
});
