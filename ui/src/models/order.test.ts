import { describe, expect, it } from 'vitest';
import type { Order, OrderStatus } from '../services/contract.ts';
import { actionsOf, orderStatuses, orderTone, stagesOf } from './order.ts';

const order = (fields: Partial<Order>): Order => ({
  orderId: 'order-1',
  status: 'placed',
  customer: { id: 'c', name: 'Ada', email: 'ada@example.com', language: 'en' },
  lines: [],
  total: 0,
  currency: 'EUR',
  placedAt: '2026-11-25T10:00:00.000Z',
  updatedAt: '2026-11-25T10:00:00.000Z',
  version: 1,
  correlationId: 'c',
  ...fields,
});

const open = (status: OrderStatus): readonly string[] =>
  actionsOf(status)
    .filter(({ notAllowed }) => notAllowed === undefined)
    .map(({ action }) => action);

describe('the actions of an order', () => {
  it.each([
    ['placed', ['cancel']],
    ['awaiting-payment', ['pay', 'cancel']],
    ['paid', ['ship', 'cancel']],
    ['shipped', ['deliver']],
    ['delivered', []],
    ['rejected', []],
    ['cancelled', []],
  ] as const)('that is %s are %j', (status, actions) => {
    expect(open(status)).toEqual(actions);
  });

  it('that are not open say why', () => {
    const reasons = Object.fromEntries(
      actionsOf('placed').map(({ action, notAllowed }) => [action, notAllowed]),
    );
    expect(reasons).toEqual({
      pay: 'not-confirmed-yet',
      ship: 'not-paid-yet',
      deliver: 'not-shipped-yet',
      cancel: undefined,
    });
    expect(actionsOf('rejected').every(({ notAllowed }) => notAllowed === 'order-ended')).toBe(true);
    expect(actionsOf('delivered').every(({ notAllowed }) => notAllowed === 'already-done')).toBe(true);
  });
});

describe('the way of an order', () => {
  it('shows what is behind, where it is, and what may follow', () => {
    const stages = stagesOf(order({ status: 'paid', confirmedAt: 'x', paidAt: 'y' }));
    expect(stages.map(({ state }) => state)).toEqual(['done', 'done', 'current', 'ahead', 'ahead']);
    expect(stages[2]).toMatchObject({ status: 'paid', at: 'y' });
  });

  it('ends with a rejection or cancellation, and keeps what came before', () => {
    expect(stagesOf(order({ status: 'rejected', rejectedAt: 'x' })).map(({ status }) => status)).toEqual([
      'placed',
      'rejected',
    ]);
    const cancelled = stagesOf(
      order({ status: 'cancelled', confirmedAt: 'x', paidAt: 'y', cancelledAt: 'z' }),
    );
    expect(cancelled.map(({ status }) => status)).toEqual([
      'placed',
      'awaiting-payment',
      'paid',
      'cancelled',
    ]);
  });
});

it('gives every state a tone', () => {
  expect(orderStatuses.map(orderTone)).toEqual(['waiting', 'waiting', 'ok', 'ok', 'ok', 'refused', 'ended']);
});
