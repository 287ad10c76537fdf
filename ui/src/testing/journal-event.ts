// Journal events for tests: everything has a value, so a test names only what it is about.
import type { JournalEvent } from '../services/contract.ts';

let count = 0;

/** An event with a position of its own; `causationId` is its command unless the test says otherwise. */
export function journalEvent(fields: Partial<JournalEvent> & { readonly type: string }): JournalEvent {
  count += 1;
  const topic = fields.topic ?? 'orders';
  const commandId = fields.commandId ?? `command-${String(count)}`;
  return {
    topic,
    partition: 0,
    offset: count,
    position: `${topic}-0@${String(count)}`,
    log: `${topic}-0`,
    key: 'order-1',
    version: count,
    time: '2026-11-25T10:00:00.000Z',
    eventId: `event-${String(count)}`,
    correlationId: 'correlation-1',
    causationId: commandId,
    commandId,
    actor: 'panel',
    source: '/command-api',
    traceparent: null,
    data: {},
    schema: { id: 1, subject: `${topic}-shop.${topic}.${fields.type}`, version: 1 },
    ...fields,
  };
}
