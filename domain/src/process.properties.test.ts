// The whole process in memory: orders and stock items with the real deciders, and reactors as the design draws them, at
// least once, in order per key, interleaved by chance with people paying, shipping, cancelling, counting and changing prices.
// Held when all is quiet: no order hangs, and a reservation is open, shipped or released just as the state of its order says.
import type { Line, OrderEvent, ShopEvent, StockEvent } from '@comptoir/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateIdOf, isOrderCommand, type ShopCommand } from './commands.ts';
import { deciders, isOrderEvent } from './deciders.ts';
import { fold } from './decider-specification.ts';
import { propertySettings } from './property-settings.ts';

const skus = ['a', 'b', 'unknown'];
const orderIds = ['order-1', 'order-2', 'order-3'];
const customer = { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.org', language: 'en' };

/** What a reactor makes of an event (the table in the design). */
function reactionsTo(event: ShopEvent): ShopCommand[] {
  const at = 0;
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderId, currency, lines } = event.data;
      return lines.map((line) => ({ type: 'ReserveStock', data: { orderId, currency, ...line }, at }));
    }
    case 'StockReserved':
      return [{ type: 'RecordReservation', data: event.data, at }];
    case 'ReservationRefused':
      return [{ type: 'RecordRefusal', data: event.data, at }];
    case 'OrderRejected':
    case 'OrderCancelled': {
      const { orderId, lines } = event.data;
      return lines.map(({ sku }) => ({ type: 'ReleaseReservation', data: { orderId, sku }, at }));
    }
    case 'OrderShipped': {
      const { orderId, lines } = event.data;
      return lines.map(({ sku }) => ({ type: 'ShipReservation', data: { orderId, sku }, at }));
    }
    default:
      return [];
  }
}

class Shop {
  readonly orders = new Map<string, OrderEvent[]>();
  readonly stock = new Map<string, StockEvent[]>();
  /** Commands that left events: the writer answers a repeat of them from the log. */
  readonly #done = new Set<string>();
  /** How many events of each stream its reactor has handled. */
  readonly #handled = new Map<string, number>();

  /** Decides a command and appends its events. @returns the code of a refusal */
  send(command: ShopCommand, commandId?: string): string | undefined {
    if (commandId !== undefined && this.#done.has(commandId)) return undefined;
    const id = aggregateIdOf(command);
    let events: readonly ShopEvent[];
    if (isOrderCommand(command)) {
      const stream = this.orders.get(id) ?? [];
      const decision = deciders.orders.decide(command, fold(deciders.orders, stream));
      if (decision.outcome === 'refused') return decision.refusal.code;
      this.orders.set(id, [...stream, ...decision.events]);
      events = decision.events;
    } else {
      const stream = this.stock.get(id) ?? [];
      const decision = deciders.stock.decide(command, fold(deciders.stock, stream));
      if (decision.outcome === 'refused') return decision.refusal.code;
      this.stock.set(id, [...stream, ...decision.events]);
      events = decision.events;
    }
    if (commandId !== undefined && events.length > 0) this.#done.add(commandId);
    return undefined;
  }

  /** Streams with events that no reactor has handled. */
  waiting(): { name: string; events: readonly ShopEvent[]; handled: number }[] {
    const streams: [string, readonly ShopEvent[]][] = [...this.orders, ...this.stock];
    return streams
      .map(([name, events]) => ({ name, events, handled: this.#handled.get(name) ?? 0 }))
      .filter(({ events, handled }) => handled < events.length);
  }

  /** Handles the next event of one waiting stream; a crash leaves some of its commands sent and the event unhandled. */
  react(choice: number, crashAfter?: number): void {
    const waiting = this.waiting();
    const stream = waiting[choice % Math.max(waiting.length, 1)];
    const event = stream?.events[stream.handled];
    if (stream === undefined || event === undefined) return;
    reactionsTo(event)
      .slice(0, crashAfter)
      .forEach((command, index) => {
        const code = this.send(command, `${stream.name}@${String(stream.handled)}#${String(index)}`);
        // The one refusal that the process expects: an answer that comes after the order has ended.
        expect([undefined, 'order-ended']).toContain(code);
      });
    if (crashAfter === undefined) this.#handled.set(stream.name, stream.handled + 1);
  }
}

type Action = (shop: Shop) => void;

const send =
  (command: ShopCommand): Action =>
  (shop) => {
    shop.send(command);
  };

/** A person does what the order waits for: pays it, ships it, says that it arrived. */
const stepOn =
  (orderId: string): Action =>
  (shop) => {
    const order = fold(deciders.orders, shop.orders.get(orderId) ?? []);
    if (order.status === 'awaiting-payment') {
      shop.send({ type: 'PayOrder', data: { orderId, amount: order.total, method: 'card' }, at: 0 });
    } else if (order.status === 'paid') {
      shop.send({ type: 'ShipOrder', data: { orderId, carrier: 'La Poste', trackingNumber: '6A1' }, at: 0 });
    } else {
      shop.send({ type: 'DeliverOrder', data: { orderId }, at: 0 });
    }
  };

const anyOrderId = fc.constantFrom(...orderIds);
const line: fc.Arbitrary<Line> = fc.record({
  sku: fc.constantFrom(...Array<string>(9).fill('a'), ...Array<string>(9).fill('b'), 'unknown'),
  quantity: fc.integer({ min: 1, max: 3 }),
  unitPrice: fc.constantFrom(...Array<number>(9).fill(10), 11),
});
const anySku = fc.constantFrom('a', 'b');

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        orderId: anyOrderId,
        lines: fc.uniqueArray(line, { selector: ({ sku }) => sku, minLength: 1, maxLength: 3 }),
      })
      .map((data) => send({ type: 'PlaceOrder', data: { ...data, customer, currency: 'EUR' }, at: 0 })),
  },
  { weight: 12, arbitrary: anyOrderId.map(stepOn) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyOrderId, fc.constantFrom('customer' as const, 'timer' as const))
      .map(([orderId, cancelledBy]) =>
        send({ type: 'CancelOrder', data: { orderId, reason: 'why not', cancelledBy }, at: 0 }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ sku: anySku, delta: fc.integer({ min: -5, max: 5 }) })
      .map((data) =>
        send({ type: 'AdjustStock', data: { ...data, reason: 'correction', note: null }, at: 0 }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ sku: anySku, unitPrice: fc.constantFrom(10, 10, 10, 11) })
      .map((data) => send({ type: 'ChangePrice', data, at: 0 })),
  },
  {
    weight: 20,
    arbitrary: fc.nat(11).map((choice): Action => (shop) => {
      shop.react(choice);
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(11), fc.integer({ min: 1, max: 3 }))
      .map(([choice, crashAfter]): Action => (shop) => {
        shop.react(choice, crashAfter);
      }),
  },
);

