// Histories of producers: plain, idempotent and transactional ones, of this epoch and of older ones, with their sequence numbers
// right and wrong, offsets of a group within transactions, deleted records. Brokers must answer alike, and on each broker
// read_committed must see in the end exactly what was sent in transactions that were committed.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { deleteBelow, earliest, fetchFrom, latest, newTopic, offsetOf, produce } from './support/data.ts';
import { commit, committed, untilCoordinated } from './support/groups.ts';
import { compareHistories } from './support/histories.ts';
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
import { openWire, type Wire } from './support/wire.ts';

/** What may happen. `who` picks among all producers that there have been, also those that are fenced. */
type Step =
  | { readonly do: 'plain'; readonly partition: number; readonly count: number }
  | {
      readonly do: 'idempotent';
      readonly partition: number;
      readonly count: number;
      readonly sequence: Sequence;
    }
  | { readonly do: 'init'; readonly id: number }
  | { readonly do: 'add'; readonly who: number; readonly partition: number }
  | {
      readonly do: 'send';
      readonly who: number;
      readonly partition: number;
      readonly count: number;
      readonly sequence: Sequence;
    }
  | { readonly do: 'end'; readonly who: number; readonly commit: boolean }
  | { readonly do: 'offsets'; readonly who: number; readonly offset: number }
  | { readonly do: 'commit'; readonly offset: number }
  | { readonly do: 'committed'; readonly stable: boolean }
  | { readonly do: 'read'; readonly partition: number; readonly committed: boolean; readonly from: number }
  | { readonly do: 'find'; readonly partition: number; readonly time: number; readonly committed: boolean }
  | { readonly do: 'delete'; readonly partition: number; readonly below: number };
type Sequence = 'next' | 'again' | 'gap';

const partition = fc.nat(1);
const count = fc.integer({ min: 1, max: 3 });
const who = fc.nat(5);
const isCommitted = fc.boolean();
const sequence = fc.constantFrom<Sequence[]>('next', 'next', 'next', 'next', 'again', 'gap');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('plain' as const), partition, count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('idempotent' as const), partition, count, sequence }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('init' as const), id: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), who, partition }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), who, partition, count, sequence }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('end' as const), who, commit: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('offsets' as const),
      who,
      offset: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('commit' as const), offset: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('committed' as const), stable: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      partition,
      committed: isCommitted,
      from: fc.nat(6),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('find' as const),
      partition,
      time: fc.nat(20),
      committed: isCommitted,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), partition, below: fc.nat(8) }) },
);

