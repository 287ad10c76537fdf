import { describe, expect, it } from 'vitest';
import type { ShopEvent } from '@comptoir/schemas';
import type { Projection } from '../projection.ts';
import { plainFold } from '../testing/plain-fold.ts';
import { createRecorder, openingEvents, orderEvents, type OrderPlan } from '../testing/sample-history.ts';
import { journal } from './journal.ts';
import { orders } from './orders.ts';
import { sales } from './sales.ts';
import { stock } from './stock.ts';

const view = (projection: Projection, events: readonly ShopEvent[]): Record<string, object> =>
  Object.fromEntries(plainFold(projection, events.map(createRecorder(1))));

const order = (fate: OrderPlan['fate'], lines: OrderPlan['lines'] = { cup: 2, lamp: 1 }): ShopEvent[] =>
  orderEvents('o-1', { fate, lines, day: 3 });

const noon = new Date('2026-11-03T12:00:00Z');
const later = (milliseconds: number): Date => new Date(noon.getTime() + milliseconds);

describe('the view orders', () => {
  it('shows an order that was placed with every line pending', () => {
    expect(view(orders, order('placed'))).toEqual({
      'o-1': {
        orderId: 'o-1',
        status: 'placed',
        customer: { id: 'c-7', name: 'Ada Byron', email: 'ada@example.org', language: 'en' },
        lines: [
          { sku: 'cup', quantity: 2, unitPrice: 1250, status: 'pending' },
          { sku: 'lamp', quantity: 1, unitPrice: 8900, status: 'pending' },
        ],
        total: 11_400,
        currency: 'EUR',
        placedAt: noon,
        updatedAt: noon,
        version: 1,
        correlationId: 'o-1',
        text: 'o-1 c-7 ada byron ada@example.org cup lamp',
      },
    });
  });

  it('shows a confirmed order waiting for its payment, with its lines reserved', () => {
    expect(view(orders, order('confirmed'))).toMatchObject({
      'o-1': {
        status: 'awaiting-payment',
        confirmedAt: later(30),
        lines: [{ status: 'reserved' }, { status: 'reserved' }],
        version: 4,
      },
    });
  });

  it('says of a rejected order which line was refused and why, and releases the others', () => {
    const refusal = { reason: 'INSUFFICIENT_STOCK', available: 0, currentUnitPrice: 1250 };
    expect(view(orders, order('rejected'))).toMatchObject({
      'o-1': {
        status: 'rejected',
        rejectedAt: later(20),
        rejection: { sku: 'cup', ...refusal },
        lines: [
          { sku: 'cup', status: 'refused', refusal },
          { sku: 'lamp', status: 'released' },
        ],
      },
    });
  });

  it('follows an order to its delivery', () => {
    expect(view(orders, order('delivered'))).toMatchObject({
      'o-1': {
        status: 'delivered',
        payment: { amount: 11_400, method: 'card' },
        paidAt: later(60_000),
        shipment: { carrier: 'La Poste', trackingNumber: 'LP1' },
        shippedAt: later(70_000),
        deliveredAt: later(200_000),
        updatedAt: later(200_000),
        lines: [{ status: 'shipped' }, { status: 'shipped' }],
        version: 7,
      },
    });
  });

  it('says of a cancelled order who cancelled it, why, and what is paid back', () => {
    expect(view(orders, order('refunded'))).toMatchObject({
      'o-1': {
        status: 'cancelled',
        cancelledAt: later(86_400_000),
        cancellation: { by: 'customer', reason: 'changed my mind', refund: 11_400 },
        lines: [{ status: 'released' }, { status: 'released' }],
      },
    });
  });
});

