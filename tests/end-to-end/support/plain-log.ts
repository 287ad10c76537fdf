// The log as any other program reads it: a plain kafkajs consumer and the registry's own decoder, none of our code.
import { randomUUID } from 'node:crypto';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';

/** A record of the log, decoded. */
export interface PlainEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly type: string;
  readonly sequence: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
}

const topics = ['orders', 'stock'];

/** Reads both topics from their beginning to the end they have now. */
export async function readPlainly({
  brokers,
  registryUrl,
}: {
  brokers: readonly string[];
  registryUrl: string;
}): Promise<PlainEvent[]> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'plain-reader', logLevel: logLevel.NOTHING });
  const registry = new SchemaRegistry({ host: registryUrl });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `plain-reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await admin.connect();
  await consumer.connect();
  try {
    const left = new Map<string, number>();
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        if (high !== '0') left.set(`${topic}-${String(partition)}`, Number(high));
      }
    }
    const events: PlainEvent[] = [];
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const passed = (name: string, offset: number): void => {
        if (offset + 1 >= (left.get(name) ?? 0)) left.delete(name);
        if (left.size === 0) resolve();
      };
      // Transaction markers do not reach eachBatch, but this event tells how far a fetch has come.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        passed(`${payload.topic}-${String(payload.partition)}`, Number(payload.lastOffset));
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        reject(payload.error);
      });
      if (left.size === 0) resolve();
      void consumer.run({
        eachBatch: async ({ batch }) => {
          for (const { key, value, headers, offset } of batch.messages) {
            if (value === null) throw new Error('a record without a value');
            const texts = Object.fromEntries(
              Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]),
            );
            events.push({
              topic: batch.topic,
              partition: batch.partition,
              offset: Number(offset),
              key: String(key),
              type: texts.ce_type ?? '',
              sequence: Number(texts.ce_sequence),
              headers: texts,
              data: (await registry.decode(value)) as Record<string, unknown>,
            });
          }
        },
      });
    });
    return events.toSorted(
      (a, b) =>
        (a.topic + String(a.partition)).localeCompare(b.topic + String(b.partition)) || a.offset - b.offset,
    );
  } finally {
    await consumer.disconnect();
    await admin.disconnect();
  }
}

/** Every aggregate's versions are 1, 2, 3 in the order of the log; what is not is returned as sentences. */
export function brokenSequences(events: readonly PlainEvent[]): string[] {
  const versions = new Map<string, number>();
  const broken: string[] = [];
  for (const { topic, key, sequence, partition, offset } of events) {
    const aggregate = `${topic}/${key}`;
    const expected = (versions.get(aggregate) ?? 0) + 1;
    if (sequence !== expected) {
      broken.push(
        `${topic}-${String(partition)}@${String(offset)}: ${key} has ${String(sequence)}, expected ${String(expected)}`,
      );
    }
    versions.set(aggregate, sequence);
  }
  return broken;
}

/** Positions per partition are read to the end by whoever asks for less: how often each command placed an order. */
export function placedBy(events: readonly PlainEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type, headers } of events) {
    const command = headers.ce_commandid;
    if (type === 'OrderPlaced' && command !== undefined) counts.set(command, (counts.get(command) ?? 0) + 1);
  }
  return counts;
}
