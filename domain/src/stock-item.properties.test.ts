// Any sequence of commands against a stock item, compared with a ledger that knows no decider: it only lists what moved, and
// adds up. Held after every single event: 0 <= reserved <= on hand, the figures are the sums of the movements, a reservation
// starts once and ends at most once with the same pieces, and LowStockReached stands exactly where the threshold is crossed.
import type { AdjustmentReason, StockEvent } from '@comptoir/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StockItemCommand } from './commands.ts';
import { deciders } from './deciders.ts';
import { propertySettings } from './property-settings.ts';

const sku = 'lamp';
const { decide, evolve, initialState } = deciders.stock;

const orderId = fc.constantFrom('order-1', 'order-2', 'order-3', 'order-4');
const unitPrice = fc.constantFrom(1_500, 1_500, 1_500, 1_800);
const reason = fc.constantFrom<AdjustmentReason[]>(
  'received',
  'counted',
  'damaged',
  'returned',
  'correction',
);

const command: fc.Arbitrary<StockItemCommand> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ onHand: fc.nat(20), lowStockThreshold: fc.nat(8) }).map(register) },
  { weight: 3, arbitrary: fc.record({ delta: fc.integer({ min: -8, max: 8 }), reason }).map(adjust) },
  { weight: 1, arbitrary: fc.nat(20).map(count) },
  { weight: 1, arbitrary: unitPrice.map(changePrice) },
  {
    weight: 8,
    arbitrary: fc
      .record({ orderId, quantity: fc.integer({ min: 0, max: 9 }), unitPrice, currency: currency() })
      .map(reserve),
  },
  { weight: 3, arbitrary: orderId.map((id) => end('ReleaseReservation', id)) },
  { weight: 3, arbitrary: orderId.map((id) => end('ShipReservation', id)) },
);

