// The event log against a Kafka and a Schema Registry at KAFKA_BROKERS and SCHEMA_REGISTRY_URL: what the rest of the project
// relies on, whichever servers stand there.
import { randomUUID } from 'node:crypto';
import { topics, type OrderPlaced } from '@comptoir/schemas';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  openEventLog,
  UnknownOutcomeError,
  UnsafeTopicError,
  type EventBatch,
  type EventLog,
  type NewEvent,
  type RecordedEvent,
} from './index.ts';
import { ensureTopics } from './topics.ts';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
const registryUrl = process.env.SCHEMA_REGISTRY_URL ?? '';
const logger = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
const patient = { timeout: 20_000, interval: 20 };

let log: EventLog;
beforeAll(async () => {
  log = await openEventLog({ brokers, registryUrl, clientId: 'event-log-test', logger });
});
afterAll(() => log.close());

const orderPlaced = (orderId: string, overrides: Partial<OrderPlaced> = {}): NewEvent => ({
  topic: 'orders',
  key: orderId,
  type: 'OrderPlaced',
  data: {
    orderId,
    customer: { id: 'c-1', name: 'Zoé Œuvrard', email: 'zoe@example.org', language: 'fr' },
    currency: 'EUR',
    lines: [{ sku: 'tea', quantity: 2, unitPrice: 450 }],
    total: 900,
    placedAt: 1_700_000_000_000,
    ...overrides,
  },
  time: 1_700_000_000_123,
  id: randomUUID(),
  source: '/command-api',
  version: 1,
  correlationId: randomUUID(),
  causationId: 'cause',
  commandId: `command-${orderId}`,
  commandHash: 'hash',
  actor: 'tester',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
});

async function collecting(groupId: string, positions = new Map<string, number>()) {
  const events: RecordedEvent[] = [];
  const batches: EventBatch[] = [];
  const subscription = await log.subscribe({
    groupId,
    topics,
    loadPositions: () => Promise.resolve(positions),
    onBatch: (batch) => {
      batches.push(batch);
      events.push(...batch.events);
      positions.set(batch.name, batch.nextOffset);
      return Promise.resolve();
    },
  });
  return { events, batches, positions, subscription };
}

const appenderOf = (transactionalId = `test-${randomUUID()}`) =>
  log.appender({ transactionalId, transactionTimeout: 10_000 });
const append = (appender: ReturnType<typeof appenderOf>, events: NewEvent[]) =>
  appender.append(events.map((event) => appender.encode(event)));

