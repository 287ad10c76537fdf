// The whole broker, through kafkajs: what its parts cannot show alone.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Consumer, type Message, type Producer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StartedServer } from '../options.ts';
import { startKafka } from './index.ts';

let dataDir = '';
let broker: StartedServer | undefined;
const closing: (() => Promise<void>)[] = [];

const start = async (port = 0): Promise<StartedServer> => {
  broker = await startKafka({ dataDir, port });
  return broker;
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-kafka-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await broker?.stop();
  broker = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

const clientOf = ({ address }: StartedServer): Kafka =>
  new Kafka({
    clientId: 'test',
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, retries: 5 },
  });

async function adminOf(kafka: Kafka) {
  const admin = kafka.admin();
  await admin.connect();
  closing.push(() => admin.disconnect());
  return admin;
}

async function producerOf(kafka: Kafka, settings: Parameters<Kafka['producer']>[0] = {}): Promise<Producer> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, ...settings });
  await producer.connect();
  closing.push(() => producer.disconnect());
  return producer;
}

interface Collected {
  readonly consumer: Consumer;
  readonly values: string[];
  readonly partitions: Set<number>;
}

async function collect(kafka: Kafka, topic: string, groupId: string): Promise<Collected> {
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 50,
    heartbeatInterval: 100,
    sessionTimeout: 6000,
  });
  closing.push(() => consumer.disconnect());
  const collected: Collected = { consumer, values: [], partitions: new Set() };
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message, partition }) => {
      collected.values.push(String(message.value));
      collected.partitions.add(partition);
      return Promise.resolve();
    },
  });
  return collected;
}

const messages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: String(from + i), value: `v${String(from + i)}` }));
const values = (from: number, to: number): string[] => messages(from, to).map(({ value }) => String(value));

const within = { timeout: 10_000, interval: 20 };