function currency(): fc.Arbitrary<string> {
  return fc.constantFrom('EUR', 'EUR', 'EUR', 'EUR', 'USD');
}
function register(figures: { onHand: number; lowStockThreshold: number }): StockItemCommand {
  const data = { sku, name: 'Lamp', unitPrice: 1_500, currency: 'EUR', ...figures };
  return { type: 'RegisterStockItem', data, at: 0 };
}
function adjust(adjustment: { delta: number; reason: AdjustmentReason }): StockItemCommand {
  return { type: 'AdjustStock', data: { sku, note: null, ...adjustment }, at: 0 };
}
function count(counted: number): StockItemCommand {
  return { type: 'AdjustStock', data: { sku, counted, reason: 'counted', note: null }, at: 0 };
}
function changePrice(price: number): StockItemCommand {
  return { type: 'ChangePrice', data: { sku, unitPrice: price }, at: 0 };
}
function reserve(quote: {
  orderId: string;
  quantity: number;
  unitPrice: number;
  currency: string;
}): StockItemCommand {
  return { type: 'ReserveStock', data: { sku, ...quote }, at: 0 };
}
function end(type: 'ReleaseReservation' | 'ShipReservation', id: string): StockItemCommand {
  return { type, data: { sku, orderId: id }, at: 0 };
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

/** The figures of a stream, by adding up what its events moved. */
function ledgerOf(events: readonly StockEvent[]) {
  const registration = events.find((event) => event.type === 'StockItemRegistered');
  const reservations = events.filter((event) => event.type === 'StockReserved');
  const ends = events.filter(
    (event) => event.type === 'ReservationReleased' || event.type === 'StockShipped',
  );
  const movements = events.map((event) => {
    if (event.type === 'StockItemRegistered') return event.data.onHand;
    if (event.type === 'StockAdjusted') return event.data.delta;
    return event.type === 'StockShipped' ? -event.data.quantity : 0;
  });
  const price = events.reduce<number | undefined>(
    (current, event) =>
      event.type === 'PriceChanged' || event.type === 'StockItemRegistered' ? event.data.unitPrice : current,
    undefined,
  );
  const onHand = sum(movements);
  const reserved =
    sum(reservations.map(({ data }) => data.quantity)) - sum(ends.map(({ data }) => data.quantity));
  return {
    registration: registration?.data,
    reservations,
    ends,
    price,
    onHand,
    reserved,
    available: onHand - reserved,
  };
}

/** What must come of a command by the ledger alone: the type of the first event, `nothing`, or a refusal's code. */
function predict({ type, data }: StockItemCommand, events: readonly StockEvent[]): string {
  const { registration, reservations, ends, price, onHand, reserved, available } = ledgerOf(events);
  if (type === 'RegisterStockItem') return registration ? 'stock-item-exists' : 'StockItemRegistered';
  const held =
    'orderId' in data ? reservations.find((event) => event.data.orderId === data.orderId)?.data : undefined;
  const over = 'orderId' in data && ends.some((event) => event.data.orderId === data.orderId);
  switch (type) {
    case 'ReserveStock':
      if (data.quantity < 1) return 'invalid-quantity';
      if (over) return 'reservation-ended';
      if (held) {
        const same = held.quantity === data.quantity && held.unitPrice === data.unitPrice;
        return same && data.currency === 'EUR' ? 'nothing' : 'reservation-conflict';
      }
      return registration && data.currency === 'EUR' && data.unitPrice === price && data.quantity <= available
        ? 'StockReserved'
        : 'ReservationRefused';
    case 'ReleaseReservation':
      return held && !over ? 'ReservationReleased' : 'nothing';
    case 'ShipReservation':
      if (!registration) return 'stock-item-not-found';
      if (over) return 'reservation-ended';
      return held ? 'StockShipped' : 'reservation-not-found';
    case 'ChangePrice':
      if (!registration) return 'stock-item-not-found';
      return data.unitPrice === price ? 'price-unchanged' : 'PriceChanged';
    case 'AdjustStock': {
      if (!registration) return 'stock-item-not-found';
      const delta = 'counted' in data ? data.counted - onHand : data.delta;
      if (delta === 0 && data.reason !== 'counted') return 'delta-zero';
      return onHand + delta < reserved ? 'adjustment-below-reserved' : 'StockAdjusted';
    }
  }
}

/** The state and the events after commands, with every decision compared with the ledger's prediction. */
function run(commands: readonly StockItemCommand[]): StockEvent[] {
  let state = initialState;
  const events: StockEvent[] = [];
  for (const next of commands) {
    const expected = predict(next, events);
    const decision = decide(next, state);
    if (decision.outcome === 'refused') {
      expect(decision.refusal.code).toBe(expected);
      continue;
    }
    expect(decision.events[0]?.type ?? 'nothing').toBe(expected);
    for (const event of decision.events) {
      state = evolve(state, event);
      events.push(event);
      const { onHand, reserved } = ledgerOf(events);
      if (state.status === 'registered') {
        expect({ onHand: state.onHand, reserved: state.reserved }).toEqual({ onHand, reserved });
      }
    }
  }
  return events;
}

const prefixes = <T>(list: readonly T[]): T[][] => list.map((_, index) => list.slice(0, index + 1));

describe('a stock item under any commands', () => {
  const commands = fc
    .tuple(fc.array(command, { maxLength: 3 }), fc.array(command, { maxLength: 40, size: 'max' }))
    .map(([early, late]) => [...early, register({ onHand: 15, lowStockThreshold: 4 }), ...late]);

  it('does what the ledger predicts and conserves stock at every prefix', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const prefix of prefixes(run(sequence))) {
          const { onHand, reserved } = ledgerOf(prefix);
          expect(reserved).toBeGreaterThanOrEqual(0);
          expect(onHand - reserved).toBeGreaterThanOrEqual(0);
        }
      }),
      propertySettings,
    );
  });

  it('holds one reservation per order, ended at most once, with the pieces that were held', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const events = run(sequence);
        for (const id of ['order-1', 'order-2', 'order-3', 'order-4']) {
          const story = events.filter(
            (event) =>
              (event.type === 'StockReserved' ||
                event.type === 'ReservationReleased' ||
                event.type === 'StockShipped') &&
              event.data.orderId === id,
          );
          expect(story.map(({ type }) => type).join(' ')).toMatch(
            /^(StockReserved( ReservationReleased| StockShipped)?)?$/,
          );
          expect(
            new Set(story.map(({ data }) => 'quantity' in data && data.quantity)).size,
          ).toBeLessThanOrEqual(1);
        }
      }),
      propertySettings,
    );
  });

  it('reaches low stock exactly where the available pieces cross the threshold downwards', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const events = run(sequence);
        events.forEach((event, index) => {
          if (event.type === 'LowStockReached') return;
          const before = ledgerOf(events.slice(0, index));
          const after = ledgerOf(events.slice(0, index + 1));
          const threshold = before.registration?.lowStockThreshold ?? Number.NEGATIVE_INFINITY;
          const crossed = before.available > threshold && after.available <= threshold;
          expect(events[index + 1]?.type === 'LowStockReached').toBe(crossed);
        });
      }),
      propertySettings,
    );
  });
});
