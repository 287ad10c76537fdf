// A shop in memory: enough of orders, stock and their reactions to drive the panel as the real services would, in the shapes of
// the HTTP contract. Reactions come a moment later, as in the real system, so that a page is seen before, during and after them.
import { randomUUID } from 'node:crypto';
import { createFakeFulfilment } from './fake-fulfilment.ts';
import type { Cause, Mutable, NewEvent, OrderDraft } from './fake-types.ts';
import type {
  CommandAccepted,
  Customer,
  JournalEvent,
  Notification,
  OrderLine,
  StockItem,
} from '../src/services/contract.ts';

/** Between an event and the reaction to it, ms. */
const reactionDelayMs = 30;
const partitions = 3;

const partitionOf = (key: string): number =>
  new TextEncoder().encode(key).reduce((sum, byte) => sum + byte, 0) % partitions;

export function createFakeState() {
  const orders = new Map<string, OrderDraft>();
  const stock = new Map<string, Mutable<StockItem>>();
  const versions = new Map<string, number>();
  const journal: JournalEvent[] = [];
  const notifications: Notification[] = [];
  const listeners = new Set<(event: JournalEvent) => void>();
  const timers = new Set<NodeJS.Timeout>();
  const now = (): string => new Date().toISOString();

  const later = (what: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      what();
    }, reactionDelayMs);
    timers.add(timer);
  };

  function append(
    { type, key, data, topic = stock.has(key) ? 'stock' : 'orders' }: NewEvent,
    cause: Cause,
  ): JournalEvent {
    const partition = partitionOf(key);
    const offset = journal.filter((event) => event.topic === topic && event.partition === partition).length;
    const version = (versions.get(key) ?? 0) + 1;
    versions.set(key, version);
    const subject = `${topic}-shop.${topic}.${type}`;
    const event: JournalEvent = {
      topic,
      partition,
      offset,
      position: `${topic}-${String(partition)}@${String(offset)}`,
      log: `${topic}-${String(partition)}`,
      type,
      key,
      version,
      time: now(),
      eventId: randomUUID(),
      correlationId: cause.correlationId,
      causationId: cause.causationId ?? cause.commandId,
      commandId: cause.commandId,
      actor: cause.actor,
      source: '/command-api',
      traceparent: null,
      data,
      schema: { id: 7, subject, version: 1 },
    };
    journal.push(event);
    for (const listener of listeners) listener(event);
    return event;
  }

  const answer = (
    aggregateId: string,
    commandId: string,
    events: readonly JournalEvent[],
  ): CommandAccepted => {
    const last = events.at(-1);
    return {
      commandId,
      aggregateId,
      version: versions.get(aggregateId) ?? 0,
      ...(last && { position: { topic: last.topic, partition: last.partition, offset: last.offset } }),
      events: events.map(({ eventId, type, version }) => ({ id: eventId, type, version })),
      token: last?.position ?? '',
    };
  };

  const reaction = (event: JournalEvent): Cause => ({
    commandId: randomUUID(),
    causationId: event.eventId,
    correlationId: event.correlationId,
    actor: 'reactor:fulfilment',
  });

  function notify(kind: string, order: OrderDraft, event: JournalEvent, subject: string): void {
    notifications.unshift({
      kind,
      orderId: order.orderId,
      to: order.customer.email,
      language: order.customer.language,
      subject,
      text: `Dear ${order.customer.name},\n\n${subject}.\n\nComptoir`,
      status: 'recorded',
      attempts: 0,
      eventId: event.eventId,
      eventType: event.type,
      position: event.position,
      correlationId: event.correlationId,
      createdAt: now(),
    });
  }

  function setStock(item: Mutable<StockItem>, onHand: number, reserved: number, event: JournalEvent): void {
    item.onHand = onHand;
    item.reserved = reserved;
    item.available = onHand - reserved;
    item.low = item.available <= item.lowStockThreshold;
    item.version = event.version;
    item.updatedAt = event.time;
  }

  function touch(order: OrderDraft, event: JournalEvent): void {
    order.version = versions.get(order.orderId) ?? order.version;
    order.updatedAt = event.time;
  }

  const tools = { stock, append, setStock, touch, notify, later, reaction };
  const { reserve, release } = createFakeFulfilment(tools);

  return {
    orders,
    stock,
    journal,
    notifications,
    listeners,
    append,
    answer,
    setStock,
    touch,
    release,
    notify,
    later,
    reaction,
    register(
      item: Omit<StockItem, 'reserved' | 'available' | 'low' | 'version' | 'registeredAt' | 'updatedAt'>,
      cause: Cause,
    ) {
      const at = now();
      stock.set(item.sku, {
        ...item,
        reserved: 0,
        available: item.onHand,
        low: false,
        version: 1,
        registeredAt: at,
        updatedAt: at,
      });
      return append({ type: 'StockItemRegistered', key: item.sku, data: { ...item } }, cause);
    },
    place(body: { orderId: string; customer: Customer; currency: string; lines: OrderLine[] }, cause: Cause) {
      const at = now();
      const total = body.lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
      const order: OrderDraft = {
        ...body,
        lines: body.lines.map((line) => ({ ...line, status: 'pending' as const })),
        status: 'placed',
        total,
        placedAt: at,
        updatedAt: at,
        version: 1,
        correlationId: cause.correlationId,
      };
      orders.set(order.orderId, order);
      const placed = append({ type: 'OrderPlaced', key: order.orderId, data: { ...body, total } }, cause);
      later(() => {
        for (const line of order.lines) reserve(order, line, placed);
      });
      return placed;
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

export type FakeState = ReturnType<typeof createFakeState>;
