// The view `journal`: every event of the log, one document each, found by position, aggregate, type, time or business process.
// Its ids sort as the log does. `text` is what a search looks in: everything that a person might type.
import type { RecordedEvent } from '@comptoir/event-log';
import { formatPosition, partitionName } from '@comptoir/schemas';
import { journalId, type JournalView } from '@comptoir/views';
import { projection } from '../projection.ts';

function entry(event: RecordedEvent): JournalView {
  const { topic, partition, offset, type, key, version, data, schema } = event;
  const { correlationId, causationId, commandId, actor, source } = event;
  const position = formatPosition(event);
  return {
    topic,
    partition,
    offset,
    position,
    log: partitionName(topic, partition),
    type,
    key,
    version,
    time: new Date(event.time),
    eventId: event.id,
    correlationId,
    causationId,
    commandId,
    actor,
    source,
    traceparent: event.traceparent ?? null,
    data,
    schema: { id: schema.id, subject: schema.subject, version: schema.version ?? null },
    text: [type, key, position, event.id, correlationId, commandId, actor, JSON.stringify(data)]
      .join(' ')
      .toLowerCase(),
  };
}

export const journal = projection<'journal', JournalView | null>({
  name: 'journal',
  version: 1,
  topics: ['orders', 'stock'],
  key: journalId,
  initial: () => null,
  on: {},
  otherwise: (_nothing, event) => entry(event),
  appendOnly: true,
  indexes: [
    { name: 'position', key: { log: 1, offset: 1 } },
    { name: 'time', key: { time: -1, _id: -1 } },
    { name: 'topic', key: { topic: 1, time: -1, _id: -1 } },
    { name: 'type', key: { type: 1, time: -1, _id: -1 } },
    { name: 'key', key: { key: 1, time: -1, _id: -1 } },
    { name: 'correlation', key: { correlationId: 1, time: -1, _id: -1 } },
    { name: 'aggregate', key: { topic: 1, key: 1, version: 1 } },
  ],
});
