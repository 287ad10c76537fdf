// Test support: a believable history of the shop, made from a few choices. Every aggregate's versions are contiguous, every order
// lives one of the lives that the domain allows, and events of one process follow one another as they would.
import type { RecordedEvent } from '@comptoir/event-log';
import { catalogueEntry, type ShopEvent, type Topic } from '@comptoir/schemas';

/** How far an order comes. */
export const fates = [
  'placed',
  'rejected',
  'confirmed',
  'cancelled',
  'paid',
  'refunded',
  'shipped',
  'delivered',
] as const;

/** One order of a history. */
export interface OrderPlan {
  readonly fate: (typeof fates)[number];
  /** Pieces by sku; at least one. */
  readonly lines: Readonly<Record<string, number>>;
  /** Day of November 2026 on which it was placed. */
  readonly day: number;
}

const currency = 'EUR';
const prices: Readonly<Record<string, number>> = { cup: 1250, lamp: 8900, 'a/b': 5 };

/** The skus of the sample shop. */
export const skus = Object.keys(prices);

/** Registration of every item: what happens before any order. */
export const openingEvents = (): ShopEvent[] =>
  skus.map((sku) => ({
    type: 'StockItemRegistered',
    data: {
      sku,
      name: `The ${sku}`,
      unitPrice: prices[sku] ?? 0,
      currency,
      onHand: 100_000,
      lowStockThreshold: 10,
      registeredAt: Date.UTC(2026, 10, 1),
    },
  }));

/** The events of one order and of the stock that it holds, in order. */
export function orderEvents(orderId: string, { fate, lines: pieces, day }: OrderPlan): ShopEvent[] {
  const at = Date.UTC(2026, 10, day, 12);
  const lines = Object.entries(pieces).map(([sku, quantity]) => ({
    sku,
    quantity,
    unitPrice: prices[sku] ?? 0,
  }));
  const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  const customer = { id: 'c-7', name: 'Ada Byron', email: 'ada@example.org', language: 'en' };
  const contents = { orderId, customer, currency, lines, total };
  const placed: ShopEvent = { type: 'OrderPlaced', data: { ...contents, placedAt: at } };
  const reserve = ({ sku, quantity, unitPrice }: (typeof lines)[number]): ShopEvent[] => [
    { type: 'StockReserved', data: { sku, orderId, quantity, unitPrice, reservedAt: at + 10 } },
    { type: 'OrderLineReserved', data: { orderId, sku, quantity, reservedAt: at + 20 } },
  ];
  const release = (): ShopEvent[] =>
    lines.map(({ sku, quantity }) => ({
      type: 'ReservationReleased',
      data: { sku, orderId, quantity, releasedAt: at + 90_000 },
    }));
  const cancel = (refund: number): ShopEvent => ({
    type: 'OrderCancelled',
    // A day later: a refund counts on its own day.
    data: {
      ...contents,
      cancelledBy: 'customer',
      reason: 'changed my mind',
      refund,
      cancelledAt: at + 86_400_000,
    },
  });
  const confirmed: ShopEvent[] = [
    placed,
    ...lines.flatMap(reserve),
    { type: 'OrderConfirmed', data: { ...contents, confirmedAt: at + 30 } },
  ];
  const paid: ShopEvent[] = [
    ...confirmed,
    {
      type: 'OrderPaid',
      data: { orderId, amount: total, currency, method: 'card', lines, paidAt: at + 60_000 },
    },
  ];
  const shipped = (): ShopEvent[] => [
    ...paid,
    {
      type: 'OrderShipped',
      data: { orderId, customer, lines, carrier: 'La Poste', trackingNumber: 'LP1', shippedAt: at + 70_000 },
    },
    ...lines.map(({ sku, quantity }): ShopEvent => ({
      type: 'StockShipped',
      data: { sku, orderId, quantity, shippedAt: at + 70_010 },
    })),
  ];
  switch (fate) {
    case 'placed':
      return [placed];
    case 'rejected':
      return [placed, ...rejection(contents, at)];
    case 'confirmed':
      return confirmed;
    case 'cancelled':
      return [...confirmed, cancel(0), ...release()];
    case 'paid':
      return paid;
    case 'refunded':
      return [...paid, cancel(total), ...release()];
    case 'shipped':
      return shipped();
    case 'delivered':
      return [...shipped(), { type: 'OrderDelivered', data: { orderId, deliveredAt: at + 200_000 } }];
  }
}

type Contents = Omit<Extract<ShopEvent, { type: 'OrderConfirmed' }>['data'], 'confirmedAt'>;

function rejection(contents: Contents, at: number): ShopEvent[] {
  const [line] = contents.lines;
  if (line === undefined) return [];
  const { sku, quantity, unitPrice } = line;
  const { orderId, currency: quoted } = contents;
  const why = { reason: 'INSUFFICIENT_STOCK', available: 0, currentUnitPrice: unitPrice } as const;
  return [
    {
      type: 'ReservationRefused',
      data: { sku, orderId, quantity, unitPrice, currency: quoted, ...why, refusedAt: at + 10 },
    },
    { type: 'OrderLineRefused', data: { orderId, sku, quantity, ...why, refusedAt: at + 20 } },
    { type: 'OrderRejected', data: { ...contents, sku, ...why, rejectedAt: at + 20 } },
  ];
}

/** The aggregate that an event is about. */
const keyOf = (event: ShopEvent): string =>
  'orderId' in event.data && catalogueEntry(event.type).topic === 'orders'
    ? event.data.orderId
    : 'sku' in event.data
      ? event.data.sku
      : '';

/** Gives events positions and metadata as a log with some partitions would; every fifth offset is a transaction's marker. */
export function createRecorder(partitions: number): (event: ShopEvent) => RecordedEvent {
  const offsets = new Map<string, number>();
  const versions = new Map<string, number>();
  return (event) => {
    const { topic, subject } = catalogueEntry(event.type);
    const key = keyOf(event);
    const partition = Buffer.from(key).reduce((sum, byte) => sum + byte, 0) % partitions;
    const offset = next(offsets, topic, partition);
    const version = (versions.get(`${topic}/${key}`) ?? 0) + 1;
    versions.set(`${topic}/${key}`, version);
    return {
      ...event,
      topic,
      partition,
      offset,
      key,
      time: Date.UTC(2026, 10, 25) + offset,
      id: `${topic}-${String(partition)}-${String(offset)}`,
      source: 'test',
      version,
      correlationId: 'orderId' in event.data ? event.data.orderId : key,
      causationId: 'cause',
      commandId: 'command',
      commandHash: 'hash',
      actor: 'test',
      traceparent: undefined,
      schema: { id: 1, subject, version: 1 },
    };
  };
}

function next(offsets: Map<string, number>, topic: Topic, partition: number): number {
  const name = `${topic}-${String(partition)}`;
  const offset = offsets.get(name) ?? 0;
  offsets.set(name, offset % 5 === 3 ? offset + 2 : offset + 1);
  return offset;
}

/** Shuffles histories into one another; each keeps its own order. `pick` chooses among so many. */
export function interleave<Event>(
  histories: readonly (readonly Event[])[],
  pick: (among: number) => number,
): Event[] {
  const left = histories.map((history) => [...history]).filter((history) => history.length > 0);
  const merged: Event[] = [];
  while (left.length > 0) {
    const index = pick(left.length) % left.length;
    const chosen = left[index] ?? [];
    const event = chosen.shift();
    if (event !== undefined) merged.push(event);
    if (chosen.length === 0) left.splice(index, 1);
  }
  return merged;
}
