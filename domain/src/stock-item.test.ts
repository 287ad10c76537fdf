import type { StockEvent } from '@comptoir/schemas';
import { maximumFigure } from './bounds.ts';
import { describe, expect, it } from 'vitest';
import { fold, refused } from './decider-specification.ts';
import { deciders } from './deciders.ts';
import {
  quote,
  given,
  sku,
  orderId,
  otherOrderId,
  at,
  item,
  registered,
  reserved,
  released,
  shipped,
  priceChanged,
  lowStock,
  adjusted,
  register,
  adjust,
  count,
  changePrice,
  reserve,
} from './stock-item-examples.ts';

describe('registering an item', () => {
  it('records it', () => {
    given([])
      .when(register())
      .then([{ type: 'StockItemRegistered', data: { ...item, registeredAt: at } }]);
  });
  it('happens once', () => {
    given([registered]).when(register()).then(refused('stock-item-exists', { sku }));
  });
  it('works for a sku that orders have asked for in vain', () => {
    const unknown: StockEvent = {
      type: 'ReservationRefused',
      data: { ...quote, reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null, refusedAt: 1 },
    };
    given([unknown])
      .when(register())
      .then([{ type: 'StockItemRegistered', data: { ...item, registeredAt: at } }]);
  });
  it('mails nobody when it starts below its threshold: nothing was crossed', () => {
    given([])
      .when(register({ onHand: 1 }))
      .then([{ type: 'StockItemRegistered', data: { ...item, onHand: 1, registeredAt: at } }]);
  });
  it('refuses figures that are no figures', () => {
    given([])
      .when(register({ unitPrice: -1 }))
      .then(refused('invalid-price'));
    given([])
      .when(register({ onHand: 1.5 }))
      .then(refused('invalid-quantity'));
    given([])
      .when(register({ lowStockThreshold: -1 }))
      .then(refused('invalid-quantity'));
    given([])
      .when(register({ currency: 'eur' }))
      .then(refused('invalid-currency'));
  });
});

describe('adjusting', () => {
  it('adds and takes away', () => {
    given([registered])
      .when(adjust(5))
      .then([adjusted(5, 15, 'received')]);
    given([registered])
      .when(adjust(-2, 'damaged'))
      .then([adjusted(-2, 8, 'damaged')]);
  });
  it('keeps its note', () => {
    given([registered])
      .when({ type: 'AdjustStock', data: { sku, delta: 1, reason: 'returned', note: 'box open' }, at })
      .then([
        {
          type: 'StockAdjusted',
          data: { sku, delta: 1, onHand: 11, reason: 'returned', note: 'box open', adjustedAt: at },
        },
      ]);
  });
  it('may go down to what is reserved and not below', () => {
    given([registered, reserved(4)])
      .when(adjust(-6, 'damaged'))
      .then([adjusted(-6, 4, 'damaged'), lowStock(0)]);
    given([registered, reserved(4)])
      .when(adjust(-7, 'damaged'))
      .then(refused('adjustment-below-reserved', { onHand: 10, reserved: 4, available: 6, wanted: 3 }));
    given([registered]).when(adjust(-11, 'correction')).then(refused('adjustment-below-reserved'));
  });
  it('sets the figure that was counted by its difference', () => {
    given([registered])
      .when(count(12))
      .then([adjusted(2, 12, 'counted')]);
    given([registered])
      .when(count(7))
      .then([adjusted(-3, 7, 'counted')]);
    given([registered, reserved(4)])
      .when(count(3))
      .then(refused('adjustment-below-reserved', { wanted: 3 }));
  });
  it('records a count that finds what was expected', () => {
    given([registered])
      .when(count(10))
      .then([adjusted(0, 10, 'counted')]);
  });
  it('refuses an adjustment by nothing', () => {
    given([registered]).when(adjust(0)).then(refused('delta-zero'));
  });
  it('refuses what is not a number of pieces', () => {
    given([registered]).when(adjust(0.5)).then(refused('invalid-quantity'));
    given([registered]).when(count(-1)).then(refused('invalid-quantity'));
    given([registered]).when(count(1.5)).then(refused('invalid-quantity'));
  });
  it('keeps the figure exact', () => {
    given([registered]).when(adjust(maximumFigure)).then(refused('on-hand-too-large'));
  });
  it('needs an item', () => {
    given([]).when(adjust(1)).then(refused('stock-item-not-found', { sku }));
  });
});

