import { describe, expect, it } from 'vitest';
import { journalEvent } from '../testing/journal-event.ts';
import { openReservations, stepPath, stockBar, stockHistory } from './stock.ts';

const stockEvent = (version: number, type: string, data: Record<string, unknown>) =>
  journalEvent({ type, topic: 'stock', key: 'TEA', version, data });

const events = [
  stockEvent(1, 'StockItemRegistered', { onHand: 10 }),
  stockEvent(2, 'StockReserved', { orderId: 'a', quantity: 4 }),
  stockEvent(3, 'StockReserved', { orderId: 'b', quantity: 2 }),
  stockEvent(4, 'PriceChanged', {}),
  stockEvent(5, 'StockShipped', { orderId: 'a', quantity: 4 }),
  stockEvent(6, 'StockAdjusted', { delta: 5 }),
  stockEvent(7, 'ReservationReleased', { orderId: 'b', quantity: 2 }),
];

describe('the history of a stock item', () => {
  const item = { onHand: 11, reserved: 0, version: 7 };

  it('gives the figures after each event that changed them', () => {
    expect(stockHistory(item, events).map(({ onHand, available }) => [onHand, available])).toEqual([
      [10, 10],
      [10, 6],
      [10, 4],
      [6, 4],
      [11, 9],
      [11, 11],
    ]);
  });

  it('is right although only the newest events are loaded', () => {
    expect(stockHistory(item, events.slice(4)).map(({ onHand, available }) => [onHand, available])).toEqual([
      [6, 4],
      [11, 9],
      [11, 11],
    ]);
  });

  it('leaves out what the view has not reached yet', () => {
    const history = stockHistory({ onHand: 10, reserved: 6, version: 3 }, events);
    expect(history.at(-1)).toMatchObject({ onHand: 10, available: 4 });
  });
});

describe('open reservations', () => {
  it('are those neither shipped nor released', () => {
    expect(openReservations(events.slice(0, 5)).map(({ orderId, quantity }) => [orderId, quantity])).toEqual([
      ['b', 2],
    ]);
    expect(openReservations(events)).toEqual([]);
  });
});

describe('the bar of a stock item', () => {
  it('shares a scale', () => {
    const bar = stockBar({ onHand: 50, reserved: 10, available: 40, lowStockThreshold: 5 }, 100);
    expect(bar).toEqual({ reserved: 10, available: 40, threshold: 5 });
  });

  it('of nothing is empty', () => {
    const bar = stockBar({ onHand: 0, reserved: 0, available: 0, lowStockThreshold: 0 });
    expect(bar).toEqual({ reserved: 0, available: 0, threshold: 0 });
  });
});

it('draws one step per value', () => {
  expect(stepPath([10, 5], { width: 100, height: 10, top: 10 })).toBe('M0.0,0.0 H50.0 L50.0,5.0 H100.0');
});
