// kcat, which is librdkafka: its own implementation of the protocol in C, behind the clients of many languages.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { fetchFrom, latest, newTopic, offsetOf, patient, produce } from './support/data.ts';
import { hasKcat, kcat, kcatRunning } from './support/kcat.ts';
import {
  addPartitions,
  endTransaction,
  transactionalProducer,
  untilTransactional,
} from './support/transactions.ts';
import { openWire, type Wire } from './support/wire.ts';

if (!hasKcat) console.log('no kcat on PATH: its suite is left out (Debian and Ubuntu: apt install kcat)');

describe.skipIf(!hasKcat).each(inject('kafka'))('kcat on the $name broker', ({ address }) => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire(address);
  });
  afterAll(async () => {
    await wire.close();
  });
  const lines = (printed: string): string[] => printed.split('\n').filter((line) => line !== '');
  /** Reads a topic to its end, a line per record. */
  const read = async (topic: string, ...options: string[]): Promise<string[]> =>
    lines(await kcat(address, ['-C', '-t', topic, '-e', '-q', '-f', '%p/%o %k=%s\n', ...options]));

  it('lists the broker and its topics', async () => {
    const topic = await newTopic(wire, { partitions: 3 });
    const { brokers, topics } = JSON.parse(await kcat(address, ['-L', '-J'])) as {
      brokers: { name: string }[];
      topics: { topic: string; partitions: { leader: number }[] }[];
    };
    expect(brokers.map(({ name }) => name)).toEqual([address]);
    expect(topics.find((each) => each.topic === topic)?.partitions).toHaveLength(3);
  });

  it('writes and reads keys, headers and tombstones', async () => {
    const topic = await newTopic(wire);
    await kcat(
      address,
      ['-P', '-t', topic, '-K', ':', '-Z', '-H', 'trace=x', '-H', 'who=kcat'],
      'a:one\nb:\nc:three\n',
    );
    const format = '%o %k=%s (%S) %h\n';
    expect(lines(await kcat(address, ['-C', '-t', topic, '-e', '-q', '-Z', '-f', format]))).toEqual([
      '0 a=one (3) trace=x,who=kcat',
      '1 b=NULL (-1) trace=x,who=kcat',
      '2 c=three (5) trace=x,who=kcat',
    ]);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'compresses with %s, and reads it again',
    async (codec) => {
      const topic = await newTopic(wire);
      const values = Array.from({ length: 200 }, (_, n) => `${String(n)} ${'again and again '.repeat(20)}`);
      await kcat(
        address,
        ['-P', '-t', topic, '-z', codec, '-X', 'enable.idempotence=true'],
        `${values.join('\n')}\n`,
      );
      const back = await kcat(address, ['-C', '-t', topic, '-e', '-q']);
      expect(lines(back)).toEqual(values);
      expect(await offsetOf(wire, { topic, timestamp: latest })).toMatchObject({
        error: 'NONE',
        offset: 200,
      });
    },
  );

  it('sends large messages', async () => {
    const topic = await newTopic(wire, { configs: { 'max.message.bytes': '4000000' } });
    await kcat(address, ['-P', '-t', topic, '-X', 'message.max.bytes=4000000'], `${'x'.repeat(3_000_000)}\n`);
    const back = await kcat(address, ['-C', '-t', topic, '-e', '-q', '-f', '%S']);
    expect(back).toBe('3000000');
  });

  it('is told that a message is too large and that a topic is not there', async () => {
    const topic = await newTopic(wire, { configs: { 'max.message.bytes': '1000' } });
    await expect(kcat(address, ['-P', '-t', topic], `${'x'.repeat(5_000)}\n`)).rejects.toThrow(/too large/i);
    const missing = ['-C', '-t', `missing-${randomUUID()}`, '-e', '-X', 'allow.auto.create.topics=false'];
    await expect(kcat(address, missing)).rejects.toThrow(/unknown topic|unknown partition/i);
  });

  it('begins where it is told: an offset, the last ones, a time', async () => {
    const topic = await newTopic(wire);
    for (let n = 0; n < 5; n++)
      await produce(
        wire,
        { topic },
        { records: [{ key: 'k', value: String(n), timestamp: 1_700_000_000_000 + n * 1_000 }] },
      );
    expect(await read(topic, '-o', '3')).toEqual(['0/3 k=3', '0/4 k=4']);
    expect(await read(topic, '-o', '-2')).toEqual(['0/3 k=3', '0/4 k=4']);
    expect(await read(topic, '-o', 's@1700000000500', '-o', 'e@1700000002500')).toEqual([
      '0/1 k=1',
      '0/2 k=2',
    ]);
    expect(await kcat(address, ['-Q', '-t', `${topic}:0:1700000001500`])).toContain('offset 2');
  });

  it('reads with the isolation it is asked for', async () => {
    await untilTransactional(wire);
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, `tx-${randomUUID()}`);
    const { transactionalId, producerId, producerEpoch } = producer;
    for (const [n, commits] of [true, false, true].entries()) {
      await addPartitions(wire, producer, topic);
      const batch = {
        records: [{ key: 'k', value: String(n) }],
        producerId,
        producerEpoch,
        baseSequence: n,
        transactional: true,
      };
      expect((await produce(wire, { topic, transactionalId }, batch)).error).toBe('NONE');
      await endTransaction(wire, producer, commits);
    }
    expect(await read(topic, '-X', 'isolation.level=read_uncommitted')).toEqual([
      '0/0 k=0',
      '0/2 k=1',
      '0/4 k=2',
    ]);
    expect(await read(topic, '-X', 'isolation.level=read_committed')).toEqual(['0/0 k=0', '0/4 k=2']);
  });

  it('writes in a transaction of its own', async () => {
    const topic = await newTopic(wire);
    await kcat(address, ['-P', '-t', topic, '-X', `transactional.id=tx-${randomUUID()}`], 'a\nb\n');
    // Kafka answers when it has decided; the marker follows.
    await vi.waitFor(async () => {
      const { visible, highWatermark } = await fetchFrom(wire, { topic, offset: 0, committed: true });
      expect([visible.map(({ value }) => value), highWatermark]).toEqual([['a', 'b'], 3]);
    }, patient);
  });

  it('shares a topic in a group, and takes over from a member that is killed', async () => {
    const topic = await newTopic(wire, { partitions: 4 });
    const group = `kcat-${randomUUID()}`;
    const member = () =>
      kcatRunning(address, [
        '-G',
        group,
        topic,
        '-u',
        '-f',
        '%p/%o %s\n',
        '-X',
        'auto.offset.reset=earliest',
        '-X',
        'session.timeout.ms=6000',
        '-X',
        'heartbeat.interval.ms=200',
        '-X',
        'auto.commit.interval.ms=100',
      ]);
    const [one, two] = [member(), member()];
    try {
      const send = async (value: string) => {
        for (let partition = 0; partition < 4; partition++)
          await produce(wire, { topic, partition }, { records: [{ value }] });
      };
      const printed = () => lines(one.printed() + two.printed()).toSorted();
      let round = 0;
      // Until both have a share.
      await vi.waitFor(
        async () => {
          await send(String(round++));
          expect(one.printed()).not.toBe('');
          expect(two.printed()).not.toBe('');
        },
        { timeout: 30_000, interval: 300 },
      );
      await vi.waitFor(() => {
        expect(new Set(printed()).size).toBe(round * 4);
      }, patient);
      await two.stop('SIGKILL');
      await send('last');
      await vi.waitFor(
        () => {
          for (let partition = 0; partition < 4; partition++)
            expect(printed()).toContain(`${String(partition)}/${String(round)} last`);
        },
        { timeout: 30_000, interval: 100 },
      );
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  }, 90_000);
});