describe('the broker', () => {
  it('keeps topics, records and committed offsets over a restart, and its cluster id', async () => {
    const first = await start();
    const kafka = clientOf(first);
    const admin = await adminOf(kafka);
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] });
    const producer = await producerOf(kafka, { idempotent: true, maxInFlightRequests: 1 });
    await producer.send({ topic: 'orders', messages: messages(0, 30) });
    const reader = await collect(kafka, 'orders', 'g');
    await expect.poll(() => reader.values.length, within).toBe(30);
    const { clusterId } = await admin.describeCluster();
    for (const close of closing.splice(0).reverse()) await close();
    await first.stop();

    const again = clientOf(await start());
    const adminAgain = await adminOf(again);
    expect((await adminAgain.describeCluster()).clusterId).toBe(clusterId);
    const offsets = await adminAgain.fetchTopicOffsets('orders');
    expect(offsets.reduce((sum, { offset }) => sum + Number(offset), 0)).toBe(30);
    const [committed] = await adminAgain.fetchOffsets({ groupId: 'g', topics: ['orders'] });
    expect(committed?.partitions.reduce((sum, { offset }) => sum + Number(offset), 0)).toBe(30);
    const read = await collect(again, 'orders', 'other');
    await expect.poll(() => read.values.length, within).toBe(30);
    expect(new Set(read.values)).toEqual(new Set(values(0, 30)));
  });

  it('shares the partitions of a topic out between the members of a group', async () => {
    const kafka = clientOf(await start());
    const admin = await adminOf(kafka);
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 4 }] });
    const producer = await producerOf(kafka);
    const one = await collect(kafka, 'orders', 'g');
    const two = await collect(kafka, 'orders', 'g');
    await expect
      .poll(async () => (await admin.describeGroups(['g'])).groups[0]?.members.length, within)
      .toBe(2);
    let sent = 0;
    await expect
      .poll(async () => {
        await producer.send({ topic: 'orders', messages: messages(sent, sent + 40) });
        sent += 40;
        return one.partitions.size > 0 && two.partitions.size > 0;
      }, within)
      .toBe(true);
    await expect.poll(() => new Set([...one.values, ...two.values]).size, within).toBe(sent);
    await one.consumer.disconnect();
    const before = two.values.length;
    await producer.send({ topic: 'orders', messages: messages(sent, sent + 40) });
    await expect.poll(() => two.values.length - before, within).toBeGreaterThanOrEqual(40);
  });

  it('forgets what was committed for a topic that is deleted', async () => {
    const kafka = clientOf(await start());
    const admin = await adminOf(kafka);
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] });
    const producer = await producerOf(kafka);
    await producer.send({ topic: 'orders', messages: messages(0, 5) });
    const read = await collect(kafka, 'orders', 'g');
    await expect.poll(() => read.values.length, within).toBe(5);
    await read.consumer.disconnect();
    const committed = async () => {
      const [topic] = await admin.fetchOffsets({ groupId: 'g', topics: ['orders'] });
      return topic?.partitions[0]?.offset;
    };
    expect(await committed()).toBe('5');
    await admin.deleteTopics({ topics: ['orders'] });
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] });
    expect(await committed()).toBe('-1');
  });

  it('shows readers of committed records what was committed, with the offsets sent along', async () => {
    const kafka = clientOf(await start());
    const admin = await adminOf(kafka);
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 2 }] });
    const producer = await producerOf(kafka, {
      transactionalId: 'writer',
      maxInFlightRequests: 1,
      idempotent: true,
    });
    const aborted = await producer.transaction();
    await aborted.send({ topic: 'orders', messages: messages(0, 10) });
    await aborted.sendOffsets({
      consumerGroupId: 'g',
      topics: [{ topic: 'orders', partitions: [{ partition: 0, offset: '7' }] }],
    });
    await aborted.abort();
    const committed = await producer.transaction();
    await committed.send({ topic: 'orders', messages: messages(10, 20) });
    await committed.sendOffsets({
      consumerGroupId: 'g',
      topics: [{ topic: 'orders', partitions: [{ partition: 0, offset: '1' }] }],
    });
    await committed.commit();

    const offsets = await admin.fetchOffsets({ groupId: 'g', topics: ['orders'] });
    expect(offsets[0]?.partitions.find(({ partition }) => partition === 0)?.offset).toBe('1');
    const read = await collect(kafka, 'orders', 'reader');
    await expect.poll(() => read.values.length, within).toBe(10);
    expect(new Set(read.values)).toEqual(new Set(values(10, 20)));
  });

  it('fences the older of two producers with one transactional id', async () => {
    const kafka = clientOf(await start());
    const admin = await adminOf(kafka);
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] });
    const settings = { transactionalId: 'writer', maxInFlightRequests: 1, idempotent: true };
    const older = await producerOf(kafka, settings);
    const first = await older.transaction();
    await first.send({ topic: 'orders', messages: messages(0, 1) });
    const newer = await producerOf(kafka, settings);
    const second = await newer.transaction();
    await second.send({ topic: 'orders', messages: messages(1, 2) });
    await second.commit();
    await expect(first.commit()).rejects.toThrow();
    const read = await collect(kafka, 'orders', 'reader');
    await expect.poll(() => read.values, within).toEqual(['v1']);
  });

  it('stops at once although its clients wait for records and for one another', async () => {
    const server = await start();
    const kafka = clientOf(server);
    const admin = await adminOf(kafka);
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] });
    await collect(kafka, 'orders', 'g');
    const waiting = kafka.consumer({ groupId: 'waiting', maxWaitTimeInMs: 30_000 });
    closing.push(() => waiting.disconnect());
    await waiting.connect();
    await waiting.subscribe({ topic: 'orders' });
    const isFetching = new Promise<void>((resolve) => {
      waiting.on(waiting.events.GROUP_JOIN, () => {
        resolve();
      });
    });
    await waiting.run({ eachMessage: () => Promise.resolve() });
    await isFetching;
    const from = performance.now();
    await server.stop();
    expect(performance.now() - from).toBeLessThan(1000);
  });

  it('says which port is taken', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          blocker.close(() => {
            resolve();
          });
        }),
    );
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start(port)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    // Nothing is left behind: the folder can be opened at once.
    expect((await start()).port).toBeGreaterThan(0);
  });

  it('does not open a folder twice', async () => {
    await start();
    await expect(startKafka({ dataDir, port: 0 })).rejects.toThrow('another broker has');
  });

  it('starts in less than half a second', async () => {
    const from = performance.now();
    await start();
    expect(performance.now() - from).toBeLessThan(500);
  });
});
