// What the embedded MongoDB server serves, beside a server that reads the same messages and answers each with bytes made beforehand: what
// the driver, the socket and the message itself cost. Both run in a thread of their own, with the same calls of the same driver, in turns.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMongoDB } from '@comptoir/embedded';
import { MongoClient } from 'mongodb';
import { inThread } from './embedded-mongodb-thread.ts';
import type { Collection, Db } from 'mongodb';
import type { Benchmark, Row } from './benchmark.ts';

const documents = 100_000;
const bulk = 500;
/** How long each side is measured in each round, in milliseconds. */
const duration = 2_000;
const rounds = 3;

interface Order {
  _id: string;
  version: number;
  status: string;
  placedAt: Date;
  customer: { id: string; name: string; email: string };
  lines: { sku: string; quantity: number; unitPrice: number }[];
  total: number;
  currency: string;
  changes: number;
}

const statuses = ['placed', 'paid', 'picked', 'shipped', 'delivered', 'cancelled'];
const idOf = (at: number): string => `order-${String((at * 7_919) % documents).padStart(6, '0')}`;

function order(at: number): Order {
  return {
    _id: idOf(at),
    version: 1,
    status: statuses[at % statuses.length] ?? 'placed',
    placedAt: new Date(1_700_000_000_000 + at * 1_000),
    customer: { id: `c-${String(at % 1_000)}`, name: 'Ann Example', email: 'ann@example.org' },
    lines: [
      { sku: 'tea', quantity: 1, unitPrice: 450 },
      { sku: 'pot', quantity: 2, unitPrice: 1_900 },
    ],
    total: 4_250,
    currency: 'EUR',
    changes: 0,
  };
}

/** Something that is asked again and again. */
interface Work {
  readonly what: string;
  readonly callers: number;
  /** Documents that one call is about. */
  readonly each: number;
  readonly call: (db: Db, orders: Collection<Order>, at: number) => Promise<unknown>;
}

/** An upsert of each of the next documents, as a view writes them. */
async function upserts(db: Db, first: number, update: (at: number) => object): Promise<unknown> {
  const updates = Array.from({ length: bulk }, (_, more) => ({
    q: { _id: idOf(first + more) },
    u: update(first + more),
    upsert: true,
  }));
  return db.command({ update: 'orders', updates });
}

const replacement = (at: number): object => {
  const { _id, ...rest } = order(at);
  return { ...rest, customer: { ...rest.customer, name: _id } };
};

const works: readonly Work[] = [
  {
    what: `upserts of replacements, in bulks of ${String(bulk)}`,
    callers: 1,
    each: bulk,
    call: (db, _, at) => upserts(db, at * bulk, replacement),
  },
  {
    what: `upserts with $set and $inc, in bulks of ${String(bulk)}`,
    callers: 2,
    each: bulk,
    call: (db, _, at) => upserts(db, at * bulk, () => ({ $set: { currency: 'CHF' }, $inc: { changes: 1 } })),
  },
  {
    what: 'compare-and-set of one document',
    callers: 16,
    each: 1,
    call: (_, orders, at) =>
      orders.updateOne({ _id: idOf(at), version: 1 }, { $set: { status: 'paid', total: at } }),
  },
  {
    what: 'find by _id',
    callers: 8,
    each: 1,
    call: (_, orders, at) => orders.findOne({ _id: idOf(at * 31) }),
  },
  {
    what: 'indexed, sorted list of 50',
    callers: 4,
    each: 1,
    call: (_, orders, at) =>
      orders
        .find({ status: statuses[at % statuses.length] ?? 'placed' })
        .sort({ placedAt: -1 })
        .limit(50)
        .toArray(),
  },
];

async function measure(work: Work, db: Db, milliseconds: number, from: number): Promise<number> {
  const orders = db.collection<Order>('orders');
  const begun = performance.now();
  let at = from;
  let done = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - begun < milliseconds) {
      await work.call(db, orders, at++);
      done++;
    }
  };
  await Promise.all(Array.from({ length: work.callers }, caller));
  return (done * work.each * 1_000) / (performance.now() - begun);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function run(): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-bench-'));
  const rows: Row[] = [];
  const embedded = await inThread({ role: 'embedded', dataDir });
  const canned = await inThread({
    role: 'canned',
    one: order(1),
    many: Array.from({ length: 50 }, (_, at) => order(at)),
    bulk,
  });
  try {
    const [client, cannedClient] = await Promise.all(
      [embedded, canned].map(({ address }) => new MongoClient(address, { maxPoolSize: 32 }).connect()),
    );
    if (client === undefined || cannedClient === undefined) throw new Error('no client');
    const db = client.db('bench');
    const cannedDb = cannedClient.db('bench');
    await db.collection<Order>('orders').createIndex({ status: 1, placedAt: -1 });
    const begun = performance.now();
    for (let at = 0; at < documents; at += bulk) await upserts(db, at, replacement);
    const filled = (documents * 1_000) / (performance.now() - begun);
    rows.push({
      what: `first upserts of ${String(documents)} documents, one index`,
      'per second': Math.round(filled),
    });
    for (const work of works) {
      const ours: number[] = [];
      const theirs: number[] = [];
      await measure(work, db, duration / 4, 0);
      await measure(work, cannedDb, duration / 4, 0);
      for (let round = 0; round < rounds; round++) {
        ours.push(await measure(work, db, duration, round * 100_003));
        theirs.push(await measure(work, cannedDb, duration, round * 100_003));
      }
      rows.push({
        what: work.what,
        callers: work.callers,
        'per second': Math.round(mean(ours)),
        'canned replies': Math.round(mean(theirs)),
        'of canned': Number((mean(ours) / mean(theirs)).toFixed(2)),
      });
    }
    await Promise.all([client.close(), cannedClient.close()]);
  } finally {
    await Promise.all([embedded.stop(), canned.stop()]);
  }
  try {
    const begun = performance.now();
    const again = await startMongoDB({ dataDir, port: 0 });
    const milliseconds = performance.now() - begun;
    await again.stop();
    rows.push({
      what: `start on ${String(documents)} documents, milliseconds`,
      'per second': Math.round(milliseconds),
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  return rows;
}

/** The embedded MongoDB server beside canned replies. */
export const embeddedMongoDB: Benchmark = {
  name: 'embedded-mongodb',
  about: `the embedded MongoDB server on ${String(documents)} documents, beside a server with canned replies`,
  run,
};