describe('changing the price', () => {
  it('records both prices', () => {
    given([registered])
      .when(changePrice(1_800))
      .then([{ ...priceChanged, data: { ...priceChanged.data, changedAt: at } }]);
  });
  it('refuses the price that is true already', () => {
    given([registered]).when(changePrice(1_500)).then(refused('price-unchanged'));
    given([registered, priceChanged]).when(changePrice(1_800)).then(refused('price-unchanged'));
  });
  it('refuses what is not a price', () => {
    given([registered]).when(changePrice(-1)).then(refused('invalid-price'));
  });
  it('needs an item', () => {
    given([]).when(changePrice(1)).then(refused('stock-item-not-found'));
  });
});

describe('low stock', () => {
  it('is reached when the available pieces fall from above the threshold to it, after what caused it', () => {
    given([registered])
      .when(reserve({ quantity: 7 }))
      .then([reserved(7, orderId, at), lowStock(3)]);
    given([registered])
      .when(adjust(-8, 'damaged'))
      .then([adjusted(-8, 2, 'damaged'), lowStock(2)]);
  });
  it('is not reached one piece above', () => {
    given([registered])
      .when(reserve({ quantity: 6 }))
      .then([reserved(6, orderId, at)]);
  });
  it('is not reached again while it lasts', () => {
    given([registered, reserved(7, otherOrderId)])
      .when(reserve({ quantity: 1 }))
      .then([reserved(1, orderId, at)]);
    given([registered, reserved(7, otherOrderId)])
      .when(adjust(-1, 'damaged'))
      .then([adjusted(-1, 9, 'damaged')]);
  });
  it('is not reached on the way up', () => {
    given([registered, reserved(8, otherOrderId)])
      .when(adjust(1))
      .then([adjusted(1, 11, 'received')]);
  });
  it('is reached anew after it was left', () => {
    given([registered, reserved(4), reserved(4, otherOrderId), released])
      .when(adjust(-3, 'damaged'))
      .then([adjusted(-3, 7, 'damaged'), lowStock(3)]);
  });
});

describe('folding', () => {
  it.each([
    ['a reservation of an item that was never registered', [reserved(1)]],
    ['a second registration', [registered, registered]],
    ['more reserved than there is', [registered, reserved(11)]],
    ['a second reservation of an order', [registered, reserved(4), released, reserved(4)]],
    ['a second end of a reservation', [registered, reserved(4), released, shipped]],
    ['an end with another quantity', [registered, reserved(3), released]],
    ['an adjustment whose figures disagree', [registered, adjusted(1, 12, 'received')]],
  ])('stops at %s', (_, history) => {
    expect(() => fold(deciders.stock, history)).toThrow(/cannot be applied to stock item lamp/);
  });

  it('takes 100,000 open reservations without copying them at every event', { timeout: 20_000 }, () => {
    // Copying a map per event would be 5,000,000,000 entries here: minutes. The tree takes a fraction of a second.
    const many = 100_000;
    const reservations = Array.from({ length: many }, (_, n) => reserved(1, `order-${String(n)}`));
    const full = fold(deciders.stock, [
      { type: 'StockItemRegistered', data: { ...item, onHand: many, registeredAt: 1 } },
      ...reservations,
    ]);
    const ends = reservations.map(({ data }): StockEvent => ({
      type: 'StockShipped',
      data: { sku, orderId: data.orderId, quantity: 1, shippedAt: 3 },
    }));
    expect(fold(deciders.stock, ends, full)).toMatchObject({ onHand: 0, reserved: 0 });
    expect(full).toMatchObject({ onHand: many, reserved: many });
  });
});
