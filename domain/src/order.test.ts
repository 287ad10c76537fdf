import type { Line, OrderEvent } from '@comptoir/schemas';
import { maximumFigure } from './bounds.ts';
import { describe, expect, it } from 'vitest';
import { refused } from './decider-specification.ts';
import {
  contents,
  shortage,
  shipped,
  given,
  orderId,
  at,
  placed,
  lampReserved,
  deskReserved,
  paid,
  delivered,
  rejected,
  cancelled,
  awaitingPayment,
  afterPayment,
  afterShipping,
  place,
  reservation,
  refusal,
  pay,
  ship,
  deliver,
  cancel,
  cancellation,
} from './order-examples.ts';

describe('placing an order', () => {
  it('records what was ordered with its total', () => {
    given([])
      .when(place())
      .then([{ type: 'OrderPlaced', data: { ...contents, placedAt: at } }]);
  });
  it('is refused under an id that was used before, even by an order that has ended', () => {
    given([placed]).when(place()).then(refused('order-exists', { orderId }));
    given([placed, cancelled]).when(place()).then(refused('order-exists'));
  });
  it('needs a line', () => {
    given([])
      .when(place({ lines: [] }))
      .then(refused('no-lines'));
  });
  it('takes 100 lines and not one more', () => {
    const many = (count: number): Line[] =>
      Array.from({ length: count }, (_, n) => ({ sku: `sku-${String(n)}`, quantity: 1, unitPrice: 1 }));
    given([])
      .when(place({ lines: many(100) }))
      .then([{ type: 'OrderPlaced', data: { ...contents, lines: many(100), total: 100, placedAt: at } }]);
    given([])
      .when(place({ lines: many(101) }))
      .then(refused('too-many-lines', { lines: 101, maximum: 100 }));
  });
  it('takes one line per sku', () => {
    const twice = [
      { sku: 'lamp', quantity: 1, unitPrice: 1_500 },
      { sku: 'lamp', quantity: 2, unitPrice: 1_500 },
    ];
    given([])
      .when(place({ lines: twice }))
      .then(refused('duplicate-sku', { sku: 'lamp' }));
  });
  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('refuses a quantity of %d', (quantity) => {
    given([])
      .when(place({ lines: [{ sku: 'lamp', quantity, unitPrice: 1 }] }))
      .then(refused('invalid-quantity', { sku: 'lamp' }));
  });
  it.each([-1, 0.5, 2 ** 53])('refuses a price of %d', (unitPrice) => {
    given([])
      .when(place({ lines: [{ sku: 'lamp', quantity: 1, unitPrice }] }))
      .then(refused('invalid-price', { sku: 'lamp' }));
  });
  it('refuses what is not a currency', () => {
    given([])
      .when(place({ currency: 'euro' }))
      .then(refused('invalid-currency', { currency: 'euro' }));
  });
  it('keeps the total a number that is exact', () => {
    const half = { quantity: 1, unitPrice: 2 ** 52 };
    given([])
      .when(
        place({
          lines: [
            { sku: 'a', ...half },
            { sku: 'b', ...half },
          ],
        }),
      )
      .then(refused('total-too-large'));
    given([])
      .when(place({ lines: [{ sku: 'a', quantity: 2 ** 31 - 1, unitPrice: maximumFigure }] }))
      .then(refused('total-too-large'));
  });
});

describe('recording what the stock items answered', () => {
  it('records a reserved line', () => {
    given([placed])
      .when(reservation('lamp', 2))
      .then([{ ...lampReserved, data: { ...lampReserved.data, reservedAt: at } }]);
  });
  it('confirms the order with its last reserved line, in whichever order they come', () => {
    const confirmedNow: OrderEvent = { type: 'OrderConfirmed', data: { ...contents, confirmedAt: at } };
    given([placed, lampReserved])
      .when(reservation('desk', 1))
      .then([{ ...deskReserved, data: { ...deskReserved.data, reservedAt: at } }, confirmedNow]);
    given([placed, deskReserved])
      .when(reservation('lamp', 2))
      .then([{ ...lampReserved, data: { ...lampReserved.data, reservedAt: at } }, confirmedNow]);
  });
  it('changes nothing when a reserved line is recorded again', () => {
    given([placed, lampReserved]).when(reservation('lamp', 2)).then([]);
    given(awaitingPayment).when(reservation('lamp', 2)).then([]);
    given(afterShipping).when(reservation('lamp', 2)).then([]);
  });
  it('rejects the order with its first refused line and says why', () => {
    const expected: OrderEvent[] = [
      { type: 'OrderLineRefused', data: { orderId, quantity: 1, ...shortage, refusedAt: at } },
      { type: 'OrderRejected', data: { ...contents, ...shortage, rejectedAt: at } },
    ];
    given([placed]).when(refusal()).then(expected);
    given([placed, lampReserved]).when(refusal()).then(expected);
  });
  it('refuses a refusal of a line that is reserved', () => {
    given([placed, deskReserved]).when(refusal()).then(refused('line-already-reserved'));
    given(afterPayment).when(refusal()).then(refused('line-already-reserved'));
  });
  it('is about the lines of the order only', () => {
    given([placed])
      .when(reservation('chair', 2))
      .then(refused('line-not-found', { sku: 'chair' }));
    given([placed])
      .when(refusal('chair'))
      .then(refused('line-not-found', { sku: 'chair' }));
    given([placed])
      .when(reservation('lamp', 3))
      .then(refused('quantity-mismatch', { quantity: 3, ordered: 2 }));
    given([placed])
      .when(refusal('desk', 2))
      .then(refused('quantity-mismatch', { quantity: 2, ordered: 1 }));
  });
});

