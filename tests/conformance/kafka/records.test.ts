// Produce, Fetch, ListOffsets and DeleteRecords as the protocol has them: what a broker accepts and refuses, what a fetch waits
// for, where offsets and timestamps lead.
import { offsetForLeaderEpochV4, produceV9 } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { rawBatch } from './support/batches.ts';
import {
  deleteBelow,
  earliest,
  fetchFrom,
  freshName,
  latest,
  maxTimestamp,
  newTopic,
  offsetOf,
  patient,
  produce,
} from './support/data.ts';
import { initProducer } from './support/transactions.ts';
import { openWire, type Wire } from './support/wire.ts';

describe.each(inject('kafka'))('records on the $name broker', ({ address }) => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire(address);
  });
  afterAll(async () => {
    await wire.close();
  });

  it('get offsets in the order in which they come, without a gap', async () => {
    const topic = await newTopic(wire);
    const sizes = [1, 3, 1, 10];
    const answers = await Promise.all(
      sizes.map((size, n) =>
        produce(wire, { topic }, { records: Array.from({ length: size }, () => ({ value: String(n) })) }),
      ),
    );
    expect(answers.map(({ error, offset }) => [error, offset])).toEqual([
      ['NONE', 0],
      ['NONE', 1],
      ['NONE', 4],
      ['NONE', 5],
    ]);
    const { records, highWatermark, lastStableOffset, logStartOffset } = await fetchFrom(wire, {
      topic,
      offset: 0,
    });
    expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 15 }, (_, n) => n));
    expect(records.map(({ value }) => value).join('')).toBe('011123333333333');
    expect([highWatermark, lastStableOffset, logStartOffset]).toEqual([15, 15, 0]);
  });

  it('keep keys, values, headers and timestamps, and tell null from empty', async () => {
    const topic = await newTopic(wire);
    const records = [
      { key: 'k', value: 'v', timestamp: 1_000 },
      { key: null, value: '', timestamp: 999 },
      { key: '', value: null, timestamp: 1_001 },
      {
        key: 'ключ',
        value: '値',
        headers: [
          ['h', null],
          ['h', ''],
          ['', 'x'],
        ] as const,
        timestamp: 5,
      },
    ];
    await produce(wire, { topic }, { records });
    const seen = (await fetchFrom(wire, { topic, offset: 0 })).records;
    expect(seen.map(({ key, value, timestamp }) => ({ key, value, timestamp }))).toEqual(
      records.map(({ key, value, timestamp }) => ({ key, value, timestamp })),
    );
  });

  it.each([1, -1])('are acknowledged with acks=%d', async (acks) => {
    const topic = await newTopic(wire);
    const answer = await produce(wire, { topic, acks }, { records: [{ value: 'x' }] });
    expect(answer).toEqual({ error: 'NONE', offset: 0, logStartOffset: 0 });
  });

  it('are not acknowledged with acks=0, and the connection goes on', async () => {
    const topic = await newTopic(wire);
    const message = { topic, partition: 0, value: Buffer.from('x') };
    await wire.call(produceV9.api, 0, 1_000, [message]);
    await wire
      .call(produceV9.api, 0, 1_000, [{ ...message, topic: freshName('missing') }])
      .catch(() => undefined);
    await wire.close();
    wire = await openWire(address);
    await vi.waitFor(async () => {
      expect((await fetchFrom(wire, { topic, offset: 0 })).records).toMatchObject([{ value: 'x' }]);
    }, patient);
  });

  it('are refused where they cannot be appended, each for its own reason', async () => {
    const topic = await newTopic(wire, { configs: { 'max.message.bytes': '1000' } });
    const one = { records: [{ value: 'x' }] };
    const errorOf = async (...args: [Parameters<typeof produce>[1], Parameters<typeof produce>[2]]) =>
      (await produce(wire, ...args)).error;
    expect(await errorOf({ topic: freshName('missing') }, one)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await errorOf({ topic, partition: 7 }, one)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await errorOf({ topic, acks: 2 }, one)).toBe('INVALID_REQUIRED_ACKS');
    expect(await errorOf({ topic }, { records: [{ value: 'x'.repeat(2_000) }] })).toBe('MESSAGE_TOO_LARGE');
    expect(await errorOf({ topic }, { ...one, corrupt: true })).toBe('CORRUPT_MESSAGE');
    expect(await errorOf({ topic }, { ...one, control: true })).toBe('INVALID_RECORD');
    expect((await fetchFrom(wire, { topic, offset: 0 })).highWatermark).toBe(0);
    expect(await produce(wire, { topic }, one)).toMatchObject({ error: 'NONE', offset: 0 });
  });

  it('are refused when a request carries two batches for one partition', async () => {
    const topic = await newTopic(wire);
    const batch = rawBatch({ records: [{ value: 'x' }] });
    expect((await produce(wire, { topic }, Buffer.concat([batch, batch]))).error).toBe('INVALID_RECORD');
  });

  it('need a key where the topic is compacted', async () => {
    const topic = await newTopic(wire, { configs: { 'cleanup.policy': 'compact' } });
    expect((await produce(wire, { topic }, { records: [{ value: 'x' }] })).error).toBe('INVALID_RECORD');
    const answer = await produce(wire, { topic }, { records: [{ key: 'k', value: null }] });
    expect(answer).toMatchObject({ error: 'NONE', offset: 0 });
  });

  it('are stamped by the broker where the topic says LogAppendTime', async () => {
    const topic = await newTopic(wire, { configs: { 'message.timestamp.type': 'LogAppendTime' } });
    const before = Date.now();
    await produce(wire, { topic }, { records: [{ value: 'x' }], timestamp: 5_000 });
    const found = await offsetOf(wire, { topic, timestamp: before - 1 });
    expect(found).toMatchObject({ error: 'NONE', offset: 0 });
    expect(found.timestamp).toBeGreaterThanOrEqual(before - 1);
  });

  describe('of an idempotent producer', () => {
    const producerId = async (): Promise<number> => (await initProducer(wire)).producerId;
    it('are appended once, however often they are sent', async () => {
      const topic = await newTopic(wire);
      const id = await producerId();
      const batch = (n: number) => ({
        records: [{ value: String(n) }, { value: String(n) }],
        producerId: id,
        producerEpoch: 0,
        baseSequence: n * 2,
      });
      const offsets: number[] = [];
      for (const n of [0, 0, 1, 2, 1, 3, 4, 0]) {
        const { error, offset } = await produce(wire, { topic }, batch(n));
        expect(error).toBe('NONE');
        offsets.push(offset);
      }
      // The last five batches are remembered.
      expect(offsets).toEqual([0, 0, 2, 4, 2, 6, 8, 0]);
      expect((await fetchFrom(wire, { topic, offset: 0 })).highWatermark).toBe(10);
    });
    it('are refused after a gap, and from an older epoch', async () => {
      const topic = await newTopic(wire);
      const id = await producerId();
      const send = async (baseSequence: number, producerEpoch = 0) => {
        const batch = { records: [{ value: 'x' }], producerId: id, producerEpoch, baseSequence };
        const { error, offset } = await produce(wire, { topic }, batch);
        return [error, offset];
      };
      expect(await send(0)).toEqual(['NONE', 0]);
      expect(await send(2)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
      expect(await send(1)).toEqual(['NONE', 1]);
      // A new epoch begins at 0.
      expect(await send(5, 1)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
      expect(await send(0, 1)).toEqual(['NONE', 2]);
      expect(await send(2, 0)).toEqual(['INVALID_PRODUCER_EPOCH', -1]);
    });
    it('are refused as out of order when they are older than what is remembered', async () => {
      const topic = await newTopic(wire);
      const id = await producerId();
      const send = (baseSequence: number) =>
        produce(
          wire,
          { topic },
          { records: [{ value: 'x' }], producerId: id, producerEpoch: 0, baseSequence },
        );
      for (let n = 0; n < 7; n++) expect((await send(n)).error).toBe('NONE');
      expect((await send(0)).error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      expect(await send(2)).toMatchObject({ error: 'NONE', offset: 2 });
    });
    it('keep their order with five batches on the way', async () => {
      const topic = await newTopic(wire);
      const id = await producerId();
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          produce(
            wire,
            { topic },
            { records: [{ value: String(n) }], producerId: id, producerEpoch: 0, baseSequence: n },
          ),
        ),
      );
      expect(answers.map(({ offset }) => offset)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    });
  });

  describe('fetched', () => {
    it('come at once when they are there, and as soon as they are written when they are not', async () => {
      const topic = await newTopic(wire);
      const reader = await openWire(address);
      const started = Date.now();
      const waiting = fetchFrom(reader, { topic, offset: 0, maxWaitMs: 20_000 });
      await produce(wire, { topic }, { records: [{ value: 'late' }] });
      expect((await waiting).records).toMatchObject([{ value: 'late' }]);
      expect(Date.now() - started).toBeLessThan(10_000);
      expect((await fetchFrom(reader, { topic, offset: 0, maxWaitMs: 20_000 })).records).toHaveLength(1);
      await reader.close();
    });
    it('may be none, after the time that the client would wait', async () => {
      const topic = await newTopic(wire);
      const started = Date.now();
      expect(await fetchFrom(wire, { topic, offset: 0, maxWaitMs: 300 })).toMatchObject({
        error: 'NONE',
        records: [],
      });
      expect(Date.now() - started).toBeGreaterThanOrEqual(280);
    });
    it('are waited for until there are as many bytes as asked for, or the time is over', async () => {
      const topic = await newTopic(wire);
      await produce(wire, { topic }, { records: [{ value: 'x' }] });
      const started = Date.now();
      const few = await fetchFrom(wire, { topic, offset: 0, maxWaitMs: 300, minBytes: 100_000 });
      expect(few.records).toHaveLength(1);
      expect(Date.now() - started).toBeGreaterThanOrEqual(280);
    });
    it('are at least one batch, also when it is larger than the client would have it', async () => {
      const topic = await newTopic(wire);
      for (const value of ['a', 'b'])
        await produce(wire, { topic }, { records: [{ value: value.repeat(10_000) }] });
      const { records } = await fetchFrom(wire, { topic, offset: 0, maxBytes: 100, partitionMaxBytes: 100 });
      expect(records.map(({ offset }) => offset)).toEqual([0]);
    });
    it('begin in the middle of a batch where the offset lies there', async () => {
      const topic = await newTopic(wire);
      await produce(wire, { topic }, { records: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] });
      const { records } = await fetchFrom(wire, { topic, offset: 2 });
      expect(records).toMatchObject([{ offset: 2, value: 'c' }]);
    });
    it('are out of range beyond the end and before the start, unknown on no partition', async () => {
      const topic = await newTopic(wire);
      await produce(wire, { topic }, { records: [{ value: 'a' }, { value: 'b' }] });
      const errorOf = async (offset: number, partition = 0) =>
        (await fetchFrom(wire, { topic, partition, offset })).error;
      expect(await errorOf(2)).toBe('NONE');
      expect(await errorOf(3)).toBe('OFFSET_OUT_OF_RANGE');
      expect(await errorOf(-1)).toBe('OFFSET_OUT_OF_RANGE');
      expect(await errorOf(0, 9)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
      await deleteBelow(wire, { topic, offset: 1 });
      expect(await errorOf(0)).toBe('OFFSET_OUT_OF_RANGE');
      expect(await errorOf(1)).toBe('NONE');
    });
  });

  describe('asked for by time', () => {
    it('are found at the first timestamp that is not earlier', async () => {
      const topic = await newTopic(wire);
      for (const timestamp of [1_000, 3_000, 2_000, 5_000])
        await produce(
          wire,
          { topic },
          {
            records: [
              { value: 'x', timestamp },
              { value: 'y', timestamp: timestamp + 10 },
            ],
          },
        );
      const at = async (timestamp: number) => {
        const { error, offset, timestamp: found } = await offsetOf(wire, { topic, timestamp });
        return [error, offset, found];
      };
      expect(await at(0)).toEqual(['NONE', 0, 1_000]);
      expect(await at(1_005)).toEqual(['NONE', 1, 1_010]);
      expect(await at(1_011)).toEqual(['NONE', 2, 3_000]);
      expect(await at(3_011)).toEqual(['NONE', 6, 5_000]);
      expect(await at(5_011)).toEqual(['NONE', -1, -1]);
      expect(await at(earliest)).toEqual(['NONE', 0, -1]);
      expect(await at(latest)).toEqual(['NONE', 8, -1]);
      expect(await at(maxTimestamp)).toEqual(['NONE', 7, 5_010]);
    });
    it('are none in an empty partition, and unknown in no partition', async () => {
      const topic = await newTopic(wire);
      expect(await offsetOf(wire, { topic, timestamp: earliest })).toMatchObject({
        error: 'NONE',
        offset: 0,
      });
      expect(await offsetOf(wire, { topic, timestamp: latest })).toMatchObject({ error: 'NONE', offset: 0 });
      expect(await offsetOf(wire, { topic, timestamp: 5 })).toMatchObject({ error: 'NONE', offset: -1 });
      expect(await offsetOf(wire, { topic, timestamp: maxTimestamp })).toMatchObject({
        error: 'NONE',
        offset: -1,
      });
      const nowhere = await offsetOf(wire, { topic, partition: 3, timestamp: latest });
      expect(nowhere.error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    });
  });

  it('end where their leader epoch ends', async () => {
    const topic = await newTopic(wire);
    await produce(wire, { topic }, { records: [{ value: 'a' }, { value: 'b' }] });
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }];
    const { topics } = await wire.call(offsetForLeaderEpochV4.api, -1, [{ name: topic, partitions }]);
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2n });
  });

  it('are deleted below an offset, and their offsets are never given again', async () => {
    const topic = await newTopic(wire);
    for (let n = 0; n < 5; n++) await produce(wire, { topic }, { records: [{ value: String(n) }] });
    expect(await deleteBelow(wire, { topic, offset: 3 })).toEqual({ error: 'NONE', lowWatermark: 3 });
    expect(await deleteBelow(wire, { topic, offset: 2 })).toEqual({ error: 'NONE', lowWatermark: 3 });
    expect(await offsetOf(wire, { topic, timestamp: earliest })).toMatchObject({ offset: 3 });
    const rest = await fetchFrom(wire, { topic, offset: 3 });
    expect(rest.records.map(({ value }) => value)).toEqual(['3', '4']);
    expect(rest.logStartOffset).toBe(3);
    expect((await deleteBelow(wire, { topic, offset: 6 })).error).toBe('OFFSET_OUT_OF_RANGE');
    expect((await deleteBelow(wire, { topic, partition: 4, offset: 0 })).error).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION',
    );
    expect(await deleteBelow(wire, { topic, offset: -1 })).toEqual({ error: 'NONE', lowWatermark: 5 });
    expect(await produce(wire, { topic }, { records: [{ value: '5' }] })).toMatchObject({
      error: 'NONE',
      offset: 5,
      logStartOffset: 5,
    });
  });
});
