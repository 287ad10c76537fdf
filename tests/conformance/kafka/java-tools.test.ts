// Apache Kafka's own tools, which are Kafka's Java clients: what an operator does with a cluster.
import { randomUUID } from 'node:crypto';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metadataV12 } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { earliest, fetchFrom, freshName, latest, newTopic, offsetOf, produce } from './support/data.ts';
import { committed } from './support/groups.ts';
import { missingTools, tool, toolRunning, type tools } from './support/java-tools.ts';
import {
  addPartitions,
  endTransaction,
  transactionalProducer,
  untilTransactional,
} from './support/transactions.ts';
import { openWire, type Wire } from './support/wire.ts';

if (missingTools !== undefined) console.log(`Apache Kafka's tools are left out: ${missingTools}`);

/** For what starts in a JVM. */
const slowly = { timeout: 120_000, interval: 100 };

describe.skipIf(missingTools !== undefined).each(inject('kafka'))(
  "Kafka's tools on the $name broker",
  // Most of the time a tool waits: several are run at once.
  { concurrent: true, timeout: 240_000 },
  ({ address }) => {
    const at = ['--bootstrap-server', address];
    let wire: Wire;
    let folder = '';
    beforeAll(async () => {
      wire = await openWire(address);
      folder = await mkdtemp(join(tmpdir(), 'comptoir-tools-'));
    });
    afterAll(async () => {
      await wire.close();
      await rm(folder, { recursive: true });
    });
    /** Runs a tool that must succeed. */
    const must = async (
      name: keyof typeof tools,
      args: readonly string[],
      input?: string,
    ): Promise<string> => {
      const { code, printed } = await tool(name, [...at, ...args], input);
      if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${String(code)}: ${printed}`);
      return printed;
    };

    it('kafka-broker-api-versions finds what its clients need', async () => {
      const printed = await must('kafka-broker-api-versions', []);
      expect(printed).toContain(`${address} (id: `);
      for (const api of ['Produce(0)', 'Fetch(1)', 'Metadata(3)', 'JoinGroup(11)', 'EndTxn(26)'])
        expect(printed).toMatch(new RegExp(`${api.replace(/[()]/gu, '\\$&')}: .*usable: \\d+`, 'u'));
      // A range that the clients of this version do not share with the broker would be said to be unsupported.
      const needed = printed
        .split('\n')
        .filter((line) => /^\s(Produce|Fetch|ListOffsets|Offset|Join|Sync|Heartbeat|Leave)/u.test(line));
      expect(needed.filter((line) => line.includes('UNSUPPORTED'))).toEqual([]);
    });

    it('kafka-topics creates, describes, grows, lists and deletes', async () => {
      const topic = freshName('tools');
      const create = ['--create', '--topic', topic, '--partitions', '2', '--config', 'retention.ms=60000'];
      expect(await must('kafka-topics', create)).toContain(`Created topic ${topic}`);
      const again = await tool('kafka-topics', [...at, ...create]);
      expect([again.code, again.printed]).toEqual([
        1,
        expect.stringContaining(`Topic '${topic}' already exists`),
      ]);
      await must('kafka-topics', ['--alter', '--topic', topic, '--partitions', '3']);
      const described = await must('kafka-topics', ['--describe', '--topic', topic]);
      expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention.ms=60000/u);
      expect(described.match(/Partition: \d\s+Leader: \d/gu)).toHaveLength(3);
      await must('kafka-topics', ['--delete', '--topic', topic]);
      expect(await must('kafka-topics', ['--list'])).not.toContain(topic);
    });

    it('the console producer and consumer carry keys, headers and null values', async () => {
      const topic = await newTopic(wire);
      await must(
        'kafka-console-producer',
        [
          ...['--topic', topic, '--compression-codec', 'zstd'],
          ...['parse.key=true', 'key.separator=:', 'parse.headers=true', 'null.marker=NULL'].flatMap(
            (each) => ['--property', each],
          ),
        ],
        'trace:x,who:java\ta:one\ntrace:y\tb:NULL\n',
      );
      const printed = await must('kafka-console-consumer', [
        ...['--topic', topic, '--from-beginning', '--max-messages', '2'],
        ...[
          'print.key=true',
          'print.headers=true',
          'print.offset=true',
          'print.partition=true',
          'null.literal=NULL',
        ].flatMap((each) => ['--property', each]),
      ]);
      expect(printed.split('\n').slice(0, 2)).toEqual([
        'Partition:0\tOffset:0\ttrace:x,who:java\ta\tone',
        'Partition:0\tOffset:1\ttrace:y\tb\tNULL',
      ]);
    });

    it('the console consumer reads committed messages alone when it is asked to', async () => {
      await untilTransactional(wire);
      const topic = await newTopic(wire);
      const producer = await transactionalProducer(wire, `tx-${randomUUID()}`);
      const { transactionalId, producerId, producerEpoch } = producer;
      for (const [n, commits] of [false, true].entries()) {
        await addPartitions(wire, producer, topic);
        const batch = {
          records: [{ value: commits ? 'committed' : 'aborted' }],
          producerId,
          producerEpoch,
          baseSequence: n,
          transactional: true,
        };
        expect((await produce(wire, { topic, transactionalId }, batch)).error).toBe('NONE');
        await endTransaction(wire, producer, commits);
      }
      await produce(wire, { topic }, { records: [{ value: 'plain' }] });
      const args = [
        '--topic',
        topic,
        '--from-beginning',
        '--max-messages',
        '2',
        '--isolation-level',
        'read_committed',
      ];
      expect(await must('kafka-console-consumer', args)).toMatch(/^committed\nplain\n/u);
    });

    it('kafka-consumer-groups describes a group at work, resets its offsets when it rests, and deletes it', async () => {
      const topic = await newTopic(wire, { partitions: 2 });
      const group = freshName('java');
      for (let n = 0; n < 3; n++)
        await produce(wire, { topic, partition: n % 2 }, { records: [{ value: String(n) }] });
      const consumer = toolRunning('kafka-console-consumer', [
        ...[...at, '--topic', topic, '--group', group, '--from-beginning'],
        ...['--consumer-property', 'auto.commit.interval.ms=100'],
      ]);
      try {
        await vi.waitFor(async () => {
          const offsets = [0, 1].map((partition) => committed(wire, { groupId: group, topic, partition }));
          expect((await Promise.all(offsets)).map(({ offset }) => offset)).toEqual([2, 1]);
        }, slowly);
        expect(
          consumer
            .printed()
            .split('\n')
            .filter((line) => /^\d$/u.test(line))
            .toSorted(),
        ).toEqual(['0', '1', '2']);
        const active = await must('kafka-consumer-groups', ['--describe', '--group', group]);
        expect(active).toMatch(
          new RegExp(`${group}\\s+${topic}\\s+0\\s+2\\s+2\\s+0\\s+console-consumer`, 'u'),
        );
        const refused = await tool('kafka-consumer-groups', [...at, '--delete', '--group', group]);
        expect(refused.printed).toContain('GroupNotEmptyException');
      } finally {
        await consumer.stop();
      }
      const reset = ['--reset-offsets', '--group', group, '--topic', topic, '--to-earliest', '--execute'];
      expect(await must('kafka-consumer-groups', reset)).toMatch(
        new RegExp(`${group}\\s+${topic}\\s+0\\s+0`, 'u'),
      );
      expect(await committed(wire, { groupId: group, topic })).toMatchObject({ offset: 0 });
      const states = await must('kafka-consumer-groups', ['--list', '--state']);
      expect(states).toMatch(new RegExp(`${group}\\s.*Empty`, 'u'));
      expect(await must('kafka-consumer-groups', ['--delete', '--group', group])).toContain('successful');
    });

    it('kafka-configs describes and alters a topic, and describes the broker', async () => {
      const topic = await newTopic(wire);
      const on = ['--entity-type', 'topics', '--entity-name', topic];
      await must('kafka-configs', [
        ...on,
        '--alter',
        '--add-config',
        'retention.ms=1000,cleanup.policy=[compact,delete]',
      ]);
      const described = await must('kafka-configs', [...on, '--describe']);
      expect(described).toMatch(/retention.ms=1000 .*DYNAMIC_TOPIC_CONFIG/u);
      expect(described).toContain('cleanup.policy=compact,delete');
      const wrong = await tool('kafka-configs', [
        ...at,
        ...on,
        '--alter',
        '--add-config',
        'retention.ms=soon',
      ]);
      expect([wrong.code, wrong.printed]).toEqual([
        1,
        expect.stringMatching(/InvalidConfiguration|Invalid value/u),
      ]);
      const { controllerId } = await wire.call(metadataV12.api, [], false, false);
      const broker = await must('kafka-configs', [
        '--entity-type',
        'brokers',
        '--entity-name',
        String(controllerId),
        '--describe',
        '--all',
      ]);
      expect(broker).toMatch(/message.max.bytes=\d+/u);
    });

    it('kafka-get-offsets and kafka-delete-records look at partitions and cut them', async () => {
      const topic = await newTopic(wire, { partitions: 2 });
      for (let n = 0; n < 6; n++)
        await produce(
          wire,
          { topic, partition: 0 },
          { records: [{ value: String(n), timestamp: 1_000 + n }] },
        );
      expect(await must('kafka-get-offsets', ['--topic', topic])).toBe(`${topic}:0:6\n${topic}:1:0\n`);
      const file = join(folder, 'cut.json');
      await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 4 }] }));
      expect(await must('kafka-delete-records', ['--offset-json-file', file])).toContain('low_watermark: 4');
      expect(await offsetOf(wire, { topic, timestamp: earliest })).toMatchObject({ offset: 4 });
      const byTime = await must('kafka-get-offsets', ['--topic-partitions', `${topic}:0`, '--time', '1005']);
      expect(byTime).toBe(`${topic}:0:5\n`);
    });

    it('the performance tools write and read, also in transactions', async () => {
      const topic = await newTopic(wire, { partitions: 3 });
      const produceArgs = (more: readonly string[]) => [
        ...['--topic', topic, '--num-records', '5000', '--record-size', '200', '--throughput', '-1'],
        ...['--producer-props', `bootstrap.servers=${address}`, 'linger.ms=5', ...more],
      ];
      const plain = await tool('kafka-producer-perf-test', produceArgs(['compression.type=lz4']));
      expect(plain.printed).toContain('5000 records sent');
      const transactional = ['--transactional-id', `tx-${randomUUID()}`, '--transaction-duration-ms', '100'];
      const inTransactions = await tool('kafka-producer-perf-test', [...transactional, ...produceArgs([])]);
      expect(inTransactions.printed).toContain('5000 records sent');
      const read = await must('kafka-consumer-perf-test', [
        '--topic',
        topic,
        '--messages',
        '10000',
        '--timeout',
        '20000',
        '--hide-header',
      ]);
      expect(read).toMatch(/, 10\d\d\d, /u);
      let visible = 0;
      for (const partition of [0, 1, 2]) {
        const end = await offsetOf(wire, { topic, partition, timestamp: latest, committed: true });
        expect(end).toEqual({ ...(await offsetOf(wire, { topic, partition, timestamp: latest })) });
        visible += end.offset;
      }
      expect(visible).toBeGreaterThanOrEqual(10_000);
    });

    it('the verifiable producer and consumer agree', async () => {
      const topic = await newTopic(wire, { partitions: 2 });
      const group = freshName('verifiable');
      const produced = await must('kafka-verifiable-producer', [
        '--topic',
        topic,
        '--max-messages',
        '500',
        '--acks',
        '-1',
      ]);
      expect(produced.match(/"name":"producer_send_success"/gu)).toHaveLength(500);
      const args = [
        '--topic',
        topic,
        '--group-id',
        group,
        '--max-messages',
        '500',
        '--reset-policy',
        'earliest',
      ];
      const consumed = await must('kafka-verifiable-consumer', args);
      const events = consumed
        .split('\n')
        .flatMap((line) =>
          line.startsWith('{')
            ? [JSON.parse(line) as { name: string; count?: number; success?: boolean }]
            : [],
        );
      const count = events
        .filter(({ name }) => name === 'records_consumed')
        .reduce((sum, each) => sum + (each.count ?? 0), 0);
      expect(count).toBe(500);
      expect(events.filter(({ name }) => name === 'offsets_committed').every(({ success }) => success)).toBe(
        true,
      );
    });

    it('kafka-transactions finds an open transaction', async () => {
      await untilTransactional(wire);
      const topic = await newTopic(wire);
      const producer = await transactionalProducer(wire, `tx-${randomUUID()}`);
      const { transactionalId, producerId, producerEpoch } = producer;
      await addPartitions(wire, producer, topic);
      await produce(
        wire,
        { topic, transactionalId },
        { records: [{ value: 'x' }], producerId, producerEpoch, baseSequence: 0, transactional: true },
      );
      const listed = await must('kafka-transactions', ['list']);
      expect(listed).toMatch(
        new RegExp(`${transactionalId}\\s+\\d+\\s+${String(producerId)}\\s+Ongoing`, 'u'),
      );
      const described = await must('kafka-transactions', ['describe', '--transactional-id', transactionalId]);
      expect(described).toContain(`${topic}-0`);
      const producers = await must('kafka-transactions', [
        'describe-producers',
        '--topic',
        topic,
        '--partition',
        '0',
      ]);
      expect(producers).toMatch(new RegExp(`${String(producerId)}\\s+${String(producerEpoch)}\\s`, 'u'));
      await endTransaction(wire, producer, true);
      expect((await fetchFrom(wire, { topic, offset: 0, committed: true })).visible).toHaveLength(1);
    });
  },
);
