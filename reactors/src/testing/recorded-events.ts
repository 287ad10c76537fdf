// Recorded events for tests: what the log would give, without a log.
import { randomUUID } from 'node:crypto';
import type { EventMetadata, RecordedEvent } from '@comptoir/event-log';
import { catalogueEntry, type Customer, type Line, type ShopEvent } from '@comptoir/schemas';

/** 25 November 2026, 14:05 UTC. */
export const instant = Date.UTC(2026, 10, 25, 14, 5);

export const ada: Customer = { id: 'c-1', name: 'Ada Lovelace', email: 'ada@example.org', language: 'en' };
export const emilie: Customer = {
  id: 'c-2',
  name: 'Émilie du Châtelet',
  email: 'emilie@example.org',
  language: 'fr',
};

export const orderId = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';
export const lines: readonly Line[] = [
  { sku: 'KETTLE', quantity: 2, unitPrice: 2_490 },
  { sku: 'TEAPOT', quantity: 1, unitPrice: 123_450 },
];

/** An event as it would stand in the log. */
export function recorded(event: ShopEvent, metadata: Partial<EventMetadata> = {}): RecordedEvent {
  const { topic, subject } = catalogueEntry(event.type);
  const key =
    topic === 'orders' && 'orderId' in event.data
      ? event.data.orderId
      : 'sku' in event.data
        ? event.data.sku
        : '';
  return {
    ...event,
    topic,
    partition: 0,
    offset: 0,
    key,
    time: instant,
    id: randomUUID(),
    source: '/command-api',
    version: 1,
    correlationId: 'correlation-1',
    causationId: 'command-1',
    commandId: 'command-1',
    commandHash: '',
    actor: 'test',
    traceparent: undefined,
    schema: { id: 1, subject, version: 1 },
    ...metadata,
  };
}

/** An order of Ada's, placed. */
export const orderPlaced = (id = orderId, ordered: readonly Line[] = lines): ShopEvent => ({
  type: 'OrderPlaced',
  data: { orderId: id, customer: ada, currency: 'EUR', lines: ordered, total: 128_430, placedAt: instant },
});

/** The same order, cancelled. */
export const orderCancelled = (id = orderId, ordered: readonly Line[] = lines): ShopEvent => ({
  type: 'OrderCancelled',
  data: {
    orderId: id,
    customer: ada,
    currency: 'EUR',
    lines: ordered,
    total: 128_430,
    cancelledBy: 'customer',
    reason: 'changed my mind',
    refund: 0,
    cancelledAt: instant,
  },
});