describe('the view stock', () => {
  it('shows what is on hand, held and available', () => {
    expect(view(stock, [...openingEvents(), ...order('confirmed')])).toMatchObject({
      cup: { onHand: 100_000, reserved: 2, available: 99_998, low: false, version: 2, text: 'cup the cup' },
      lamp: { reserved: 1, available: 99_999 },
    });
  });

  it('holds nothing any more after a release, and has less on hand after a shipment', () => {
    expect(view(stock, [...openingEvents(), ...order('cancelled')])).toMatchObject({
      cup: { onHand: 100_000, reserved: 0, available: 100_000 },
    });
    expect(view(stock, [...openingEvents(), ...order('shipped')])).toMatchObject({
      cup: { onHand: 99_998, reserved: 0, available: 99_998 },
    });
  });

  it('takes adjustments and prices over, and says when little is left', () => {
    const adjustedAt = noon.getTime();
    const adjusted = { sku: 'cup', delta: -99_990, onHand: 10, note: null, adjustedAt };
    expect(
      view(stock, [
        ...openingEvents(),
        { type: 'StockAdjusted', data: { ...adjusted, reason: 'counted' } },
        {
          type: 'LowStockReached',
          data: { sku: 'cup', name: 'The cup', available: 10, lowStockThreshold: 10, reachedAt: adjustedAt },
        },
        {
          type: 'PriceChanged',
          data: {
            sku: 'cup',
            previousUnitPrice: 1250,
            unitPrice: 1300,
            currency: 'EUR',
            changedAt: adjustedAt + 1,
          },
        },
      ]),
    ).toMatchObject({
      cup: { onHand: 10, available: 10, low: true, unitPrice: 1300, version: 4, updatedAt: later(1) },
    });
  });

  it('has no document for a sku that was only asked for, and takes the version over when it is registered', () => {
    const refused: ShopEvent = {
      type: 'ReservationRefused',
      data: {
        sku: 'cup',
        orderId: 'o-9',
        quantity: 1,
        unitPrice: 1,
        currency: 'EUR',
        reason: 'UNKNOWN_ITEM',
        available: null,
        currentUnitPrice: null,
        refusedAt: 0,
      },
    };
    expect(view(stock, [refused])).toEqual({});
    expect(view(stock, [refused, ...openingEvents(), ...order('confirmed')])).toMatchObject({
      cup: { version: 3, reserved: 2 },
    });
  });
});

describe('the view sales', () => {
  it('counts a payment on its day, per currency and sku', () => {
    expect(view(sales, order('paid', { cup: 2, 'a/b': 3 }))).toEqual({
      '2026-11-03/EUR/cup': {
        day: '2026-11-03',
        sku: 'cup',
        currency: 'EUR',
        orders: 1,
        quantity: 2,
        revenue: 2500,
        refundedQuantity: 0,
        refunds: 0,
      },
      '2026-11-03/EUR/a/b': {
        day: '2026-11-03',
        sku: 'a/b',
        currency: 'EUR',
        orders: 1,
        quantity: 3,
        revenue: 15,
        refundedQuantity: 0,
        refunds: 0,
      },
    });
  });

  it('counts what is paid back on the day of the cancellation, and leaves the day of the sale as it was', () => {
    expect(view(sales, order('refunded', { cup: 2 }))).toMatchObject({
      '2026-11-03/EUR/cup': { orders: 1, quantity: 2, revenue: 2500, refunds: 0 },
      '2026-11-04/EUR/cup': { orders: 0, quantity: 0, revenue: 0, refundedQuantity: 2, refunds: 2500 },
    });
  });

  it('does not count an order that was cancelled before it was paid', () => {
    expect(view(sales, order('cancelled'))).toEqual({});
  });
});

describe('the view journal', () => {
  it('holds every event under its position, ready to be searched', () => {
    const entries = view(journal, [...openingEvents(), ...order('placed')]);
    expect(Object.keys(entries)).toContain('stock-0@0000000000000001');
    expect(entries['orders-0@0000000000000000']).toMatchObject({
      topic: 'orders',
      partition: 0,
      offset: 0,
      position: 'orders-0@0',
      log: 'orders-0',
      type: 'OrderPlaced',
      key: 'o-1',
      version: 1,
      time: new Date('2026-11-25T00:00:00Z'),
      traceparent: null,
      schema: { id: 1, subject: 'orders-shop.orders.OrderPlaced', version: 1 },
      data: { orderId: 'o-1', total: 11_400 },
    });
    expect(entries['orders-0@0000000000000000']).toMatchObject({
      text: expect.stringContaining('ada@example.org') as unknown,
    });
  });
});
