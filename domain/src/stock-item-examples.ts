// One stock item as the examples of its tests tell it: a lamp, ten on hand, sold at 15.00 EUR; what happened to it, and what it is
// asked for. Events of the past have their own instants; commands come at `at`, and so do the events they lead to. Used by
// tests only.
import type { EventOf, StockEvent } from '@comptoir/schemas';
import type { CommandOf } from './commands.ts';
import { specificationOf } from './decider-specification.ts';
import { deciders } from './deciders.ts';

export const given = specificationOf(deciders.stock);

export const sku = 'lamp';
export const orderId = '6f1c0b0e-7c1c-4f6e-9d55-0c5f0f8d2a01';
export const otherOrderId = '0d9f8a52-3d0b-4b63-8a39-5a2c7f0b7b02';
export const at = 1_000;
export const item = {
  sku,
  name: 'Lamp',
  unitPrice: 1_500,
  currency: 'EUR',
  onHand: 10,
  lowStockThreshold: 3,
};

export const registered: StockEvent = { type: 'StockItemRegistered', data: { ...item, registeredAt: 1 } };
export const reserved = (quantity: number, id = orderId, reservedAt = 2): EventOf<'StockReserved'> => ({
  type: 'StockReserved',
  data: { sku, orderId: id, quantity, unitPrice: 1_500, reservedAt },
});
export const released: StockEvent = {
  type: 'ReservationReleased',
  data: { sku, orderId, quantity: 4, releasedAt: 3 },
};
export const shipped: StockEvent = {
  type: 'StockShipped',
  data: { sku, orderId, quantity: 4, shippedAt: 3 },
};
export const priceChanged: EventOf<'PriceChanged'> = {
  type: 'PriceChanged',
  data: { sku, previousUnitPrice: 1_500, unitPrice: 1_800, currency: 'EUR', changedAt: 3 },
};
export const lowStock = (available: number): StockEvent => ({
  type: 'LowStockReached',
  data: { sku, name: 'Lamp', available, lowStockThreshold: 3, reachedAt: at },
});
export const adjusted = (
  delta: number,
  onHand: number,
  reason: EventOf<'StockAdjusted'>['data']['reason'],
): StockEvent => ({
  type: 'StockAdjusted',
  data: { sku, delta, onHand, reason, note: null, adjustedAt: at },
});

export const register = (data: Partial<typeof item> = {}): CommandOf<'RegisterStockItem'> => ({
  type: 'RegisterStockItem',
  data: { ...item, ...data },
  at,
});
export const adjust = (
  delta: number,
  reason: EventOf<'StockAdjusted'>['data']['reason'] = 'received',
): CommandOf<'AdjustStock'> => ({ type: 'AdjustStock', data: { sku, delta, reason, note: null }, at });
export const count = (counted: number): CommandOf<'AdjustStock'> => ({
  type: 'AdjustStock',
  data: { sku, counted, reason: 'counted', note: null },
  at,
});
export const changePrice = (unitPrice: number): CommandOf<'ChangePrice'> => ({
  type: 'ChangePrice',
  data: { sku, unitPrice },
  at,
});
export const quote = { sku, orderId, quantity: 4, unitPrice: 1_500, currency: 'EUR' };
export const reserve = (data: Partial<typeof quote> = {}): CommandOf<'ReserveStock'> => ({
  type: 'ReserveStock',
  data: { ...quote, ...data },
  at,
});
export const release: CommandOf<'ReleaseReservation'> = {
  type: 'ReleaseReservation',
  data: { sku, orderId },
  at,
};
export const ship: CommandOf<'ShipReservation'> = { type: 'ShipReservation', data: { sku, orderId }, at };
