// The transaction coordinator: producers and their epochs, the ends of transactions, and what a broker that was killed at any step
// makes of them when it starts again.
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  memoryStore,
  settle,
  step,
  testClock,
  type Life,
  type MemoryStore,
  type TestClock,
} from '../groups/testing.ts';
import { errorCodes } from '../protocol/errors.ts';
import { TransactionCoordinator } from './coordinator.ts';
import { offsetsPartition } from './participants.ts';
import { transactionEntry } from './records.ts';
import type { Producer, TopicPartition } from './transaction.ts';

const { NONE } = errorCodes;
const day = 24 * 60 * 60 * 1000;

/** The markers that partitions got, oldest first: `orders-0 commit 1000/0`. */
let markers: string[];
let markersFail: boolean;
let clock: TestClock;
let store: MemoryStore;
let coordinator: TransactionCoordinator;

const orders: TopicPartition = { topic: 'orders', partition: 0 };
const payments: TopicPartition = { topic: 'payments', partition: 1 };

const open = (life: Life = { steps: Infinity }) =>
  TransactionCoordinator.open({
    store,
    clock,
    topics: {
      partition: (topic, partition) =>
        topic === 'gone'
          ? undefined
          : {
              async appendMarker(kind, producerId, producerEpoch) {
                if (markersFail) throw new Error('the disk is full');
                await step(life);
                markers.push(
                  `${topic}-${String(partition)} ${kind} ${String(producerId)}/${String(producerEpoch)}`,
                );
              },
            },
    },
    async endOffsets(producerId, committed) {
      await step(life);
      markers.push(`offsets ${committed ? 'commit' : 'abort'} ${String(producerId)}`);
    },
  });

beforeEach(async () => {
  markers = [];
  markersFail = false;
  clock = testClock();
  store = memoryStore();
  coordinator = await open();
});

/** The broker is killed and starts again. */
async function restart(life?: Life): Promise<void> {
  store = store.reopen(life);
  coordinator = await open(life);
}

const init = (known: Producer | null = null, timeoutMs = 60_000) =>
  coordinator.initProducerId('shop', timeoutMs, known);

async function begun(...partitions: TopicPartition[]): Promise<Producer> {
  const producer = await init();
  expect(await coordinator.addPartitions('shop', producer, partitions)).toBe(NONE);
  return producer;
}

const stateOf = (transactionalId = 'shop') => coordinator.find(transactionalId)?.state;

describe('a producer without a transactional id', () => {
  test('gets an id of its own, never one that was given out before, restarts or not', async () => {
    const seen = new Set<number>();
    for (let restarts = 0; restarts < 3; restarts++) {
      const ids = await Promise.all(
        Array.from({ length: 1100 }, () => coordinator.initProducerId(null, 0, null)),
      );
      for (const { producerId, producerEpoch, errorCode } of ids) {
        expect({ producerEpoch, errorCode }).toEqual({ producerEpoch: 0, errorCode: NONE });
        expect(seen.has(producerId)).toBe(false);
        seen.add(producerId);
      }
      await restart();
    }
  });
});

describe('a producer with a transactional id', () => {
  test('gets the same producer id with the next epoch each time, restarts or not', async () => {
    const first = await init();
    expect(first).toMatchObject({ errorCode: NONE, producerEpoch: 0 });
    await restart();
    expect(await init()).toMatchObject({ producerId: first.producerId, producerEpoch: 1 });
  });

  test('needs a name, and a time-out of at most fifteen minutes', async () => {
    expect((await coordinator.initProducerId('', 1000, null)).errorCode).toBe(errorCodes.INVALID_REQUEST);
    for (const timeoutMs of [0, -1, 900_001]) {
      expect((await init(null, timeoutMs)).errorCode).toBe(errorCodes.INVALID_TRANSACTION_TIMEOUT);
    }
  });

  test('fences the one before it', async () => {
    const old = await begun(orders);
    await init();
    expect(await coordinator.addPartitions('shop', old, [orders])).toBe(errorCodes.PRODUCER_FENCED);
    expect(await coordinator.end('shop', old, true)).toBe(errorCodes.PRODUCER_FENCED);
  });

  test('aborts the open transaction of the one before it first, with a marker of a later epoch', async () => {
    const old = await begun(orders, payments);
    const successor = await init();
    expect(successor).toEqual({ errorCode: NONE, producerId: old.producerId, producerEpoch: 2 });
    expect(markers).toEqual(
      ['orders-0', 'payments-1'].map((each) => `${each} abort ${String(old.producerId)}/1`),
    );
    expect(stateOf()).toBe('Empty');
  });

  test('that says who it is gets the next epoch, and the same when it asks again (KIP-360)', async () => {
    const first = await init();
    const second = await init(first);
    expect(second.producerEpoch).toBe(1);
    await restart();
    expect(await init(first)).toEqual(second);
    expect(await init(second)).toMatchObject({ producerEpoch: 2 });
    expect((await init(first)).errorCode).toBe(errorCodes.PRODUCER_FENCED);
    expect((await init({ ...second, producerId: 77 })).errorCode).toBe(errorCodes.PRODUCER_FENCED);
  });

  test('that was fenced cannot disturb the transaction of its successor', async () => {
    const old = await init();
    const now = await begun(orders);
    expect((await init(old)).errorCode).toBe(errorCodes.PRODUCER_FENCED);
    expect(await coordinator.end('shop', now, true)).toBe(NONE);
  });

  test('gets another producer id when the epochs are used up', async () => {
    const before = await nearTheLastEpoch();
    const last = await init();
    expect(last).toEqual({ errorCode: NONE, producerId: before.producerId, producerEpoch: 32_766 });
    const next = await init(last);
    expect(next).toMatchObject({ errorCode: NONE, producerEpoch: 0 });
    expect(next.producerId).not.toBe(last.producerId);
    await restart();
    expect(await init(last)).toEqual(next);
  });

  test('with the last epoch can still be fenced', async () => {
    await nearTheLastEpoch();
    const last = await begun(orders);
    expect(last.producerEpoch).toBe(32_766);
    expect((await init()).producerId).not.toBe(last.producerId);
    expect(markers).toEqual([`orders-0 abort ${String(last.producerId)}/32767`]);
  });
});

