import type { EventOf, StockEvent } from '@comptoir/schemas';
import { describe, it } from 'vitest';
import { refused } from './decider-specification.ts';
import {
  given,
  sku,
  orderId,
  otherOrderId,
  at,
  registered,
  reserved,
  released,
  shipped,
  priceChanged,
  lowStock,
  quote,
  reserve,
  release,
  ship,
} from './stock-item-examples.ts';

describe('reserving', () => {
  it('holds the pieces at the quoted price', () => {
    given([registered])
      .when(reserve())
      .then([reserved(4, orderId, at)]);
  });
  it('holds the last piece', () => {
    given([registered, reserved(6, otherOrderId)])
      .when(reserve())
      .then([reserved(4, orderId, at), lowStock(0)]);
  });
  it('gives the same order the same answer without a second reservation', () => {
    given([registered, reserved(4)])
      .when(reserve())
      .then([]);
    given([registered, reserved(4), priceChanged])
      .when(reserve())
      .then([]);
  });
  it('refuses the same order another quantity, price or currency', () => {
    const conflict = refused('reservation-conflict', { quantity: 4, unitPrice: 1_500 });
    given([registered, reserved(4)])
      .when(reserve({ quantity: 5 }))
      .then(conflict);
    given([registered, reserved(4)])
      .when(reserve({ unitPrice: 1_400 }))
      .then(conflict);
    given([registered, reserved(4)])
      .when(reserve({ currency: 'USD' }))
      .then(conflict);
  });
  it('happens once per order, also after the reservation has ended', () => {
    given([registered, reserved(4), released])
      .when(reserve())
      .then(refused('reservation-ended'));
    given([registered, reserved(4), shipped])
      .when(reserve())
      .then(refused('reservation-ended'));
  });
  it.each([0, -1, 0.5, 2 ** 31])('refuses a quantity of %d', (quantity) => {
    given([registered]).when(reserve({ quantity })).then(refused('invalid-quantity'));
    given([]).when(reserve({ quantity })).then(refused('invalid-quantity'));
  });
  it('refuses a quoted price that is no price', () => {
    given([registered])
      .when(reserve({ unitPrice: -1 }))
      .then(refused('invalid-price'));
  });
});

describe('a reservation that cannot be made is a fact with its reason', () => {
  const refusedFor = (
    reason: EventOf<'ReservationRefused'>['data']['reason'],
    figures: Partial<EventOf<'ReservationRefused'>['data']>,
  ): StockEvent => ({
    type: 'ReservationRefused',
    data: { ...quote, reason, available: 10, currentUnitPrice: 1_500, refusedAt: at, ...figures },
  });

  it('UNKNOWN_ITEM for a sku that nobody registered', () => {
    given([])
      .when(reserve())
      .then([refusedFor('UNKNOWN_ITEM', { available: null, currentUnitPrice: null })]);
  });
  it('PRICE_CHANGED with the new price when the quoted one is no longer true', () => {
    given([registered, priceChanged])
      .when(reserve())
      .then([refusedFor('PRICE_CHANGED', { currentUnitPrice: 1_800 })]);
  });
  it('PRICE_CHANGED also when the item became cheaper', () => {
    given([registered])
      .when(reserve({ unitPrice: 1_600 }))
      .then([refusedFor('PRICE_CHANGED', { unitPrice: 1_600 })]);
  });
  it('CURRENCY_MISMATCH for a quote in another currency', () => {
    given([registered])
      .when(reserve({ currency: 'USD' }))
      .then([refusedFor('CURRENCY_MISMATCH', { currency: 'USD' })]);
  });
  it('INSUFFICIENT_STOCK with what is available', () => {
    given([registered, reserved(7, otherOrderId)])
      .when(reserve())
      .then([refusedFor('INSUFFICIENT_STOCK', { available: 3 })]);
  });
  it('names the currency before the price, and the price before the quantity', () => {
    given([registered])
      .when(reserve({ currency: 'USD', unitPrice: 1, quantity: 99 }))
      .then([refusedFor('CURRENCY_MISMATCH', { currency: 'USD', unitPrice: 1, quantity: 99 })]);
    given([registered])
      .when(reserve({ unitPrice: 1, quantity: 99 }))
      .then([refusedFor('PRICE_CHANGED', { unitPrice: 1, quantity: 99 })]);
  });
});

describe('ending a reservation', () => {
  it('releases what the order holds', () => {
    given([registered, reserved(4)])
      .when(release)
      .then([{ type: 'ReservationReleased', data: { sku, orderId, quantity: 4, releasedAt: at } }]);
  });
  it('changes nothing when there is nothing to release', () => {
    given([]).when(release).then([]);
    given([registered]).when(release).then([]);
    given([registered, reserved(4), released])
      .when(release)
      .then([]);
    given([registered, reserved(4), shipped])
      .when(release)
      .then([]);
  });
  it('ships what the order holds', () => {
    given([registered, reserved(4)])
      .when(ship)
      .then([{ type: 'StockShipped', data: { sku, orderId, quantity: 4, shippedAt: at } }]);
  });
  it('ships nothing twice, nothing that was released, nothing that was never reserved', () => {
    given([registered, reserved(4), shipped])
      .when(ship)
      .then(refused('reservation-ended'));
    given([registered, reserved(4), released])
      .when(ship)
      .then(refused('reservation-ended'));
    given([registered, reserved(4, otherOrderId)])
      .when(ship)
      .then(refused('reservation-not-found'));
    given([]).when(ship).then(refused('stock-item-not-found'));
  });
  it('makes released pieces available again, and shipped ones not', () => {
    const all = reserve({ orderId: otherOrderId, quantity: 10 });
    given([registered, reserved(4), released])
      .when(all)
      .then([reserved(10, otherOrderId, at), lowStock(0)]);
    given([registered, reserved(4), shipped])
      .when(all)
      .then([
        {
          type: 'ReservationRefused',
          data: {
            ...all.data,
            reason: 'INSUFFICIENT_STOCK',
            available: 6,
            currentUnitPrice: 1_500,
            refusedAt: at,
          },
        },
      ]);
  });
});
