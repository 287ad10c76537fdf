// Orders, stock, sales and notifications, as the API answers them from a database.
import { describe, expect, it } from 'vitest';
import { orderOf } from './testing/database.ts';
import { useShop } from './testing/shop.ts';

const shop = useShop();

describe('orders', () => {
  it('come newest first, as documents without their bookkeeping, instants as ISO text', async () => {
    const { items } = await shop.list('/v1/orders?limit=1');
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
      const all = await shop.pages(`/v1/orders?sort=${sort}&limit=2`);
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
    const { items } = await shop.list(`/v1/orders?${query}`);
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
    // A leap second is an instant of RFC 3339 that no date can hold.
    'to=2016-12-31T23:59:60Z',
    'cursor=x',
    'limit=1&limit=2',
  ])('asked with %s are a 400', async (query) => {
    const { status, body } = await shop.get(`/v1/orders?${query}`);
    expect(status).toBe(400);
    expect(body.errors).toHaveLength(1);
  });

  it('are found by id, or not', async () => {
    expect((await shop.get(`/v1/orders/${orderOf(3).orderId}`)).body).toMatchObject({
      orderId: orderOf(3).orderId,
    });
    expect(await shop.get('/v1/orders/nobody')).toMatchObject({
      status: 404,
      body: { code: 'order-not-found' },
    });
  });
});

describe('stock', () => {
  it('comes by sku, in pages', async () => {
    expect((await shop.pages('/v1/stock?limit=2')).map((page) => page.map(({ sku }) => sku))).toEqual([
      ['A/B C', 'LAMP'],
      ['VASE'],
    ]);
    expect((await shop.pages('/v1/stock?sort=-name&limit=1')).flat().map(({ sku }) => sku)).toEqual([
      'VASE',
      'LAMP',
      'A/B C',
    ]);
    expect((await shop.list('/v1/stock?sort=-sku')).items.map(({ sku }) => sku)).toEqual([
      'VASE',
      'LAMP',
      'A/B C',
    ]);
  });

  it('can be limited to what is low, or searched', async () => {
    expect((await shop.list('/v1/stock?low=true')).items.map(({ sku }) => sku)).toEqual(['VASE']);
    expect((await shop.list('/v1/stock?low=false&q=the%20l')).items.map(({ sku }) => sku)).toEqual(['LAMP']);
  });

  it('is found by sku, whatever characters it has', async () => {
    expect((await shop.get(`/v1/stock/${encodeURIComponent('A/B C')}`)).body).toMatchObject({
      sku: 'A/B C',
      available: 8,
    });
    expect(await shop.get('/v1/stock/NONE')).toMatchObject({
      status: 404,
      body: { code: 'stock-item-not-found' },
    });
  });
});

describe('sales', () => {
  it('come per day, sku and currency', async () => {
    const all = (await shop.pages('/v1/sales?limit=2')).flat();
    expect(all.map(({ day, sku, currency }) => [day, sku, currency])).toEqual([
      ['2026-11-25', 'VASE', 'EUR'],
      ['2026-11-24', 'VASE', 'USD'],
      ['2026-11-24', 'VASE', 'EUR'],
      ['2026-11-24', 'LAMP', 'EUR'],
      ['2026-11-23', 'LAMP', 'EUR'],
    ]);
  });

  it('can be summed by day, currencies apart', async () => {
    const all = (await shop.pages('/v1/sales?by=day&sort=day&from=2026-11-24&limit=1')).flat();
    expect(all).toEqual([
      { day: '2026-11-24', currency: 'EUR', quantity: 7, revenue: 6900, refundedQuantity: 1, refunds: 1000 },
      { day: '2026-11-24', currency: 'USD', quantity: 2, revenue: 100, refundedQuantity: 0, refunds: 0 },
      { day: '2026-11-25', currency: 'EUR', quantity: 2, revenue: 800, refundedQuantity: 0, refunds: 0 },
    ]);
  });

  it('can be summed by sku', async () => {
    const all = (await shop.pages('/v1/sales?by=sku&sort=sku&to=2026-11-24&limit=2')).flat();
    expect(all.map(({ sku, currency, orders, revenue }) => [sku, currency, orders, revenue])).toEqual([
      ['LAMP', 'EUR', 4, 8500],
      ['VASE', 'EUR', 1, 900],
      ['VASE', 'USD', 1, 100],
    ]);
  });
});

describe('notifications', () => {
  it('come newest first, without what is only the reactor’s', async () => {
    const { items } = await shop.list('/v1/notifications');
    expect(items.map(({ eventId }) => eventId)).toEqual(['event-2', 'event-1']);
    expect(items[0]).toMatchObject({ status: 'failed', reason: 'mailbox unavailable' });
    expect(items[0]).not.toHaveProperty('claim');
    expect(items[0]).not.toHaveProperty('dueAt');
    const { body } = await shop.get('/v1/notifications/event-2');
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(items[0] ?? {}).toSorted());
  });

  it('can be limited to an order or a status', async () => {
    expect((await shop.list('/v1/notifications?orderId=o-1')).items).toHaveLength(1);
    expect((await shop.list('/v1/notifications?status=queued')).items).toHaveLength(0);
  });
});
