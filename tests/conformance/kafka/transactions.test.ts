// Transactions as the protocol has them: what readers of either isolation see, who is fenced, what a group's offsets do within
// a transaction, and what becomes of one that nobody ends.
import { randomUUID } from 'node:crypto';
import { describeTransactionsV0, listTransactionsV0, findCoordinatorV4 } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { RawRecord } from './support/batches.ts';
import { fetchFrom, freshName, latest, newTopic, offsetOf, patient, produce } from './support/data.ts';
import { commit, committed, untilCoordinated } from './support/groups.ts';
import {
  addOffsets,
  addPartitions,
  commitInTransaction,
  endTransaction,
  initProducer,
  transactionalProducer,
  untilTransactional,
  type Producer,
} from './support/transactions.ts';
import { nameOf, openWire, type Wire } from './support/wire.ts';

describe.each(inject('kafka'))('transactions on the $name broker', ({ address }) => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire(address);
    await untilTransactional(wire);
  });
  afterAll(async () => {
    await wire.close();
  });

  const newId = (): string => `tx-${randomUUID()}`;
  const send = (
    { transactionalId, producerId, producerEpoch }: Producer,
    topic: string,
    baseSequence: number,
    { partition = 0, records = [{ value: String(baseSequence) }] as RawRecord[] } = {},
  ) =>
    produce(
      wire,
      { topic, partition, transactionalId },
      { records, producerId, producerEpoch, baseSequence, transactional: true },
    );
  const valuesOf = async (topic: string, isCommitted: boolean, partition = 0) => {
    const { visible } = await fetchFrom(wire, { topic, partition, offset: 0, committed: isCommitted });
    return visible.map(({ value }) => value);
  };
  const endsOf = async (topic: string) => [
    (await offsetOf(wire, { topic, timestamp: latest, committed: true })).offset,
    (await offsetOf(wire, { topic, timestamp: latest })).offset,
  ];

  it('are seen by read_committed when they are committed, by read_uncommitted at once', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    expect(await addPartitions(wire, producer, topic)).toBe('NONE');
    expect(await send(producer, topic, 0)).toMatchObject({ error: 'NONE', offset: 0 });
    expect(await send(producer, topic, 1)).toMatchObject({ error: 'NONE', offset: 1 });
    expect([await valuesOf(topic, false), await valuesOf(topic, true)]).toEqual([['0', '1'], []]);
    expect(await endsOf(topic)).toEqual([0, 2]);
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    expect([await valuesOf(topic, false), await valuesOf(topic, true)]).toEqual([
      ['0', '1'],
      ['0', '1'],
    ]);
    // The marker takes an offset.
    expect(await endsOf(topic)).toEqual([3, 3]);
    const { records } = await fetchFrom(wire, { topic, offset: 0 });
    expect(records.map(({ control }) => control)).toEqual([false, false, true]);
  });

  it('leave nothing to read_committed when they are aborted', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    await addPartitions(wire, producer, topic);
    await send(producer, topic, 0);
    expect(await endTransaction(wire, producer, false)).toBe('NONE');
    await addPartitions(wire, producer, topic);
    await send(producer, topic, 1);
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    expect([await valuesOf(topic, false), await valuesOf(topic, true)]).toEqual([['0', '1'], ['1']]);
    const { aborted } = await fetchFrom(wire, { topic, offset: 0, committed: true });
    expect(aborted).toEqual([{ producerId: producer.producerId, firstOffset: 0 }]);
    expect((await fetchFrom(wire, { topic, offset: 2, committed: true })).aborted).toEqual([]);
  });

  it('end in all their partitions together', async () => {
    const topic = await newTopic(wire, { partitions: 3 });
    const producer = await transactionalProducer(wire, newId());
    expect(await addPartitions(wire, producer, topic, [0, 1, 2])).toBe('NONE');
    for (const partition of [0, 1, 2]) await send(producer, topic, 0, { partition });
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    for (const partition of [0, 1, 2]) expect(await valuesOf(topic, true, partition)).toEqual(['0']);
  });

  it('hold back what comes after them, also from others, until they end', async () => {
    const topic = await newTopic(wire);
    const [first, second] = [
      await transactionalProducer(wire, newId()),
      await transactionalProducer(wire, newId()),
    ];
    for (const producer of [first, second]) await addPartitions(wire, producer, topic);
    await send(first, topic, 0, { records: [{ value: 'first' }] });
    await send(second, topic, 0, { records: [{ value: 'second' }] });
    await produce(wire, { topic }, { records: [{ value: 'plain' }] });
    await endTransaction(wire, second, true);
    expect([await valuesOf(topic, true), await endsOf(topic)]).toEqual([[], [0, 4]]);
    await endTransaction(wire, first, false);
    expect([await valuesOf(topic, true), await endsOf(topic)]).toEqual([
      ['second', 'plain'],
      [5, 5],
    ]);
  });

  it('wake a waiting read_committed reader when they end, and not before', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    await addPartitions(wire, producer, topic);
    const reader = await openWire(address);
    const waiting = fetchFrom(reader, { topic, offset: 0, committed: true, maxWaitMs: 20_000 });
    await send(producer, topic, 0);
    expect(
      await Promise.race([waiting, fetchFrom(wire, { topic, offset: 1, maxWaitMs: 200 })]),
    ).toMatchObject({
      records: [],
    });
    const started = Date.now();
    await endTransaction(wire, producer, true);
    expect((await waiting).visible.map(({ value }) => value)).toEqual(['0']);
    expect(Date.now() - started).toBeLessThan(10_000);
    await reader.close();
  });

  it('may be empty', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    await addPartitions(wire, producer, topic);
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    await addPartitions(wire, producer, topic);
    expect(await endTransaction(wire, producer, false)).toBe('NONE');
    expect(await valuesOf(topic, true)).toEqual([]);
  });

  it('end as they ended when they are ended again, and not otherwise', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    expect(await endTransaction(wire, producer, true)).toBe('INVALID_TXN_STATE');
    await addPartitions(wire, producer, topic);
    await send(producer, topic, 0);
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    expect(await endTransaction(wire, producer, false)).toBe('INVALID_TXN_STATE');
    expect(await endsOf(topic)).toEqual([2, 2]);
  });

  it('are refused in a partition that was not added', async () => {
    const topic = await newTopic(wire, { partitions: 2 });
    const producer = await transactionalProducer(wire, newId());
    await addPartitions(wire, producer, topic, [0]);
    expect((await send(producer, topic, 0)).error).toBe('NONE');
    expect((await send(producer, topic, 0, { partition: 1 })).error).toBe('INVALID_TXN_STATE');
    expect(await endTransaction(wire, producer, true)).toBe('NONE');
    expect((await send(producer, topic, 1)).error).toBe('INVALID_TXN_STATE');
  });

  it('are refused to ids that the coordinator does not know, and to topics that are not there', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    const stranger = { ...producer, transactionalId: newId() };
    expect(await addPartitions(wire, stranger, topic)).toBe('INVALID_PRODUCER_ID_MAPPING');
    expect(await endTransaction(wire, stranger, true)).toBe('INVALID_PRODUCER_ID_MAPPING');
    expect(await addPartitions(wire, { ...producer, producerId: producer.producerId + 999_999 }, topic)).toBe(
      'INVALID_PRODUCER_ID_MAPPING',
    );
    expect(await addPartitions(wire, producer, freshName('missing'))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect((await initProducer(wire, { transactionalId: newId(), timeoutMs: 3_600_000 })).error).toBe(
      'INVALID_TRANSACTION_TIMEOUT',
    );
    expect((await initProducer(wire, { transactionalId: '' })).error).toBe('INVALID_REQUEST');
  });

  it('of an older epoch are aborted, and their producer is fenced, when a newer one comes', async () => {
    const topic = await newTopic(wire);
    const id = newId();
    const older = await transactionalProducer(wire, id);
    await addPartitions(wire, older, topic);
    await send(older, topic, 0);
    const newer = await transactionalProducer(wire, id);
    expect(newer.producerId).toBe(older.producerId);
    expect(newer.producerEpoch).toBeGreaterThan(older.producerEpoch);
    await vi.waitFor(async () => {
      expect(await endsOf(topic)).toEqual([2, 2]);
    }, patient);
    expect((await send(older, topic, 1)).error).toBe('INVALID_PRODUCER_EPOCH');
    expect(await addPartitions(wire, older, topic)).toBe('PRODUCER_FENCED');
    expect(await addOffsets(wire, older, freshName('group'))).toBe('PRODUCER_FENCED');
    expect(await endTransaction(wire, older, true)).toBe('PRODUCER_FENCED');
    const resumed = await initProducer(wire, { ...older });
    expect(resumed.error).toBe('PRODUCER_FENCED');
    await addPartitions(wire, newer, topic);
    expect((await send(newer, topic, 0)).error).toBe('NONE');
    expect(await endTransaction(wire, newer, true)).toBe('NONE');
    expect(await valuesOf(topic, true)).toEqual(['0']);
    expect(await valuesOf(topic, false)).toEqual(['0', '0']);
  });

  it('can be begun again by their producer after an error, with the next epoch', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    await addPartitions(wire, producer, topic);
    await send(producer, topic, 0);
    const again = await initProducer(wire, producer);
    expect(again).toMatchObject({ error: 'NONE', producerId: producer.producerId });
    expect(again.producerEpoch).toBeGreaterThan(producer.producerEpoch);
    const next = { ...producer, producerEpoch: again.producerEpoch };
    await addPartitions(wire, next, topic);
    expect((await send(next, topic, 0)).error).toBe('NONE');
    expect(await endTransaction(wire, next, true)).toBe('NONE');
    expect((await valuesOf(topic, true)).length).toBe(1);
  });

  it('that nobody ends are aborted by the coordinator, and their producer is fenced', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId(), 1_000);
    await addPartitions(wire, producer, topic);
    await send(producer, topic, 0);
    // Kafka looks for these every ten seconds.
    await vi.waitFor(
      async () => {
        expect(await endsOf(topic)).toEqual([2, 2]);
      },
      { timeout: 40_000, interval: 100 },
    );
    expect(await valuesOf(topic, true)).toEqual([]);
    expect((await send(producer, topic, 1)).error).toBe('INVALID_PRODUCER_EPOCH');
    expect(await endTransaction(wire, producer, true)).toBe('PRODUCER_FENCED');
  });

  describe('with offsets of a group', () => {
    const begin = async () => {
      const [topic, groupId] = [await newTopic(wire), freshName('group')];
      await untilCoordinated(wire, groupId);
      await commit(wire, { groupId, topic, offset: 5 });
      const producer = await transactionalProducer(wire, newId());
      expect(await addOffsets(wire, producer, groupId)).toBe('NONE');
      expect(await commitInTransaction(wire, producer, { groupId, topic, offset: 9 })).toBe('NONE');
      const now = async (stable = false) => committed(wire, { groupId, topic, stable });
      return { topic, groupId, producer, now };
    };
    it('change the committed offset when they are committed', async () => {
      const { producer, now } = await begin();
      expect(await now()).toMatchObject({ error: 'NONE', offset: 5 });
      expect((await now(true)).error).toBe('UNSTABLE_OFFSET_COMMIT');
      expect(await endTransaction(wire, producer, true)).toBe('NONE');
      await vi.waitFor(async () => {
        expect(await now(true)).toMatchObject({ error: 'NONE', offset: 9 });
      }, patient);
    });
    it('leave it as it was when they are aborted', async () => {
      const { producer, now } = await begin();
      expect(await endTransaction(wire, producer, false)).toBe('NONE');
      await vi.waitFor(async () => {
        expect(await now(true)).toMatchObject({ error: 'NONE', offset: 5 });
      }, patient);
    });
    it('are refused from members that the group does not have', async () => {
      const { topic, groupId, producer } = await begin();
      const wrong = { groupId, topic, offset: 1 };
      expect(await commitInTransaction(wire, producer, { ...wrong, generation: 3, memberId: 'nobody' })).toBe(
        'UNKNOWN_MEMBER_ID',
      );
      await endTransaction(wire, producer, false);
    });
  });

  it('can be listed and described while they are open', async () => {
    const topic = await newTopic(wire);
    const producer = await transactionalProducer(wire, newId());
    await addPartitions(wire, producer, topic);
    await send(producer, topic, 0);
    const listed = await wire.call(listTransactionsV0.api, [], [], -1n, null);
    expect(listed.transactionStates).toContainEqual({
      transactionalId: producer.transactionalId,
      producerId: BigInt(producer.producerId),
      transactionState: 'Ongoing',
    });
    const { transactionStates } = await wire.call(describeTransactionsV0.api, [producer.transactionalId]);
    expect(transactionStates[0]).toMatchObject({
      errorCode: 0,
      transactionState: 'Ongoing',
      producerId: BigInt(producer.producerId),
      producerEpoch: producer.producerEpoch,
      topics: [{ topic, partitions: [0] }],
    });
    await endTransaction(wire, producer, true);
    const missing = await wire.call(describeTransactionsV0.api, [newId()]);
    expect(nameOf(missing.transactionStates[0]?.errorCode)).toBe('TRANSACTIONAL_ID_NOT_FOUND');
  });

  it('have this broker for their coordinator', async () => {
    const { coordinators } = await wire.call(findCoordinatorV4.api, 1, [newId(), newId()]);
    for (const { errorCode, host, port } of coordinators)
      expect([errorCode, `${host}:${String(port)}`]).toEqual([0, address]);
    expect(coordinators).toHaveLength(2);
  });
});