/** As if the id had had 32,766 producers. */
async function nearTheLastEpoch(): Promise<Producer> {
  await init();
  const transaction = coordinator.find('shop');
  if (transaction === undefined) throw new Error('the transactional id is not there');
  await store.append([transactionEntry({ ...transaction, producerEpoch: 32_765 })]);
  await restart();
  return transaction;
}

describe('a transaction', () => {
  test('that commits has its markers everywhere when EndTxn is answered', async () => {
    const producer = await begun(orders, payments, offsetsPartition);
    expect(await coordinator.end('shop', producer, true)).toBe(NONE);
    const id = String(producer.producerId);
    expect([...markers].sort()).toEqual([
      `offsets commit ${id}`,
      `orders-0 commit ${id}/0`,
      `payments-1 commit ${id}/0`,
    ]);
    expect(stateOf()).toBe('CompleteCommit');
  });

  test('may be ended twice in the same way, and not in the other', async () => {
    const producer = await begun(orders);
    expect(await coordinator.end('shop', producer, true)).toBe(NONE);
    expect(await coordinator.end('shop', producer, true)).toBe(NONE);
    expect(await coordinator.end('shop', producer, false)).toBe(errorCodes.INVALID_TXN_STATE);
    expect(markers).toHaveLength(1);
  });

  test('has to begin before it ends', async () => {
    expect(await coordinator.end('shop', await init(), true)).toBe(errorCodes.INVALID_TXN_STATE);
    expect(await coordinator.end('unknown', await init(), true)).toBe(errorCodes.INVALID_PRODUCER_ID_MAPPING);
    expect(await coordinator.end('shop', { producerId: 9999, producerEpoch: 0 }, true)).toBe(
      errorCodes.INVALID_PRODUCER_ID_MAPPING,
    );
  });

  test('is followed by the next without an error, however soon', async () => {
    const producer = await begun(orders);
    const answers = await Promise.all([
      coordinator.end('shop', producer, true),
      coordinator.addPartitions('shop', producer, [payments]),
      coordinator.end('shop', producer, false),
    ]);
    expect(answers).toEqual([NONE, NONE, NONE]);
    const id = String(producer.producerId);
    expect(markers).toEqual([`orders-0 commit ${id}/0`, `payments-1 abort ${id}/0`]);
  });

  test('does not wait for a topic that was deleted', async () => {
    const producer = await begun({ topic: 'gone', partition: 0 });
    expect(await coordinator.end('shop', producer, true)).toBe(NONE);
  });

  test('says which partitions are part of it', async () => {
    const producer = await begun(orders);
    expect(coordinator.checkPart('shop', producer, orders)).toBe(NONE);
    expect(coordinator.checkPart('shop', producer, payments)).toBe(errorCodes.INVALID_TXN_STATE);
    await coordinator.end('shop', producer, true);
    expect(coordinator.checkPart('shop', producer, orders)).toBe(errorCodes.INVALID_TXN_STATE);
  });

  test('is aborted when its time is over, and its producer is fenced', async () => {
    const producer = await begun(orders);
    clock.advance(59_999);
    await settle();
    expect(stateOf()).toBe('Ongoing');
    clock.advance(1);
    await settle();
    expect(stateOf()).toBe('CompleteAbort');
    expect(markers).toEqual([`orders-0 abort ${String(producer.producerId)}/1`]);
    expect(await coordinator.end('shop', producer, true)).toBe(errorCodes.PRODUCER_FENCED);
  });

  test('is aborted in time after a restart too', async () => {
    await begun(orders);
    await restart();
    clock.advance(60_000);
    await settle();
    expect(stateOf()).toBe('CompleteAbort');
  });

  test('is finished later when its markers cannot be written now', async () => {
    const producer = await begun(orders);
    markersFail = true;
    expect(await coordinator.end('shop', producer, true)).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
    expect(stateOf()).toBe('PrepareCommit');
    markersFail = false;
    clock.advance(1_000);
    await settle();
    expect(stateOf()).toBe('CompleteCommit');
    expect(await coordinator.end('shop', producer, true)).toBe(NONE);
  });
});

