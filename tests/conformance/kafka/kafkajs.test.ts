// kafkajs, the client that the shop uses: producers, groups of consumers and the admin client.
import { randomUUID } from 'node:crypto';
import {
  ConfigResourceTypes,
  PartitionAssigners,
  type Admin,
  type Consumer,
  type Kafka,
  type Producer,
} from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freshName, patient } from './support/data.ts';
import { collect, CompressionTypes, kafkajsAt } from './support/kafkajs.ts';

describe.each(inject('kafka'))('kafkajs on the $name broker', ({ address }) => {
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;
  const consumers: Consumer[] = [];
  beforeAll(async () => {
    kafka = kafkajsAt(address);
    admin = kafka.admin();
    producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
    await Promise.all([admin.connect(), producer.connect()]);
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.disconnect()));
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  const newTopic = async (numPartitions = 1): Promise<string> => {
    const topic = freshName('kafkajs');
    await admin.createTopics({
      topics: [{ topic, numPartitions, configEntries: [{ name: 'retention.ms', value: '-1' }] }],
      waitForLeaders: true,
    });
    await vi.waitFor(() => admin.fetchTopicOffsets(topic), patient);
    return topic;
  };
  const newConsumer = async (groupId = freshName('group'), config = {}): Promise<Consumer> => {
    const consumer = kafka.consumer({
      groupId,
      maxWaitTimeInMs: 100,
      sessionTimeout: 6_000,
      rebalanceTimeout: 6_000,
      heartbeatInterval: 100,
      ...config,
    });
    consumers.push(consumer);
    await consumer.connect();
    return consumer;
  };

  it('reads what it has written: keys, values, headers, timestamps, tombstones', async () => {
    const topic = await newTopic();
    const messages = [
      { key: 'a', value: 'one', headers: { trace: 'x', many: ['1', '2'] }, timestamp: '1700000000000' },
      { key: 'b', value: null, timestamp: '1700000000001' },
      { key: null, value: '', timestamp: '1700000000002' },
      { key: '', value: 'é値', timestamp: '1700000000003' },
    ];
    const sent = await producer.send({ topic, messages });
    expect(sent).toMatchObject([{ topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' }]);
    const seen = await collect(await newConsumer(), topic);
    await seen.until(messages.length);
    expect(
      seen.messages.map(({ key, value, timestamp, offset }) => [
        key?.toString() ?? null,
        value?.toString() ?? null,
        timestamp,
        offset,
      ]),
    ).toEqual(messages.map(({ key, value, timestamp }, n) => [key, value, timestamp, String(n)]));
    expect(seen.messages[0]?.headers?.trace?.toString()).toBe('x');
    expect(seen.messages[0]?.headers?.many?.toString()).toBe('1,2');
  });

  it('compresses with gzip', async () => {
    const topic = await newTopic();
    const value = 'again and again '.repeat(20_000);
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: [{ value }, { value: 'short' }],
    });
    const seen = await collect(await newConsumer(), topic);
    await seen.until(2);
    expect(seen.messages.map((message) => message.value?.toString())).toEqual([value, 'short']);
  });

  it('sends large messages up to the limit, and is told of a larger one', async () => {
    const topic = await newTopic();
    const value = Buffer.alloc(1_000_000, 'x');
    await producer.send({ topic, messages: [{ value }] });
    const plain = kafka.producer({ retry: { retries: 0 } });
    await plain.connect();
    await expect(plain.send({ topic, messages: [{ value: Buffer.alloc(1_100_000) }] })).rejects.toMatchObject(
      {
        type: 'MESSAGE_TOO_LARGE',
      },
    );
    await plain.disconnect();
    const seen = await collect(await newConsumer(), topic);
    await seen.until(1);
    expect(seen.messages[0]?.value?.equals(value)).toBe(true);
  });

  it('keeps the order of what one producer sends to a partition', async () => {
    const topic = await newTopic(3);
    for (let n = 0; n < 30; n++)
      await producer.send({
        topic,
        messages: [0, 1, 2].map((partition) => ({ partition, value: String(n) })),
      });
    const seen = await collect(await newConsumer(), topic);
    await seen.until(90);
    for (const partition of [0, 1, 2]) {
      const values = seen.messages
        .filter((message) => message.partition === partition)
        .map(({ value }) => Number(value));
      expect(values).toEqual(Array.from({ length: 30 }, (_, n) => n));
    }
  });

  it('shares the partitions of a group, hands them over when a member goes, and continues where it was', async () => {
    const topic = await newTopic(4);
    const groupId = freshName('group');
    const first = await newConsumer(groupId);
    const firstSeen = await collect(first, topic);
    const second = await newConsumer(groupId);
    const assigned = new Promise<number>((resolve) => {
      second.on(second.events.GROUP_JOIN, ({ payload }) => {
        resolve(payload.memberAssignment[topic]?.length ?? 0);
      });
    });
    const secondSeen = await collect(second, topic);
    expect(await assigned).toBe(2);
    await vi.waitFor(async () => {
      const { groups } = await admin.describeGroups([groupId]);
      expect(groups[0]).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
      expect(groups[0]?.members).toHaveLength(2);
    }, patient);
    const send = (n: number) =>
      producer.send({ topic, messages: [0, 1, 2, 3].map((partition) => ({ partition, value: String(n) })) });
    for (let n = 0; n < 5; n++) await send(n);
    await vi.waitFor(() => {
      expect(firstSeen.messages.length + secondSeen.messages.length).toBe(20);
    }, patient);
    expect([firstSeen.messages.length, secondSeen.messages.length]).toEqual([10, 10]);
    await first.disconnect();
    for (let n = 5; n < 10; n++) await send(n);
    await secondSeen.until(30);
    const all = [...firstSeen.messages, ...secondSeen.messages].map(
      ({ partition, offset }) => `${String(partition)}/${offset}`,
    );
    expect(new Set(all).size).toBe(40);
    await second.disconnect();
    const offsets = await admin.fetchOffsets({ groupId, topics: [topic] });
    expect(offsets[0]?.partitions.map(({ offset }) => offset).toSorted()).toEqual(['10', '10', '10', '10']);
  });

  it('takes an assigner of the user, whose words travel through the broker', async () => {
    const topic = await newTopic(2);
    const roundRobin = PartitionAssigners.roundRobin;
    const consumer = await newConsumer(freshName('group'), {
      partitionAssigners: [
        (config: Parameters<typeof roundRobin>[0]) => ({ ...roundRobin(config), name: 'ours' }),
      ],
    });
    const joined = new Promise<string | null>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        resolve(payload.groupProtocol);
      });
    });
    await collect(consumer, topic);
    expect(await joined).toBe('ours');
  });

  it('goes back and forth, stops and goes on as it is told', async () => {
    const topic = await newTopic();
    await producer.send({ topic, messages: Array.from({ length: 5 }, (_, n) => ({ value: String(n) })) });
    const consumer = await newConsumer();
    const seen = await collect(consumer, topic);
    await seen.until(5);
    consumer.seek({ topic, partition: 0, offset: '3' });
    await seen.until(7);
    expect(seen.messages.map(({ offset }) => offset).join('')).toBe('0123434');
    consumer.pause([{ topic }]);
    await producer.send({ topic, messages: [{ value: 'while paused' }] });
    consumer.resume([{ topic }]);
    await seen.until(8);
    expect(seen.messages.at(-1)?.value?.toString()).toBe('while paused');
  });

  it('starts at the end where it is told, and from the committed offset when there is one', async () => {
    const topic = await newTopic();
    await producer.send({ topic, messages: [{ value: 'before' }] });
    const groupId = freshName('group');
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1' }] });
    await producer.send({ topic, messages: [{ value: 'after' }] });
    const seen = await collect(await newConsumer(groupId), topic, true);
    await seen.until(1);
    expect(seen.messages.map(({ value }) => value?.toString())).toEqual(['after']);
  });

  it('administers topics', async () => {
    const topic = freshName('admin');
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })).toBe(false);
    expect(await admin.listTopics()).toContain(topic);
    expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions).toHaveLength(2);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await vi.waitFor(async () => {
      expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions).toHaveLength(3);
    }, patient);
    // A producer of its own: kafkajs goes on to ask for a topic that it has once sent to, also when it is deleted.
    const own = kafka.producer();
    await own.connect();
    const now = Date.now();
    const messages = [now, now + 1_000].map((at) => ({ partition: 0, value: 'x', timestamp: String(at) }));
    await own.send({ topic, messages });
    await own.disconnect();
    const offsets = await admin.fetchTopicOffsets(topic);
    expect(offsets.find(({ partition }) => partition === 0)).toMatchObject({ low: '0', high: '2' });
    const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, now + 500);
    expect(byTime.find(({ partition }) => partition === 0)?.offset).toBe('1');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] });
    expect((await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0)?.low).toBe('1');
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'retention.ms', value: '1000000' }],
        },
      ],
    });
    await vi.waitFor(async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }],
      });
      expect(resources[0]?.configEntries[0]).toMatchObject({
        configName: 'retention.ms',
        configValue: '1000000',
      });
    }, patient);
    await admin.deleteTopics({ topics: [topic] });
    await vi.waitFor(async () => {
      expect(await admin.listTopics()).not.toContain(topic);
    }, patient);
  });

  it('administers groups', async () => {
    const topic = await newTopic();
    await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] });
    const groupId = freshName('group');
    const consumer = await newConsumer(groupId);
    const seen = await collect(consumer, topic);
    await seen.until(3);
    expect((await admin.listGroups()).groups).toContainEqual({ groupId, protocolType: 'consumer' });
    await expect(admin.deleteGroups([groupId])).rejects.toThrow();
    await consumer.disconnect();
    const offsetOf = async () =>
      (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset;
    expect(await offsetOf()).toBe('3');
    // kafkajs commits its own sign for the earliest, which it understands when it comes back.
    await admin.resetOffsets({ groupId, topic, earliest: true });
    expect(await offsetOf()).toBe('-2');
    await admin.deleteGroups([groupId]);
    expect((await admin.listGroups()).groups.map((group) => group.groupId)).not.toContain(groupId);
  });

  it('knows the cluster', async () => {
    const { brokers, controller, clusterId } = await admin.describeCluster();
    expect(brokers.map(({ host, port }) => `${host}:${String(port)}`)).toEqual([address]);
    expect([controller, clusterId.length]).toEqual([brokers[0]?.nodeId, 22]);
  });

  describe('in transactions', () => {
    const begin = async (transactionalId: string): Promise<Producer> => {
      const transactional = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
      await transactional.connect();
      return transactional;
    };
    it('shows committed messages and hides aborted ones, in order', async () => {
      const topic = await newTopic(2);
      const transactional = await begin(`tx-${randomUUID()}`);
      for (const [n, commits] of [true, false, true, false, true].entries()) {
        const transaction = await transactional.transaction();
        await transaction.send({
          topic,
          messages: [0, 1].map((partition) => ({ partition, value: String(n) })),
        });
        if (commits) await transaction.commit();
        else await transaction.abort();
      }
      await transactional.disconnect();
      const seen = await collect(await newConsumer(), topic);
      await seen.until(6);
      for (const partition of [0, 1]) {
        const values = seen.messages
          .filter((message) => message.partition === partition)
          .map(({ value }) => String(value));
        expect(values).toEqual(['0', '2', '4']);
      }
      const uncommitted = await collect(
        await newConsumer(freshName('group'), { readUncommitted: true }),
        topic,
      );
      await uncommitted.until(10);
    });
    it('carries the offsets of a group: consume, produce and commit as one', async () => {
      const [from, to] = [await newTopic(), await newTopic()];
      const groupId = freshName('group');
      await producer.send({
        topic: from,
        messages: Array.from({ length: 3 }, (_, n) => ({ value: String(n) })),
      });
      const transactional = await begin(`tx-${randomUUID()}`);
      const step = async (offset: string, commits: boolean) => {
        const transaction = await transactional.transaction();
        await transaction.send({ topic: to, messages: [{ value: offset }] });
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic: from, partitions: [{ partition: 0, offset }] }],
        });
        if (commits) await transaction.commit();
        else await transaction.abort();
      };
      const offsetOf = async () =>
        (await admin.fetchOffsets({ groupId, topics: [from] }))[0]?.partitions[0]?.offset;
      await step('2', true);
      await vi.waitFor(async () => {
        expect(await offsetOf()).toBe('2');
      }, patient);
      await step('3', false);
      expect(await offsetOf()).toBe('2');
      const seen = await collect(await newConsumer(groupId), from);
      await seen.until(1);
      expect(seen.messages.map(({ value }) => String(value))).toEqual(['2']);
      await transactional.disconnect();
    });
    it('fences the older of two producers with one id', async () => {
      const topic = await newTopic();
      const transactionalId = `tx-${randomUUID()}`;
      const older = await begin(transactionalId);
      const left = await older.transaction();
      await left.send({ topic, messages: [{ value: 'older' }] });
      const newer = await begin(transactionalId);
      const taken = await newer.transaction();
      await taken.send({ topic, messages: [{ value: 'newer' }] });
      await expect(left.commit()).rejects.toMatchObject({
        type: expect.stringMatching(/FENCED|INVALID_PRODUCER_EPOCH/) as string,
      });
      await taken.commit();
      const seen = await collect(await newConsumer(), topic);
      await seen.until(1);
      expect(seen.messages.map(({ value }) => String(value))).toEqual(['newer']);
      await Promise.all([older.disconnect(), newer.disconnect()]);
    });
  });
});