/** A value that was accepted, and where. */
interface Accepted {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** Takes the steps on a topic, a group and transactional ids of its own. */
async function take(wire: Wire, steps: readonly Step[]): Promise<readonly string[]> {
  const topic = await newTopic(wire, { what: 'history', partitions: 2 });
  const groupId = `history-${randomUUID()}`;
  await untilCoordinated(wire, groupId);
  const ids = [`a-${randomUUID()}`, `b-${randomUUID()}`];
  const all: Producer[] = [];
  for (const id of ids) all.push(await transactionalProducer(wire, id));
  const idempotent = await initProducer(wire);
  /** The next sequence number, and the batch before it, of a producer in a partition. */
  const sequences = new Map<string, { next: number; last: number }>();
  const pending = new Map<string, Accepted[]>();
  const kept: Accepted[] = [];
  // An hour ago, so that no marker is as old; not longer: a broker begins a new segment when times are far apart.
  const base = Date.now() - 3_600_000;
  let clock = 0;
  let sent = 0;
  const trace: string[] = [];
  const say = (...words: readonly unknown[]): void => {
    trace.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '));
  };
  const records = (howMany: number) =>
    Array.from({ length: howMany }, () => ({ value: String(sent++), timestamp: base + (clock++ % 20) }));
  const seen = (from: Awaited<ReturnType<typeof fetchFrom>>) =>
    from.visible.map(
      ({ offset, value, timestamp }) => `${String(offset)}=${String(value)}@${String(timestamp - base)}`,
    );

  /** Sends with a sequence number that is right or wrong; `again` sends the same number and length as last time. */
  const sendAs = async (
    producer: Omit<Producer, 'transactionalId'> & { readonly transactionalId?: string },
    {
      partition: to,
      count: howMany,
      sequence: kind,
    }: { readonly partition: number; readonly count: number; readonly sequence: Sequence },
  ): Promise<void> => {
    const { producerId, producerEpoch, transactionalId = null } = producer;
    const key = `${String(producerId)}/${String(producerEpoch)}/${String(to)}`;
    const state = sequences.get(key) ?? { next: 0, last: 0 };
    const again = kind === 'again' && state.last > 0;
    // Known difference: of a batch that it refused because the partition was not added, Kafka remembers the sequence number as a
    // floor for the first one (KIP-890). A first batch of a transactional producer therefore begins where it should.
    const gap = kind === 'gap' && (transactionalId === null || state.last > 0);
    const baseSequence = again ? state.next - state.last : state.next + (gap ? 5 : 0);
    const batch = records(again ? state.last : howMany);
    const answer = await produce(
      wire,
      { topic, partition: to, transactionalId },
      { records: batch, producerId, producerEpoch, baseSequence, transactional: transactionalId !== null },
    );
    say(answer.error, answer.offset);
    if (answer.error !== 'NONE' || again) return;
    sequences.set(key, { next: baseSequence + batch.length, last: batch.length });
    const accepted = batch.map(({ value }, n) => ({ partition: to, offset: answer.offset + n, value }));
    if (transactionalId === null) kept.push(...accepted);
    else pending.set(transactionalId, [...(pending.get(transactionalId) ?? []), ...accepted]);
  };
  const init = async (id: string): Promise<void> => {
    pending.delete(id);
    all.push(await transactionalProducer(wire, id));
  };
  const producerOf = (n: number): Producer => {
    const producer = all[n % all.length];
    if (producer === undefined) throw new Error('there are producers from the start');
    return producer;
  };

  for (const each of steps) {
    say(each);
    switch (each.do) {
      case 'plain': {
        const batch = records(each.count);
        const { error, offset } = await produce(
          wire,
          { topic, partition: each.partition },
          { records: batch },
        );
        say(error, offset);
        kept.push(...batch.map(({ value }, n) => ({ partition: each.partition, offset: offset + n, value })));
        break;
      }
      case 'idempotent':
        await sendAs(idempotent, each);
        break;
      case 'init':
        await init(ids[each.id] ?? '');
        break;
      case 'add':
        say(await addPartitions(wire, producerOf(each.who), topic, [each.partition]));
        break;
      case 'send':
        await sendAs(producerOf(each.who), each);
        break;
      case 'end': {
        const producer = producerOf(each.who);
        const error = await endTransaction(wire, producer, each.commit);
        say(error);
        if (error !== 'NONE') break;
        if (each.commit) kept.push(...(pending.get(producer.transactionalId) ?? []));
        pending.delete(producer.transactionalId);
        break;
      }
      case 'offsets': {
        const producer = producerOf(each.who);
        say(await addOffsets(wire, producer, groupId));
        say(await commitInTransaction(wire, producer, { groupId, topic, offset: each.offset }));
        break;
      }
      case 'commit':
        say(await commit(wire, { groupId, topic, offset: each.offset }));
        break;
      case 'committed':
        say(await committed(wire, { groupId, topic, stable: each.stable }));
        break;
      case 'read': {
        const fetched = await fetchFrom(wire, {
          topic,
          partition: each.partition,
          offset: each.from,
          committed: each.committed,
        });
        const { error, highWatermark, lastStableOffset, logStartOffset, aborted } = fetched;
        // A broker may tell of more than it sends: beyond the last stable offset nothing comes.
        const firsts = aborted
          .map(({ firstOffset }) => firstOffset)
          .filter((offset) => offset < lastStableOffset)
          .toSorted((a, b) => a - b);
        say({ error, highWatermark, lastStableOffset, logStartOffset, aborted: firsts }, seen(fetched));
        break;
      }
      case 'find': {
        const { error, offset, timestamp } = await offsetOf(wire, {
          topic,
          partition: each.partition,
          timestamp: base + each.time,
          committed: each.committed,
        });
        // A marker has the time at which it was written; -1 stands for nothing found.
        const when = timestamp > base + 20 ? 'now' : timestamp - base;
        say(error, offset, timestamp === -1 ? 'never' : when);
        break;
      }
      case 'delete':
        say(await deleteBelow(wire, { topic, partition: each.partition, offset: each.below }));
        break;
    }
  }
  // In the end: what is open is aborted, and every reader sees what was promised.
  for (const id of ids) await init(id);
  for (const at of [0, 1]) {
    const start = (await offsetOf(wire, { topic, partition: at, timestamp: earliest })).offset;
    const end = (await offsetOf(wire, { topic, partition: at, timestamp: latest })).offset;
    const { visible, lastStableOffset } = await fetchFrom(wire, {
      topic,
      partition: at,
      offset: start,
      committed: true,
    });
    expect(lastStableOffset).toBe(end);
    const promised = kept
      .filter((each) => each.partition === at && each.offset >= start)
      .toSorted((a, b) => a.offset - b.offset);
    expect(visible.map(({ offset, value }) => [offset, value])).toEqual(
      promised.map(({ offset, value }) => [offset, value]),
    );
    say(start, end);
  }
  say(await committed(wire, { groupId, topic, stable: true }));
  return trace;
}

describe('histories of producers', () => {
  it('have the same answers on every broker, and keep what was promised', async () => {
    const wires = await Promise.all(
      inject('kafka').map(async ({ name, address }) => ({ name, wire: await openWire(address) })),
    );
    try {
      await Promise.all(wires.map(({ wire }) => untilTransactional(wire)));
      await compareHistories(
        'producers',
        step,
        wires.map(({ name, wire }) => ({ name, take: (steps) => take(wire, steps) })),
      );
    } finally {
      await Promise.all(wires.map(({ wire }) => wire.close()));
    }
  }, 300_000);
});
