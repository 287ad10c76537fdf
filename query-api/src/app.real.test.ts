import { createLogger, type Http } from '@comptoir/service';
import {
  checkpointsCollection,
  notificationsCollection,
  projectionsCollection,
  viewCollection,
  type NotificationDocument,
} from '@comptoir/views';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueryApi } from './app.ts';
import {
  appendToJournal,
  checkpoint,
  journalOf,
  openTestDatabase,
  orderOf,
  registerProjections,
  registryOf,
  salesOf,
  stockOf,
} from './testing/database.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let app: Http;

const get = async (url: string) => {
  const answer = await app.inject(url);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.json<Record<string, unknown>>(),
  };
};

interface Listed {
  readonly items: Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
}

const list = async (url: string): Promise<Listed> => {
  const answer = await app.inject(url);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};

/** Every page of a list, one after the other. */
async function pages(url: string): Promise<Listed['items'][]> {
  const found: Listed['items'][] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { items, nextCursor }: Listed = await list(cursor === '' ? url : `${url}&cursor=${cursor}`);
    found.push(items);
    cursor = nextCursor;
  }
  return found;
}

const notification = (number: number, change: Partial<NotificationDocument>) => ({
  _id: `event-${String(number)}`,
  kind: 'order-confirmed' as const,
  orderId: 'o-1',
  to: 'ada@example.org',
  language: 'en' as const,
  subject: 'Confirmed',
  text: 'Your order is confirmed.',
  status: 'sent' as const,
  attempts: 1,
  eventId: `event-${String(number)}`,
  eventType: 'OrderConfirmed',
  position: `orders-3@${String(number)}`,
  correlationId: 'c-1',
  createdAt: new Date(Date.UTC(2026, 10, 25, 9, number)),
  claim: 'not for readers',
  ...change,
});