describe('paying', () => {
  it('takes the exact total', () => {
    given(awaitingPayment)
      .when(pay())
      .then([{ ...paid, data: { ...paid.data, paidAt: at } }]);
  });
  it.each([22_999, 23_001, 0, -23_000])('refuses %d instead of 23000', (amount) => {
    given(awaitingPayment)
      .when(pay(amount))
      .then(refused('wrong-amount', { amount, total: 23_000, currency: 'EUR' }));
  });
  it('waits until every line is reserved', () => {
    given([placed, lampReserved]).when(pay()).then(refused('order-not-confirmed'));
  });
  it('happens once', () => {
    given(afterPayment).when(pay()).then(refused('order-already-paid'));
    given(afterShipping).when(pay()).then(refused('order-already-paid'));
  });
});

describe('shipping and delivering', () => {
  it('ships a paid order', () => {
    given(afterPayment)
      .when(ship)
      .then([{ ...shipped, data: { ...shipped.data, shippedAt: at } }]);
  });
  it('ships only what is paid', () => {
    given([placed]).when(ship).then(refused('order-not-paid'));
    given(awaitingPayment).when(ship).then(refused('order-not-paid'));
  });
  it('ships once', () => {
    given(afterShipping).when(ship).then(refused('order-already-shipped'));
  });
  it('delivers only what is shipped', () => {
    given(afterShipping)
      .when(deliver)
      .then([{ type: 'OrderDelivered', data: { orderId, deliveredAt: at } }]);
    given([placed]).when(deliver).then(refused('order-not-shipped'));
    given(awaitingPayment).when(deliver).then(refused('order-not-shipped'));
    given(afterPayment).when(deliver).then(refused('order-not-shipped'));
  });
});

describe('cancelling', () => {
  it('works before, during and after reservation, with nothing to pay back', () => {
    given([placed])
      .when(cancel())
      .then([cancellation('customer', 0)]);
    given([placed, lampReserved])
      .when(cancel('shop'))
      .then([cancellation('shop', 0)]);
    given(awaitingPayment)
      .when(cancel('timer'))
      .then([cancellation('timer', 0)]);
  });
  it('pays back what was paid', () => {
    given(afterPayment)
      .when(cancel())
      .then([cancellation('customer', 23_000)]);
  });
  it('is too late for the timer when the payment came first', () => {
    given(afterPayment).when(cancel('timer')).then(refused('order-already-paid'));
  });
  it('is too late for everybody when the order is shipped', () => {
    given(afterShipping).when(cancel('shop')).then(refused('order-already-shipped'));
  });
});

const everythingButPlacing = [
  reservation('lamp', 2),
  refusal(),
  pay(),
  ship,
  deliver,
  cancel(),
  cancel('timer'),
];

describe.each([
  ['delivered', [...afterShipping, delivered]],
  ['rejected', [placed, lampReserved, rejected]],
  ['cancelled', [placed, lampReserved, cancelled]],
])('after the end: %s', (status, history) => {
  it.each(everythingButPlacing)('$type is refused', (command) => {
    given(history).when(command).then(refused('order-ended', { status }));
  });
});

describe('an order that was never placed', () => {
  it.each(everythingButPlacing)('refuses $type', (command) => {
    given([]).when(command).then(refused('order-not-found', { orderId }));
  });
});

describe('folding', () => {
  it.each([
    ['a payment of an order that was never placed', [paid]],
    ['a second placing', [placed, placed]],
    ['a line reserved twice', [placed, lampReserved, lampReserved]],
    ['a payment before the confirmation', [placed, paid]],
    ['a delivery before the shipment', [...afterPayment, delivered]],
    ['a cancellation after the shipment', [...afterShipping, cancelled]],
    ['anything after the end', [placed, rejected, cancelled]],
  ])('stops at %s', (_, history) => {
    expect(() => {
      given(history).when(place()).then([]);
    }).toThrow(/cannot be applied to order 6f1c0b0e.*Look at the events of this key/);
  });
});