describe('appending', () => {
  it('writes events that are read back as they were written, at the positions answered', async () => {
    const appender = appenderOf();
    await appender.open();
    const written = Array.from({ length: 30 }, () => orderPlaced(randomUUID()));
    const positions = await append(appender, written);
    const reader = await collecting(
      `test-${randomUUID()}`,
      await log.endOffsets(topics).then(startingAt(positions)),
    );
    await vi.waitFor(() => {
      expect(reader.events.length).toBeGreaterThanOrEqual(written.length);
    }, patient);
    await reader.subscription.stop();
    for (const [n, event] of written.entries()) {
      const read = reader.events.find(({ id }) => id === event.id);
      expect(read).toMatchObject({ ...event, ...positions[n] });
      expect(read?.schema).toMatchObject({ subject: 'orders-shop.orders.OrderPlaced', version: 1 });
    }
  });

  it('shows a reader a batch as a whole', async () => {
    const appender = appenderOf();
    await appender.open();
    const before = await log.endOffsets(topics);
    const positions = await append(appender, [orderPlaced('a'), orderPlaced('b'), orderPlaced('c')]);
    for (const { topic, partition, offset } of positions) {
      expect(offset).toBeGreaterThanOrEqual(before.get(`${topic}-${String(partition)}`) ?? 0);
    }
  });

  it('is refused to an owner that has been fenced, and leaves nothing of its batch', async () => {
    const id = `test-${randomUUID()}`;
    const older = appenderOf(id);
    await older.open();
    await append(older, [orderPlaced(randomUUID())]);
    const newer = appenderOf(id);
    await newer.open();
    const lost = orderPlaced(randomUUID());
    for (const _producer of ['a', 'b']) {
      const error: unknown = await append(older, [lost]).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UnknownOutcomeError);
      expect(error).toMatchObject({ fenced: true });
    }
    const [position] = await append(newer, [orderPlaced(lost.key)]);
    expect(position).toBeDefined();
    const reader = await collecting(`test-${randomUUID()}`);
    await vi.waitFor(() => {
      expect(reader.events.some(({ key, id: found }) => key === lost.key && found !== lost.id)).toBe(true);
    }, patient);
    expect(reader.events.filter(({ id: found }) => found === lost.id)).toEqual([]);
    await reader.subscription.stop();
  });

  it('aborts on opening what an earlier owner left open', async () => {
    const id = `test-${randomUUID()}`;
    const kafka = new Kafka({ brokers, clientId: 'left-open', logLevel: logLevel.NOTHING });
    const producer = kafka.producer({
      transactionalId: `${id}-a`,
      maxInFlightRequests: 1,
      transactionTimeout: 60_000,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    const leftOpen = orderPlaced(randomUUID());
    await transaction.send({ topic: 'orders', messages: [{ key: leftOpen.key, value: 'never committed' }] });
    const appender = appenderOf(id);
    await appender.open();
    await append(appender, [orderPlaced(leftOpen.key)]);
    const ends = await log.endOffsets(topics);
    const reader = await collecting(`test-${randomUUID()}`);
    await vi.waitFor(() => {
      for (const [name, end] of ends) expect(reader.positions.get(name) ?? 0).toBeGreaterThanOrEqual(end);
    }, patient);
    await reader.subscription.stop();
    await producer.disconnect();
  });
});

/** Positions a little before the given ones, so that a test does not read the whole log. */
const startingAt =
  (positions: readonly { topic: string; partition: number; offset: number }[]) =>
  (ends: Map<string, number>) => {
    const start = new Map(ends);
    for (const { topic, partition, offset } of positions) {
      const name = `${topic}-${String(partition)}`;
      start.set(name, Math.min(start.get(name) ?? offset, offset));
    }
    return start;
  };

describe('reading', () => {
  it('goes on from the given positions, whatever the group has committed, and passes transaction markers', async () => {
    const groupId = `test-${randomUUID()}`;
    const appender = appenderOf();
    await appender.open();
    const first = await collecting(groupId, await log.endOffsets(topics));
    await append(appender, [orderPlaced(randomUUID())]);
    await vi.waitFor(async () => {
      for (const [name, end] of await log.endOffsets(topics))
        expect(first.positions.get(name) ?? end).toBe(end);
      expect(first.events).toHaveLength(1);
    }, patient);
    await first.subscription.stop();
    const written = orderPlaced(randomUUID());
    const [position] = await append(appender, [written]);
    const rewound = new Map(first.positions);
    const second = await collecting(groupId, rewound);
    await vi.waitFor(() => {
      expect(second.events.map(({ id, offset }) => ({ id, offset }))).toEqual([
        { id: written.id, offset: position?.offset },
      ]);
    }, patient);
    await second.subscription.stop();
    expect(await log.groupMembers(groupId)).toBe(0);
  });

  it('hands the same batch over again when its handler fails', async () => {
    const appender = appenderOf();
    await appender.open();
    const positions = await log.endOffsets(topics);
    const attempts: string[][] = [];
    const errors: Error[] = [];
    const subscription = await log.subscribe({
      groupId: `test-${randomUUID()}`,
      topics,
      loadPositions: () => Promise.resolve(positions),
      onBatch: ({ events }) => {
        if (events.length === 0) return Promise.resolve();
        attempts.push(events.map(({ id }) => id));
        return attempts.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
      },
      onError: (error) => errors.push(error),
    });
    const written = orderPlaced(randomUUID());
    await append(appender, [written]);
    await vi.waitFor(() => {
      expect(attempts).toEqual([[written.id], [written.id], [written.id]]);
    }, patient);
    expect(errors.map(({ message }) => message)).toEqual(['not yet', 'not yet']);
    await subscription.stop();
  });

  it('says so when a checkpoint lies beyond the end of the log', async () => {
    const appender = appenderOf();
    await appender.open();
    const errors: Error[] = [];
    const positions = new Map(
      [...(await log.endOffsets(topics)).keys()].map((name) => [name, 1_000_000_000]),
    );
    await append(appender, [orderPlaced(randomUUID())]);
    const subscription = await log.subscribe({
      groupId: `test-${randomUUID()}`,
      topics,
      loadPositions: () => Promise.resolve(positions),
      onBatch: () => Promise.resolve(),
      onError: (error) => errors.push(error),
    });
    await vi.waitFor(() => {
      expect(errors[0]?.message).toMatch(/the checkpoint says .*@1000000000, but the log ends at/);
    }, patient);
    await subscription.stop();
  });

  it('gives the shards to the writer that started last', async () => {
    const groupId = `test-${randomUUID()}`;
    const options = {
      groupId,
      topics,
      loadPositions: () => Promise.resolve(new Map<string, number>()),
      onBatch: () => Promise.resolve(),
    };
    const older = await log.subscribeAsWriter(1, options);
    await vi.waitFor(() => {
      expect(older.assignment()).toHaveLength(24);
    }, patient);
    const second = await openEventLog({ brokers, registryUrl, clientId: 'second', logger });
    const newer = await second.subscribeAsWriter(1, options);
    await vi.waitFor(() => {
      expect([older.assignment().length, newer.assignment().length]).toEqual([0, 24]);
    }, patient);
    await second.close();
    await vi.waitFor(() => {
      expect(older.assignment()).toHaveLength(24);
    }, patient);
    await older.stop();
  });
});

describe('topics', () => {
  it('that could lose history are refused, with the command that puts them right', async () => {
    const topic = `unsafe-${randomUUID()}` as 'orders';
    const admin = new Kafka({ brokers, clientId: 'unsafe', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      await admin.createTopics({
        topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'retention.ms', value: '604800000' }] }],
      });
      const refusal = await ensureTopics(admin, [topic], 1).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UnsafeTopicError);
      expect(String(refusal)).toContain(`--entity-name ${topic} --add-config retention.ms=-1`);
    } finally {
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
    }
  });
});