test('offsets are committed within an open transaction alone, which does not end meanwhile', async () => {
  const producer = await begun(orders);
  const commit = (partition: TopicPartition) =>
    coordinator.within('shop', producer, partition, async () => {
      await settle();
      markers.push('offsets held');
      return NONE;
    });
  expect(await commit(offsetsPartition)).toBe(errorCodes.INVALID_TXN_STATE);
  await coordinator.addPartitions('shop', producer, [offsetsPartition]);
  await Promise.all([commit(offsetsPartition), coordinator.end('shop', producer, true)]);
  expect(markers[0]).toBe('offsets held');
  expect(await commit(offsetsPartition)).toBe(errorCodes.INVALID_TXN_STATE);
});

test('transactional ids that nobody uses are forgotten after seven days, not before', async () => {
  const producer = await begun(orders);
  await coordinator.end('shop', producer, true);
  clock.advance(7 * day - 2 * 60 * 60 * 1000);
  await settle();
  expect(stateOf()).toBe('CompleteCommit');
  clock.advance(3 * 60 * 60 * 1000);
  await coordinator.forgetExpired();
  await restart();
  expect(stateOf()).toBeUndefined();
  expect((await init()).producerId).not.toBe(producer.producerId);
});

test('a producer with too many requests waiting is told to come back', async () => {
  const producer = await begun(orders);
  const answers = await Promise.all(
    Array.from({ length: 150 }, () => coordinator.addPartitions('shop', producer, [orders])),
  );
  expect(answers).toContain(errorCodes.CONCURRENT_TRANSACTIONS);
  expect(answers.filter((each) => each === NONE).length).toBeGreaterThanOrEqual(100);
  expect(await coordinator.addPartitions('shop', producer, [orders])).toBe(NONE);
});

/** One transaction of a client: which partitions, and whether it commits. */
const plans = fc.array(
  fc.record({
    partitions: fc.constantFrom([orders], [payments, orders], [orders, offsetsPartition]),
    committed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);

test('a broker that is killed after any step finishes every transaction as its producer was told, or aborts it', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(25), fc.nat(4), async (transactions, firstLife, secondLife) => {
      markers = [];
      clock = testClock();
      const life: Life = { steps: firstLife };
      store = memoryStore(life);
      coordinator = await open(life);

      // A client that goes on as long as it is answered. What it was told goes to `told`.
      const told: { readonly producer: Producer; readonly committed: boolean; readonly answered: boolean }[] =
        [];
      const client = async () => {
        for (const { partitions, committed } of transactions) {
          const producer = await coordinator.initProducerId('shop', 60_000, null);
          if ((await coordinator.addPartitions('shop', producer, partitions)) !== NONE) return;
          told.push({ producer, committed, answered: false });
          if ((await coordinator.end('shop', producer, committed)) !== NONE) return;
          told[told.length - 1] = { producer, committed, answered: true };
        }
      };
      void client();
      await settle();
      // The next broker dies early too; the third lives.
      const dying = { steps: secondLife };
      store = store.reopen(dying);
      void open(dying);
      await settle();
      await restart();
      clock.advance(60_000);
      await settle();

      // Nothing is left open, and the same producer goes on.
      expect(['CompleteCommit', 'CompleteAbort', 'Empty', undefined]).toContain(stateOf());
      // What was answered happened; what was asked for happened or was aborted in the producer's place; nothing had two ends.
      for (const { producer, committed, answered } of told) {
        const endsWith = (epoch: number) =>
          markers.filter((each) => each.endsWith(` ${String(producer.producerId)}/${String(epoch)}`));
        const kinds = new Set(endsWith(producer.producerEpoch).map((each) => each.split(' ')[1]));
        const fenced = endsWith(producer.producerEpoch + 1);
        if (answered) expect([...kinds]).toEqual([committed ? 'commit' : 'abort']);
        else if (kinds.size > 0) expect([...kinds, ...fenced]).toEqual([committed ? 'commit' : 'abort']);
        else expect(fenced.every((each) => each.includes(' abort '))).toBe(true);
      }
      const next = await init();
      expect(next.errorCode).toBe(NONE);
      const last = told.at(-1)?.producer;
      if (last !== undefined) {
        expect(next.producerId).toBe(last.producerId);
        expect(next.producerEpoch).toBeGreaterThan(last.producerEpoch);
      }
    }),
    { numRuns: 300 },
  );
});
