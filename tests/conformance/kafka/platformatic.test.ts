// @platformatic/kafka, which speaks the newest versions it shares with the broker and only flexible ones.
import { randomUUID } from 'node:crypto';
import {
  Admin,
  Consumer,
  Producer,
  stringDeserializers,
  stringSerializers,
  type ConsumeOptions,
  type Message,
} from '@platformatic/kafka';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freshName, patient } from './support/data.ts';

type Text = Message<string, string, string, string>;

describe.each(inject('kafka'))('@platformatic/kafka on the $name broker', ({ address }) => {
  const base = {
    clientId: 'conformance-platformatic',
    bootstrapBrokers: [address],
    serializers: stringSerializers,
  };
  let admin: Admin;
  let producer: Producer<string, string, string, string>;
  const consumers: Consumer<string, string, string, string>[] = [];
  beforeAll(() => {
    admin = new Admin({ clientId: base.clientId, bootstrapBrokers: [address] });
    producer = new Producer({ ...base, idempotent: true });
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close(true)));
  });
  afterAll(async () => {
    await Promise.all([admin.close(), producer.close()]);
  });

  const newTopic = async (partitions = 1): Promise<string> => {
    const topic = freshName('platformatic');
    await admin.createTopics({
      topics: [topic],
      partitions,
      replicas: 1,
      configs: [{ name: 'retention.ms', value: '-1' }],
    });
    await vi.waitFor(async () => {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
      expect(topics.get(topic)?.partitionsCount).toBe(partitions);
    }, patient);
    return topic;
  };
  const consume = async (
    topic: string,
    groupId = freshName('group'),
    options: Partial<ConsumeOptions<string, string, string, string>> = {},
  ): Promise<{
    consumer: Consumer<string, string, string, string>;
    seen: Text[];
    until: (count: number) => Promise<void>;
  }> => {
    const consumer = new Consumer({
      ...base,
      groupId,
      deserializers: stringDeserializers,
      sessionTimeout: 6_000,
      rebalanceTimeout: 6_000,
      heartbeatInterval: 100,
      maxWaitTime: 100,
      ...(options.groupInstanceId === undefined ? {} : { groupInstanceId: options.groupInstanceId }),
    });
    consumers.push(consumer);
    const seen: Text[] = [];
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: 50,
      ...options,
    });
    stream.on('data', (message) => {
      seen.push(message);
    });
    const until = (count: number) =>
      vi.waitFor(() => {
        expect(seen.length).toBeGreaterThanOrEqual(count);
      }, patient);
    return { consumer, seen, until };
  };

  it('reads what it has written, compressed or not', async () => {
    const topic = await newTopic();
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      const { offsets } = await producer.send({
        compression,
        messages: [
          {
            topic,
            partition: 0,
            key: compression,
            value: 'v'.repeat(1_000),
            headers: { with: compression },
            timestamp: 1_000n,
          },
        ],
      });
      expect(offsets?.[0]).toMatchObject({ topic, partition: 0 });
    }
    const { seen, until } = await consume(topic);
    await until(3);
    expect(
      seen.map(({ key, value, headers, timestamp, offset }) => [
        key,
        value.length,
        headers.get('with'),
        timestamp,
        offset,
      ]),
    ).toEqual(['none', 'gzip', 'zstd'].map((name, n) => [name, 1_000, name, 1_000n, BigInt(n)]));
  });

  it('divides partitions among the members of a group and hands them over', async () => {
    const topic = await newTopic(4);
    const groupId = freshName('group');
    const one = await consume(topic, groupId);
    const two = await consume(topic, groupId);
    // A client may see a record twice when its partition changes hands.
    const placesOf = (seen: readonly Text[]) =>
      new Set(seen.map(({ partition, offset }) => `${String(partition)}/${String(offset)}`));
    const partitionsOf = (consumer: Consumer<string, string, string, string>) =>
      consumer.assignments?.find((each) => each.topic === topic)?.partitions.length;
    await vi.waitFor(() => {
      expect([partitionsOf(one.consumer), partitionsOf(two.consumer)]).toEqual([2, 2]);
    }, patient);
    const send = (value: string) =>
      producer.send({ messages: [0, 1, 2, 3].map((partition) => ({ topic, partition, key: value, value })) });
    await send('a');
    await vi.waitFor(() => {
      expect(placesOf([...one.seen, ...two.seen]).size).toBe(4);
    }, patient);
    const groups = await admin.describeGroups({ groups: [groupId] });
    expect(groups.get(groupId)?.members.size).toBe(2);
    await one.consumer.close(true);
    await vi.waitFor(() => {
      expect(partitionsOf(two.consumer)).toBe(4);
    }, patient);
    await send('b');
    await vi.waitFor(() => {
      expect(placesOf([...one.seen, ...two.seen]).size).toBe(8);
    }, patient);
  });

  it('joins as a static member', async () => {
    const topic = await newTopic();
    const groupId = freshName('group');
    const { consumer, until } = await consume(topic, groupId, { groupInstanceId: 'shop-1' });
    await producer.send({ messages: [{ topic, key: 'k', value: 'v' }] });
    await until(1);
    const group = (await admin.describeGroups({ groups: [groupId] })).get(groupId);
    const named = [...(group?.members.values() ?? [])].map(({ id, groupInstanceId }) => [
      id,
      groupInstanceId,
    ]);
    expect(named).toEqual([[consumer.memberId, 'shop-1']]);
  });

  it('commits and lists offsets by hand', async () => {
    const topic = await newTopic();
    await producer.send({
      messages: [1, 2, 3].map((n) => ({ topic, partition: 0, key: 'k', value: String(n) })),
    });
    const groupId = freshName('group');
    const { consumer, seen, until } = await consume(topic, groupId, { autocommit: false });
    await until(3);
    await consumer.commit({ offsets: [{ topic, partition: 0, offset: 2n, leaderEpoch: 0 }] });
    const listed = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] });
    expect(listed.get(topic)).toEqual([2n]);
    expect((await consumer.listOffsets({ topics: [topic] })).get(topic)).toEqual([3n]);
    expect(seen).toHaveLength(3);
  });

  it('commits and aborts transactions', async () => {
    const topic = await newTopic();
    const transactional = new Producer({ ...base, idempotent: true, transactionalId: `tx-${randomUUID()}` });
    for (const [n, commits] of [true, false, true].entries()) {
      const transaction = await transactional.beginTransaction();
      await transaction.send({ messages: [{ topic, partition: 0, key: 'k', value: String(n) }] });
      if (commits) await transaction.commit();
      else await transaction.abort();
    }
    await transactional.close();
    const { seen, until } = await consume(topic, freshName('group'), { isolationLevel: 1 });
    await until(2);
    expect(seen.map(({ value }) => value)).toEqual(['0', '2']);
  });

  it('administers topics and groups', async () => {
    const topic = await newTopic(2);
    expect(await admin.listTopics()).toContain(topic);
    await expect(admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })).rejects.toThrow();
    await admin.createPartitions({ topics: [{ name: topic, count: 3 }] });
    await producer.send({ messages: [{ topic, partition: 0, key: 'k', value: 'v' }] });
    const deleted = await admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: 0, offset: 1n }] }],
    });
    expect(deleted[0]?.partitions[0]?.lowWatermark).toBe(1n);
    const groupId = freshName('group');
    await admin.alterConsumerGroupOffsets({
      groupId,
      topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 1n }] }],
    });
    const [offsets] = await admin.listConsumerGroupOffsets({ groups: [groupId] });
    expect(offsets?.topics[0]?.partitions[0]?.committedOffset).toBe(1n);
    expect([...(await admin.listGroups()).keys()]).toContain(groupId);
    await admin.deleteGroups({ groups: [groupId] });
    const configs = await admin.describeConfigs({
      resources: [{ resourceType: 2, resourceName: topic, configurationKeys: ['retention.ms'] }],
    });
    expect(configs[0]?.configs[0]).toMatchObject({ name: 'retention.ms', value: '-1' });
    await admin.deleteTopics({ topics: [topic] });
    await vi.waitFor(async () => {
      expect(await admin.listTopics()).not.toContain(topic);
    }, patient);
  });
});