beforeAll(async () => {
  database = await openTestDatabase();
  const { db } = database;
  app = await createQueryApi({ database, logger: createLogger({ service: 'test', level: 'error' }) });
  await registerProjections(db);
  await viewCollection(db, 'orders', 1).insertMany([
    ...Array.from({ length: 7 }, (_, number) => orderOf(number)),
    // Placed at the same instant as the one before: only ids tell them apart.
    orderOf(7, { placedAt: orderOf(6).placedAt }),
    orderOf(8, {
      status: 'rejected',
      customer: { id: 'c-2', name: 'Émile (100%)', email: 'emile@example.org', language: 'fr' },
      text: 'émile (100%) emile@example.org',
      lines: [
        {
          sku: 'VASE',
          quantity: 1,
          unitPrice: 900,
          status: 'refused',
          refusal: { reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null },
        },
      ],
      rejection: { sku: 'VASE', reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null },
      rejectedAt: orderOf(9).placedAt,
    }),
  ]);
  await checkpoint(db, 'orders.g1', { 'orders-3': 9, 'orders-4': 0 });
  await viewCollection(db, 'stock', 1).insertMany([
    stockOf('LAMP'),
    stockOf('VASE', { low: true, available: 1 }),
    stockOf('A/B C'),
  ]);
  await viewCollection(db, 'sales', 1).insertMany([
    salesOf('2026-11-23', 'LAMP'),
    salesOf('2026-11-24', 'LAMP', {
      orders: 3,
      quantity: 5,
      revenue: 6000,
      refunds: 1000,
      refundedQuantity: 1,
    }),
    salesOf('2026-11-24', 'VASE', { revenue: 900 }),
    salesOf('2026-11-24', 'VASE', { _id: '2026-11-24/USD/VASE', currency: 'USD', revenue: 100 } as object),
    salesOf('2026-11-25', 'VASE', { revenue: 800 }),
  ]);
  await appendToJournal(db, [
    journalOf('orders', 3, 0),
    journalOf('orders', 3, 2),
    journalOf('stock', 1, 1),
    journalOf('stock', 1, 3),
  ]);
  await notificationsCollection(db).insertMany([
    notification(1, {}),
    notification(2, { orderId: 'o-2', status: 'failed', reason: 'mailbox unavailable' }),
  ]);
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

describe('orders', () => {
  it('come newest first, as documents without their bookkeeping, instants as ISO text', async () => {
    const { items } = await list('/v1/orders?limit=1');
    expect(items).toEqual([
      {
        orderId: orderOf(8).orderId,
        status: 'rejected',
        customer: { id: 'c-2', name: 'Émile (100%)', email: 'emile@example.org', language: 'fr' },
        lines: [
          {
            sku: 'VASE',
            quantity: 1,
            unitPrice: 900,
            status: 'refused',
            refusal: { reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null },
          },
        ],
        total: 2500,
        currency: 'EUR',
        placedAt: '2026-11-25T08:08:00.000Z',
        updatedAt: '2026-11-25T08:08:00.000Z',
        rejectedAt: '2026-11-25T08:09:00.000Z',
        rejection: { sku: 'VASE', reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null },
        version: 1,
        correlationId: 'c-8',
      },
    ]);
  });

  it.for(['-placedAt', 'placedAt'])(
    'sorted by %s come page by page, none twice, none missing, also at equal instants',
    async (sort) => {
      const all = await pages(`/v1/orders?sort=${sort}&limit=2`);
      expect(all.map(({ length }) => length)).toEqual([2, 2, 2, 2, 1]);
      const ids = all.flat().map(({ orderId }) => orderId);
      const upwards = Array.from({ length: 9 }, (_, number) => orderOf(number).orderId);
      expect(ids).toEqual(sort.startsWith('-') ? upwards.toReversed() : upwards);
    },
  );

  it.for([
    ['status=rejected', [8]],
    ['customerId=c-2', [8]],
    ['sku=VASE', [8]],
    ['from=2026-11-25T08:02:00Z&to=2026-11-25T08:04:00Z', [3, 2]],
    ['to=2026-11-25', []],
    ['q=LOVELACE&limit=2', [7, 6]],
    [`q=${encodeURIComponent('(100%)')}`, [8]],
    ['q=.*', []],
    [`q=${orderOf(5).orderId}`, [5]],
    ['q=ada&status=placed&sku=LAMP&sort=placedAt&limit=1', [0]],
  ] as const)('filtered by %s', async ([query, numbers]) => {
    const { items } = await list(`/v1/orders?${query}`);
    expect(items.map(({ orderId }) => orderId)).toEqual(numbers.map((number) => orderOf(number).orderId));
  });

  it.for([
    'state=placed',
    'status=lost',
    'limit=0',
    'limit=501',
    'sort=total',
    'wait=99999',
    'from=yesterday',
    'cursor=x',
  ])('asked with %s are a 400', async (query) => {
    const { status, body } = await get(`/v1/orders?${query}`);
    expect(status).toBe(400);
    expect(body.errors).toHaveLength(1);
  });

  it('are found by id, or not', async () => {
    expect((await get(`/v1/orders/${orderOf(3).orderId}`)).body).toMatchObject({
      orderId: orderOf(3).orderId,
    });
    expect(await get('/v1/orders/nobody')).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
  });
});

describe('stock', () => {
  it('comes by sku, in pages', async () => {
    expect((await pages('/v1/stock?limit=2')).map((page) => page.map(({ sku }) => sku))).toEqual([
      ['A/B C', 'LAMP'],
      ['VASE'],
    ]);
    expect((await pages('/v1/stock?sort=-name&limit=1')).flat().map(({ sku }) => sku)).toEqual([
      'VASE',
      'LAMP',
      'A/B C',
    ]);
    expect((await list('/v1/stock?sort=-sku')).items.map(({ sku }) => sku)).toEqual([
      'VASE',
      'LAMP',
      'A/B C',
    ]);
  });

  it('can be limited to what is low, or searched', async () => {
    expect((await list('/v1/stock?low=true')).items.map(({ sku }) => sku)).toEqual(['VASE']);
    expect((await list('/v1/stock?low=false&q=the%20l')).items.map(({ sku }) => sku)).toEqual(['LAMP']);
  });

  it('is found by sku, whatever characters it has', async () => {
    expect((await get(`/v1/stock/${encodeURIComponent('A/B C')}`)).body).toMatchObject({
      sku: 'A/B C',
      available: 8,
    });
    expect(await get('/v1/stock/NONE')).toMatchObject({
      status: 404,
      body: { code: 'stock-item-not-found' },
    });
  });
});

describe('sales', () => {
  it('come per day, sku and currency', async () => {
    const all = (await pages('/v1/sales?limit=2')).flat();
    expect(all.map(({ day, sku, currency }) => [day, sku, currency])).toEqual([
      ['2026-11-25', 'VASE', 'EUR'],
      ['2026-11-24', 'VASE', 'USD'],
      ['2026-11-24', 'VASE', 'EUR'],
      ['2026-11-24', 'LAMP', 'EUR'],
      ['2026-11-23', 'LAMP', 'EUR'],
    ]);
  });

  it('can be summed by day, currencies apart', async () => {
    const all = (await pages('/v1/sales?by=day&sort=day&from=2026-11-24&limit=1')).flat();
    expect(all).toEqual([
      { day: '2026-11-24', currency: 'EUR', quantity: 7, revenue: 6900, refundedQuantity: 1, refunds: 1000 },
      { day: '2026-11-24', currency: 'USD', quantity: 2, revenue: 100, refundedQuantity: 0, refunds: 0 },
      { day: '2026-11-25', currency: 'EUR', quantity: 2, revenue: 800, refundedQuantity: 0, refunds: 0 },
    ]);
  });

  it('can be summed by sku', async () => {
    const all = (await pages('/v1/sales?by=sku&sort=sku&to=2026-11-24&limit=2')).flat();
    expect(all.map(({ sku, currency, orders, revenue }) => [sku, currency, orders, revenue])).toEqual([
      ['LAMP', 'EUR', 4, 8500],
      ['VASE', 'EUR', 1, 900],
      ['VASE', 'USD', 1, 100],
    ]);
  });
});

describe('notifications', () => {
  it('come newest first, without what is only the reactor’s', async () => {
    const { items } = await list('/v1/notifications');
    expect(items.map(({ eventId }) => eventId)).toEqual(['event-2', 'event-1']);
    expect(items[0]).toMatchObject({ status: 'failed', reason: 'mailbox unavailable' });
    expect(items[0]).not.toHaveProperty('claim');
  });

  it('can be limited to an order or a status', async () => {
    expect((await list('/v1/notifications?orderId=o-1')).items).toHaveLength(1);
    expect((await list('/v1/notifications?status=queued')).items).toHaveLength(0);
  });
});

describe('the journal', () => {
  it('comes newest first, or oldest first', async () => {
    const positions = async (query: string) => (await pages(query)).flat().map(({ position }) => position);
    const oldest = ['orders-3@0', 'stock-1@1', 'orders-3@2', 'stock-1@3'];
    expect(await positions('/v1/journal?limit=3')).toEqual(oldest.toReversed());
    expect(await positions('/v1/journal?sort=time&limit=1')).toEqual(oldest);
  });

  it.for([
    ['topic=stock', 2],
    ['type=OrderDelivered', 2],
    ['key=key-1&topic=orders', 0],
    ['correlationId=correlation-3', 2],
    ['from=2026-11-25T08:02:00Z', 2],
    ['q=KEY-1%20(', 2],
  ] as const)('filtered by %s', async ([query, length]) => {
    expect((await list(`/v1/journal?${query}`)).items).toHaveLength(length);
  });

  it('has one event at a position, with its schema and data', async () => {
    expect((await get('/v1/journal/stock/1/3')).body).toMatchObject({
      position: 'stock-1@3',
      time: '2026-11-25T08:03:00.000Z',
      data: { orderId: 'o-1', deliveredAt: Date.UTC(2026, 10, 25, 8, 3) },
      schema: { id: 7, version: 1 },
      traceparent: null,
    });
    expect(await get('/v1/journal/stock/1/2')).toMatchObject({
      status: 404,
      body: { code: 'event-not-found' },
    });
    expect((await get('/v1/journal/shop/1/2')).status).toBe(400);
    expect((await get('/v1/journal?type=Nothing')).body).toMatchObject({ code: 'unknown-event-type' });
  });
});

describe('an aggregate', () => {
  const registered = {
    sku: 'SOFA',
    name: 'Sofa',
    unitPrice: 900,
    currency: 'EUR',
    lowStockThreshold: 1,
    registeredAt: 0,
  };
  const adjusted = { sku: 'SOFA', reason: 'received' as const, note: null, adjustedAt: 0 };

  beforeAll(async () => {
    const at = { key: 'SOFA' };
    await appendToJournal(database.db, [
      journalOf('stock', 5, 0, { ...at, type: 'StockItemRegistered', data: { ...registered, onHand: 4 } }),
      journalOf('stock', 5, 1, { ...at, type: 'StockAdjusted', data: { ...adjusted, delta: 3, onHand: 7 } }),
      journalOf('stock', 5, 2, { ...at, type: 'StockAdjusted', data: { ...adjusted, delta: -5, onHand: 2 } }),
    ]);
  });

  it.for([
    ['', 3, 2],
    ['?version=2', 2, 7],
    ['?at=2026-11-25T08:00:30Z', 1, 4],
  ] as const)('asked with %s is at version %i', async ([query, version, onHand]) => {
    const { body } = await get(`/v1/aggregates/stock/SOFA${query}`);
    expect(body).toMatchObject({
      topic: 'stock',
      id: 'SOFA',
      version,
      state: { status: 'registered', onHand },
      earlier: 0,
    });
    expect(body.events).toHaveLength(version);
  });

  it('that has not come that far, or does not exist, is a 404', async () => {
    expect((await get('/v1/aggregates/stock/SOFA?version=4')).body).toMatchObject({
      code: 'aggregate-not-found',
    });
    expect((await get('/v1/aggregates/orders/SOFA')).status).toBe(404);
  });
});

describe('read your writes', () => {
  it('is fresh when the view has read the position, of any topic it does not read besides', async () => {
    const { headers } = await get('/v1/orders?after=orders-3@8,stock-9@1000000');
    expect(headers.consistency).toBe('fresh');
  });

  it('is stale when the view does not get there in time, and still answers', async () => {
    const { status, headers } = await get('/v1/orders?after=orders-3@9&wait=30');
    expect([status, headers.consistency]).toEqual([200, 'stale']);
  });

  it('waits until the view gets there', async () => {
    const waiting = get('/v1/orders?limit=1&after=orders-4@0&wait=10000');
    await checkpoint(database.db, 'orders.g1', { 'orders-3': 9, 'orders-4': 1 });
    expect((await waiting).headers.consistency).toBe('fresh');
  });

  it('asks the generation that is live now, also when it changes meanwhile', async () => {
    const { db } = database;
    await viewCollection(db, 'stock', 2).insertOne(stockOf('NEW'));
    await checkpoint(db, 'stock.g1', { 'stock-1': 5 });
    await checkpoint(db, 'stock.g2', { 'stock-1': 11 });
    const waiting = app.inject('/v1/stock/NEW?after=stock-1@10&wait=10000');
    await projectionsCollection(db).updateOne({ _id: 'stock' }, { $set: { live: 2 } });
    const answer = await waiting;
    expect([answer.statusCode, answer.headers.consistency]).toEqual([200, 'fresh']);
    await projectionsCollection(db).updateOne({ _id: 'stock' }, { $set: { live: 1 } });
  });

  it('does not say anything when nothing was asked, and refuses what is no token', async () => {
    expect((await get('/v1/orders')).headers).not.toHaveProperty('consistency');
    expect(await get('/v1/orders?after=orders')).toMatchObject({
      status: 400,
      body: { code: 'invalid-token' },
    });
  });

  it('follows the reactor for notifications', async () => {
    expect((await get('/v1/notifications?after=orders-3@5&wait=0')).headers.consistency).toBe('stale');
    await checkpoint(database.db, 'reactor.notifications', { 'orders-3': 6 });
    expect((await get('/v1/notifications?after=orders-3@5&wait=0')).headers.consistency).toBe('fresh');
  });
});

describe('projections', () => {
  it('say how they are and how far behind', async () => {
    const { db } = database;
    await checkpointsCollection(db).updateOne(
      { _id: 'sales.g1' },
      { $set: { positions: { 'orders-3': 4 }, ends: { 'orders-3': 7, 'orders-10': 2 } } },
    );
    await projectionsCollection(db).updateOne({ _id: 'sales' }, { $set: { ratePerSecond: 3 } });
    const { body } = await get('/v1/projections/sales');
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
    const { items } = await list('/v1/projections');
    expect(items.map(({ name }) => name)).toEqual(['journal', 'orders', 'sales', 'stock']);
    expect(await get('/v1/projections/none')).toMatchObject({
      status: 404,
      body: { code: 'projection-not-found' },
    });
  });

  it('can be rebuilt: a dry run only says what would be done, a second request is a 409', async () => {
    const rebuild = async (query = '') => {
      const answer = await app.inject({ method: 'POST', url: `/v1/projections/journal/rebuild${query}` });
      return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
    };
    const { partitions } = (await get('/v1/projections/journal')).body as { partitions: { end: number }[] };
    const events = partitions.reduce((sum, { end }) => sum + end, 0);
    expect(events).toBeGreaterThan(0);
    const expected = { name: 'journal', generation: 2, keeps: 1, events };
    expect(await rebuild('?dryRun=true')).toMatchObject({ status: 200, body: { ...expected, dryRun: true } });
    expect((await get('/v1/projections/journal')).body).toMatchObject({ build: null });
    expect(await rebuild()).toMatchObject({ status: 202, body: { ...expected, dryRun: false } });
    expect((await get('/v1/projections/journal')).body).toMatchObject({
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
    const { db } = database;
    await projectionsCollection(db).deleteOne({ _id: 'sales' });
    const { status, headers, body } = await get('/v1/sales');
    expect([status, headers['retry-after'], body.code]).toEqual([503, '1', 'view-not-built']);
    await projectionsCollection(db).insertOne(registryOf('sales'));
  });

  it('a database that does not answer is a 503', async () => {
    // The discard port: nothing listens there.
    const client = new MongoClient('mongodb://127.0.0.1:9', { serverSelectionTimeoutMS: 50 });
    const db = client.db('lost');
    const alone = await createQueryApi({
      database: {
        db,
        ping: async () => {
          await db.command({ ping: 1 });
        },
      },
      logger: createLogger({ service: 'test', level: 'fatal' }),
    });
    expect((await alone.inject('/v1/orders')).statusCode).toBe(503);
    expect((await alone.inject('/health/ready')).statusCode).toBe(503);
    await alone.close();
    await client.close();
  });

  it('is said in OpenAPI for every route', async () => {
    const document = (await app.inject('/openapi.json')).json<{
      paths: Record<string, Record<string, { responses: object }>>;
    }>();
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/orders',
        '/v1/orders/{orderId}',
        '/v1/stock',
        '/v1/stock/{sku}',
        '/v1/sales',
        '/v1/notifications',
        '/v1/journal',
        '/v1/journal/{topic}/{partition}/{offset}',
        '/v1/projections',
        '/v1/projections/{name}/rebuild',
        '/v1/stream',
      ]),
    );
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