function openShop(): Shop {
  const shop = new Shop();
  for (const sku of ['a', 'b']) {
    const data = { sku, name: sku, unitPrice: 10, currency: 'EUR', onHand: 6, lowStockThreshold: 2 };
    shop.send({ type: 'RegisterStockItem', data, at: 0 });
  }
  return shop;
}

function settle(shop: Shop): void {
  // Bounded: 3 orders of at most 3 lines leave far fewer events than this.
  for (let round = 0; shop.waiting().length > 0; round += 1) {
    expect(round).toBeLessThan(1_000);
    shop.react(0);
  }
}

/** What the stream of a stock item says about one order, in a word. */
function reservationOf(shop: Shop, sku: string, orderId: string): string {
  const types = (shop.stock.get(sku) ?? []).flatMap(({ type, data }) =>
    'orderId' in data && data.orderId === orderId ? [type] : [],
  );
  return types.join('+') || 'nothing';
}

const allowed = {
  'awaiting-payment': ['StockReserved'],
  paid: ['StockReserved'],
  shipped: ['StockReserved+StockShipped'],
  delivered: ['StockReserved+StockShipped'],
  rejected: ['StockReserved+ReservationReleased', 'ReservationRefused'],
  cancelled: ['StockReserved+ReservationReleased', 'ReservationRefused'],
} as const;

const seen = new Set<string>();

describe('the process over orders and stock', () => {
  it('comes to rest with every reservation as its order says, whatever happened in between', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80, size: 'max' }), (actions) => {
        const shop = openShop();
        for (const act of actions) act(shop);
        settle(shop);
        for (const [orderId, events] of shop.orders) {
          const order = fold(deciders.orders, events);
          seen.add(order.status);
          if (order.status === 'not-placed' || order.status === 'placed') {
            expect.fail(`order ${orderId} hangs in ${order.status}`);
          }
          const onOrder = order.lines.map(({ sku }) => sku);
          for (const { sku } of order.lines) {
            expect(allowed[order.status]).toContain(reservationOf(shop, sku, orderId));
          }
          for (const sku of skus.filter((candidate) => !onOrder.includes(candidate))) {
            expect(reservationOf(shop, sku, orderId)).toBe('nothing');
          }
        }
      }),
      propertySettings,
    );
    expect([...seen].sort(), 'states the runs came to').toEqual(Object.keys(allowed).sort());
  });

  it('keeps the events of orders and stock items apart', () => {
    const shop = openShop();
    const lines = [{ sku: 'a', quantity: 1, unitPrice: 10 }];
    shop.send({ type: 'PlaceOrder', data: { orderId: 'order-1', customer, currency: 'EUR', lines }, at: 0 });
    settle(shop);
    expect([...shop.orders.values()].flat().every(isOrderEvent)).toBe(true);
    expect([...shop.stock.values()].flat().some(isOrderEvent)).toBe(false);
  });
});
