// The embedded broker beside Apache Kafka, through kafkajs: producing single messages and batches, consuming, transactions. Each broker
// is a process of its own; they are measured in turns, and the ratio is what counts. The embedded broker answers acks=-1 when the
// records are on the disk; Apache Kafka, as it comes, when they are in the page cache.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers, type ServerKind } from '@comptoir/launcher';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { Benchmark, Row } from './benchmark.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
/** ms that each thing is measured in each round. */
const duration = Number(process.env.BENCH_MS ?? 4_000);
const partitions = 12;
const value = Buffer.alloc(200, 'v');
const consumed = 150_000;

const kinds = ['embedded', 'real'] as const satisfies readonly ServerKind[];

type Measure = (kafka: Kafka, topic: string) => Promise<number>;

/** Repeats `action` in `lanes` at once until the time is over; gives how many per second, each counting `weight`. */
async function perSecond(lanes: number, weight: number, action: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  let done = 0;
  const lane = async () => {
    while (performance.now() - from < duration) {
      await action();
      done++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (done * weight * 1000) / (performance.now() - from);
}

async function withProducer(
  kafka: Kafka,
  options: Parameters<Kafka['producer']>[0],
  measure: (producer: Producer) => Promise<number>,
): Promise<number> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, ...options });
  await producer.connect();
  try {
    return await measure(producer);
  } finally {
    await producer.disconnect();
  }
}

const message = () => ({ key: randomUUID(), value });

const measures: Readonly<Record<string, Measure>> = {
  'produce single, one at a time': (kafka, topic) =>
    withProducer(kafka, {}, (producer) =>
      perSecond(1, 1, () => producer.send({ topic, messages: [message()] })),
    ),

  'produce single, 64 in flight': (kafka, topic) =>
    withProducer(kafka, {}, (producer) =>
      perSecond(64, 1, () => producer.send({ topic, messages: [message()] })),
    ),

  'produce batches of 500, 4 in flight': (kafka, topic) =>
    withProducer(kafka, {}, (producer) =>
      perSecond(4, 500, () => producer.send({ topic, messages: Array.from({ length: 500 }, message) })),
    ),

  consume: async (kafka, topic) => {
    await withProducer(kafka, {}, async (producer) => {
      for (let i = 0; i < consumed; i += 2000) {
        await producer.send({ topic, messages: Array.from({ length: 2000 }, message) });
      }
      return 0;
    });
    const consumer = kafka.consumer({ groupId: topic });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const { promise, resolve } = Promise.withResolvers<number>();
    let count = 0;
    let from = 0;
    await consumer.run({
      eachBatch: ({ batch }) => {
        // Joining the group is no consuming: the clock runs from the first batch on.
        if (from === 0) from = performance.now();
        else count += batch.messages.length;
        if (count >= consumed * 0.8) resolve((count * 1000) / (performance.now() - from));
        return Promise.resolve();
      },
    });
    const rate = await promise;
    await consumer.disconnect();
    return rate;
  },

  'transactions of one message': (kafka, topic) =>
    withProducer(kafka, { transactionalId: topic, idempotent: true, maxInFlightRequests: 1 }, (producer) =>
      perSecond(1, 1, async () => {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [message()] });
        await transaction.commit();
      }),
    ),
};

async function run(): Promise<Row[]> {
  const boot: Record<string, number> = {};
  const dirs: string[] = [];
  const running: { readonly stop: () => Promise<void> }[] = [];
  const clients = new Map<string, Kafka>();
  const rates = new Map<string, Record<string, number[]>>();
  try {
    for (const kind of kinds) {
      const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-bench-'));
      dirs.push(dataDir);
      const from = performance.now();
      const servers = await startServers({ kind, dataDir, only: ['kafka'] });
      boot[kind] = performance.now() - from;
      running.push(servers);
      const address = servers.started.kafka?.address ?? '';
      clients.set(kind, new Kafka({ clientId: 'bench', brokers: [address], logLevel: logLevel.NOTHING }));
    }
    for (let round = 0; round < rounds; round++) {
      for (const [what, measure] of Object.entries(measures)) {
        for (const [kind, kafka] of clients) {
          const topic = `bench-${randomUUID()}`;
          const admin = kafka.admin();
          await admin.connect();
          await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
          const rate = await measure(kafka, topic);
          await admin.deleteTopics({ topics: [topic] });
          await admin.disconnect();
          const all = rates.get(what) ?? {};
          (all[kind] ??= []).push(rate);
          rates.set(what, all);
        }
      }
    }
  } finally {
    for (const servers of running) await servers.stop();
    for (const dir of dirs) await rm(dir, { recursive: true, force: true });
  }
  const rows = [...rates].map(([what, { embedded = [], real = [] }]) =>
    row(what, 'per second', median(embedded), median(real)),
  );
  return [...rows, row('start', 'ms', boot.embedded ?? 0, boot.real ?? 0)];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const row = (what: string, unit: string, embedded: number, real: number): Row => ({
  what,
  unit,
  embedded: Math.round(embedded),
  'Apache Kafka': Math.round(real),
  ratio: Number((embedded / real).toFixed(2)),
});

/** The embedded broker beside Apache Kafka. */
export const embeddedKafka: Benchmark = {
  name: 'embedded-kafka',
  about: 'the embedded broker beside Apache Kafka, through kafkajs; medians, and the ratio of the two',
  run,
};
