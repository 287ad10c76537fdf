import { describe, expect, it } from 'vitest';
import { eventTypes } from './journal-filter.ts';
import { summaryOf } from './event-summary.ts';
import { commandNameOf } from './timeline.ts';

describe('the summary of an event', () => {
  it.each([
    [
      'OrderPlaced',
      { lines: [{ sku: 'TEA', quantity: 2 }], total: 2500, currency: 'EUR' },
      '2 × TEA · €25.00',
    ],
    [
      'ReservationRefused',
      { sku: 'POT', quantity: 9, reason: 'INSUFFICIENT_STOCK' },
      '9 × POT · INSUFFICIENT_STOCK',
    ],
    ['StockAdjusted', { delta: -3, reason: 'damaged', note: null }, '−3 · damaged'],
    ['StockAdjusted', { delta: 12, reason: 'received', note: 'truck' }, '+12 · received · truck'],
    ['PriceChanged', { previousUnitPrice: 1000, unitPrice: 1200, currency: 'EUR' }, '€10.00 → €12.00'],
    ['LowStockReached', { name: 'Tea', available: 2, lowStockThreshold: 3 }, 'Tea · 2 ≤ 3'],
    ['OrderDelivered', {}, ''],
  ])('%s says %j as %j', (type, data, text) => {
    expect(summaryOf({ type, data }, 'en')).toBe(text);
  });

  it('of any event survives data of another shape', () => {
    for (const type of [...Object.values(eventTypes).flat(), 'OrderArchived']) {
      expect(typeof summaryOf({ type, data: { lines: 'none', quantity: 'many' } }, 'en')).toBe('string');
    }
  });
});

it('knows the command behind every event but those that follow from another in the same decision', () => {
  const without = Object.values(eventTypes)
    .flat()
    .filter((type) => commandNameOf([type]) === undefined);
  expect(without).toEqual(['OrderConfirmed', 'OrderRejected', 'LowStockReached']);
});
