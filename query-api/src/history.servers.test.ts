// The journal and aggregates, as the API answers them from a database.
import { beforeAll, describe, expect, it } from 'vitest';
import { appendToJournal, journalOf } from './testing/database.ts';
import { useShop } from './testing/shop.ts';

const shop = useShop();

describe('the journal', () => {
  it('comes newest first, or oldest first', async () => {
    const positions = async (query: string) =>
      (await shop.pages(query)).flat().map(({ position }) => position);
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
    expect((await shop.list(`/v1/journal?${query}`)).items).toHaveLength(length);
  });

  it('has one event at a position, with its schema and data', async () => {
    expect((await shop.get('/v1/journal/stock/1/3')).body).toMatchObject({
      position: 'stock-1@3',
      time: '2026-11-25T08:03:00.000Z',
      data: { orderId: 'o-1', deliveredAt: Date.UTC(2026, 10, 25, 8, 3) },
      schema: { id: 7, version: 1 },
      traceparent: null,
    });
    expect(await shop.get('/v1/journal/stock/1/2')).toMatchObject({
      status: 404,
      body: { code: 'event-not-found' },
    });
    expect((await shop.get('/v1/journal/shop/1/2')).status).toBe(400);
    expect((await shop.get('/v1/journal?type=Nothing')).body).toMatchObject({ code: 'unknown-event-type' });
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
    await appendToJournal(shop.db, [
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
    const { body } = await shop.get(`/v1/aggregates/stock/SOFA${query}`);
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
    expect((await shop.get('/v1/aggregates/stock/SOFA?version=4')).body).toMatchObject({
      code: 'aggregate-not-found',
    });
    expect((await shop.get('/v1/aggregates/orders/SOFA')).status).toBe(404);
    expect((await shop.get('/v1/aggregates/stock/SOFA?at=2016-12-31T23:59:60Z')).status).toBe(400);
  });
});
