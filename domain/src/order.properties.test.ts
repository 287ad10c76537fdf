// Any sequence of commands against an order, compared with the drawing of its states: a table of which event leads from where to
// where. Held: no event leaves the table, nothing follows an end, and every amount is the sum over the lines.
import type { OrderEvent } from '@comptoir/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderCommand } from './commands.ts';
import { deciders } from './deciders.ts';
import type { OrderState } from './order-state.ts';
import { propertySettings } from './property-settings.ts';

const { decide, evolve, initialState } = deciders.orders;
const orderId = 'order-1';
const customer = { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.org', language: 'en' };
const skus = ['a', 'b', 'c'];

const sku = fc.constantFrom(...skus, 'foreign');
const quantity = fc.integer({ min: 1, max: 2 });
const line = fc.record({
  sku: fc.constantFrom(...skus),
  quantity,
  unitPrice: fc.oneof({ weight: 20, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.constant(2 ** 52) }),
});
const amount = fc.integer({ min: -1, max: 300 });

const place: fc.Arbitrary<OrderCommand> = fc
  .array(line, { maxLength: 3 })
  .map((lines) => ({ type: 'PlaceOrder', data: { orderId, customer, currency: 'EUR', lines }, at: 0 }));

const later: fc.Arbitrary<OrderCommand> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ sku, quantity })
      .map((data): OrderCommand => ({ type: 'RecordReservation', data: { orderId, ...data }, at: 0 })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ sku, quantity }).map((data): OrderCommand => ({
      type: 'RecordRefusal',
      data: { orderId, ...data, reason: 'PRICE_CHANGED', available: 1, currentUnitPrice: 1 },
      at: 0,
    })),
  },
  {
    weight: 1,
    arbitrary: amount.map((figure): OrderCommand => ({
      type: 'PayOrder',
      data: { orderId, amount: figure, method: 'card' },
      at: 0,
    })),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<OrderCommand[]>(
      { type: 'ShipOrder', data: { orderId, carrier: 'La Poste', trackingNumber: '6A1' }, at: 0 },
      { type: 'DeliverOrder', data: { orderId }, at: 0 },
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('customer' as const, 'shop' as const, 'timer' as const)
      .map((cancelledBy): OrderCommand => ({
        type: 'CancelOrder',
        data: { orderId, reason: 'why not', cancelledBy },
        at: 0,
      })),
  },
);

type Status = OrderState['status'];
const table: Record<Status, Partial<Record<OrderEvent['type'], Status>>> = {
  'not-placed': { OrderPlaced: 'placed' },
  placed: {
    OrderLineReserved: 'placed',
    OrderLineRefused: 'placed',
    OrderConfirmed: 'awaiting-payment',
    OrderRejected: 'rejected',
    OrderCancelled: 'cancelled',
  },
  'awaiting-payment': { OrderPaid: 'paid', OrderCancelled: 'cancelled' },
  paid: { OrderShipped: 'shipped', OrderCancelled: 'cancelled' },
  shipped: { OrderDelivered: 'delivered' },
  delivered: {},
  rejected: {},
  cancelled: {},
};

interface Step {
  readonly before: OrderState;
  readonly event: OrderEvent;
  readonly after: OrderState;
}

/** The command that brings an order one step on, so that sequences of mere chance get to its end. */
function stepOn(state: OrderState): OrderCommand {
  switch (state.status) {
    case 'placed': {
      const missing = state.lines.find((each) => !state.reserved.includes(each.sku));
      const data = { orderId, sku: missing?.sku ?? 'none', quantity: missing?.quantity ?? 1 };
      return { type: 'RecordReservation', data, at: 0 };
    }
    case 'awaiting-payment':
      return { type: 'PayOrder', data: { orderId, amount: state.total, method: 'card' }, at: 0 };
    case 'paid':
      return { type: 'ShipOrder', data: { orderId, carrier: 'La Poste', trackingNumber: '6A1' }, at: 0 };
    default:
      return { type: 'DeliverOrder', data: { orderId }, at: 0 };
  }
}

/** Every event of a run with the states around it. */
function run(commands: readonly (OrderCommand | 'step on')[]): Step[] {
  let state = initialState;
  const steps: Step[] = [];
  for (const next of commands) {
    const decision = decide(next === 'step on' ? stepOn(state) : next, state);
    if (decision.outcome === 'refused') continue;
    for (const event of decision.events) {
      const before = state;
      state = evolve(state, event);
      steps.push({ before, event, after: state });
    }
  }
  return steps;
}

const anything = fc.array(fc.oneof(later, fc.constant('step on' as const)), { maxLength: 30, size: 'max' });
const commands = fc.tuple(place, anything).map(([first, rest]) => [first, ...rest, first]);

const check = (holds: (steps: readonly Step[]) => void): void => {
  fc.assert(
    fc.property(commands, (sequence) => {
      holds(run(sequence));
    }),
    propertySettings,
  );
};

describe('an order under any commands', () => {
  it('never leaves the drawing of its states', () => {
    check((steps) => {
      for (const { before, event, after } of steps) {
        expect(after.status).toBe(table[before.status][event.type]);
      }
    });
  });

  it('is confirmed exactly when its last line is reserved, each line once', () => {
    check((steps) => {
      const reserved = steps.flatMap(({ event }) =>
        event.type === 'OrderLineReserved' ? [event.data.sku] : [],
      );
      expect(new Set(reserved).size).toBe(reserved.length);
      for (const [index, { event, after }] of steps.entries()) {
        if (event.type !== 'OrderLineReserved' || !('lines' in after)) continue;
        const recorded = steps
          .slice(0, index + 1)
          .filter((step) => step.event.type === 'OrderLineReserved').length;
        expect(steps[index + 1]?.event.type === 'OrderConfirmed').toBe(recorded === after.lines.length);
      }
    });
  });

  it('rejects in the same decision in which a line is refused', () => {
    check((steps) => {
      steps.forEach(({ event }, index) => {
        expect(steps[index + 1]?.event.type === 'OrderRejected').toBe(event.type === 'OrderLineRefused');
      });
    });
  });

  it('counts exactly: every total is the sum of its lines, what is paid is the total, what is paid back was paid', () => {
    check((steps) => {
      const paid = steps.flatMap(({ event }) => (event.type === 'OrderPaid' ? [event.data.amount] : []));
      expect(paid.length).toBeLessThanOrEqual(1);
      for (const { event, after } of steps) {
        if (!('total' in after)) continue;
        const exact = after.lines.reduce(
          (sum, each) => sum + BigInt(each.quantity) * BigInt(each.unitPrice),
          0n,
        );
        expect(BigInt(after.total)).toBe(exact);
        if ('total' in event.data) expect(event.data.total).toBe(after.total);
        if (event.type === 'OrderPaid') expect(event.data.amount).toBe(after.total);
        if (event.type === 'OrderCancelled') expect(event.data.refund).toBe(paid[0] ?? 0);
      }
    });
  });

  it('is walked to every state by these sequences, so that the properties say something', () => {
    const seen = new Set<Status>();
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { after } of run(sequence)) seen.add(after.status);
      }),
      { ...propertySettings, numRuns: 2_000 },
    );
    expect([...seen].sort()).toEqual(
      Object.keys(table)
        .filter((status) => status !== 'not-placed')
        .sort(),
    );
  });
});
