import { describe, expect, it } from 'vitest';
import type { OrderView } from '@comptoir/views';
import { applyEvents } from './apply.ts';
import { FoldError, foldDocument, groupByDocument } from './fold.ts';
import { projection } from './projection.ts';
import { orders } from './projections/orders.ts';
import { sales } from './projections/sales.ts';
import { createInMemoryViewStore } from './testing/in-memory-view-store.ts';
import { createRecorder, openingEvents, orderEvents } from './testing/sample-history.ts';

const paidOrder = () =>
  orderEvents('o-1', { fate: 'paid', lines: { cup: 2, lamp: 1 }, day: 3 })
    .map(createRecorder(1))
    .filter(({ topic }) => topic === 'orders');

const plainView: OrderView = {
  orderId: 'o-1',
  status: 'placed',
  customer: { id: 'c-7', name: 'Ada Byron', email: 'ada@example.org', language: 'en' },
  lines: [],
  total: 0,
  currency: 'EUR',
  placedAt: new Date(0),
  updatedAt: new Date(0),
  version: 1,
  correlationId: 'o-1',
  text: '',
};

describe('folding a batch', () => {
  it('gives each document its events in order', () => {
    const record = createRecorder(1);
    const events = ['o-1', 'o-2', 'o-1'].map((orderId, day) =>
      record({ type: 'OrderDelivered', data: { orderId, deliveredAt: day } }),
    );
    const groups = groupByDocument(orders, events);
    expect([...groups].map(([id, group]) => [id, group.map(({ offset }) => offset)])).toEqual([
      ['o-1', [0, 2]],
      ['o-2', [1]],
    ]);
  });

  it('leaves out events that a projection does not care about', () => {
    expect(groupByDocument(sales, openingEvents().map(createRecorder(1))).size).toBe(0);
  });

  it('notes how far each partition has come, and the revision', () => {
    const events = paidOrder();
    const last = events.at(-1);
    expect(foldDocument(orders, 'o-1', undefined, events)).toMatchObject({
      replaces: 0,
      document: { _id: 'o-1', _rev: 1, _pos: { 'orders-0': last?.offset }, status: 'paid' },
    });
  });

  it('skips what a document has seen, and writes nothing when there is nothing new', () => {
    const events = paidOrder();
    const change = foldDocument(orders, 'o-1', undefined, events.slice(0, 3));
    expect(foldDocument(orders, 'o-1', change?.document, events.slice(0, 2))).toBeUndefined();
    expect(foldDocument(orders, 'o-1', change?.document, events)).toMatchObject({
      replaces: 1,
      document: { _rev: 2, status: 'paid' },
    });
  });

  it('names the event that cannot be folded, and why', () => {
    const [placed, ...rest] = paidOrder();
    const fold = (): unknown => foldDocument(orders, 'o-1', undefined, rest);
    expect(placed?.type).toBe('OrderPlaced');
    expect(fold).toThrow(FoldError);
    expect(fold).toThrow(
      'projection orders cannot fold OrderLineReserved at orders-0@1 into o-1: OrderLineReserved of o-1, of which nothing was seen before',
    );
  });

  it('notices an event that is missing between two', () => {
    const [placed, , second] = paidOrder();
    if (placed === undefined || second === undefined) throw new Error('the sample order is too short');
    expect(() => foldDocument(orders, 'o-1', undefined, [placed, second])).toThrow(
      'OrderLineReserved has version 3 of o-1, but version 1 was the last seen',
    );
  });
});

describe('applying a batch with an event that cannot be folded', () => {
  it('applies everything before it', async () => {
    const record = createRecorder(1);
    const before = orderEvents('o-1', { fate: 'placed', lines: { cup: 1 }, day: 1 }).map(record);
    const broken = record({ type: 'OrderDelivered', data: { orderId: 'o-2', deliveredAt: 0 } });
    const after = orderEvents('o-3', { fate: 'placed', lines: { cup: 1 }, day: 1 }).map(record);
    const store = createInMemoryViewStore();
    const events = [...before, broken, ...after];
    await expect(
      applyEvents({ projection: orders, store, events, isStale: () => false }),
    ).rejects.toMatchObject({ event: broken });
    expect([...store.documents.keys()]).toEqual(['o-1']);
  });
});

describe('a handler that gives no document', () => {
  const forgetful = projection<'orders', OrderView | null>({
    name: 'orders',
    version: 1,
    topics: ['orders'],
    key: ({ key }) => key,
    initial: () => null,
    on: {
      OrderPlaced: (_order, { data }) =>
        data.orderId === 'o-1' ? { ...plainView, orderId: data.orderId } : null,
      OrderPaid: () => null,
    },
    otherwise: () => ({ ...plainView, orderId: 'by otherwise' }),
    indexes: [],
  });
  const [placed, paid] = paidOrder().filter(({ type }) => type === 'OrderPlaced' || type === 'OrderPaid');
  if (placed === undefined || paid === undefined) throw new Error('the sample order is too short');

  it('has nothing written, and is not asked for twice', () => {
    expect(foldDocument(forgetful, 'o-1', undefined, [paid])).toBeUndefined();
  });

  it('cannot take away the document that is there', () => {
    expect(() => foldDocument(forgetful, 'o-1', undefined, [placed, paid])).toThrow(
      'its handler gives no document in place of the one that is there',
    );
  });
});

describe('a declaration', () => {
  it('is refused when it handles events of a topic that it does not read', () => {
    expect(() =>
      projection<'orders', null>({
        name: 'orders',
        version: 1,
        topics: ['orders'],
        key: () => null,
        initial: () => null,
        on: { PriceChanged: () => null },
        indexes: [],
      }),
    ).toThrow('projection orders handles PriceChanged but does not read its topic stock');
  });
});
