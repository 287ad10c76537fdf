// kill -9 of the process that holds all three servers, under load, again and again: what was acknowledged is there, and nothing
// is there by halves. KILLS says how often (3 unless said otherwise), SEED repeats a run.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killableServers, type KillableServers } from './testing/servers.ts';

const kills = Number(process.env.KILLS ?? 3);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Longest load before a kill, ms. */
const longest = 400;
/** How long clients may take to notice the death, ms. kafkajs's producer never does when its own abort has failed. */
const clientsWithin = 8_000;

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What clients were told, over all rounds. */
const acknowledged = {
  records: new Set<string>(),
  transactions: new Set<string>(),
  aborted: new Set<string>(),
  /** The last offset committed for a group; a later one may have been under way. */
  offsets: new Map<string, number>(),
  schemas: new Map<string, number>(),
  documents: new Map<string, number>(),
};

let dataDir: string;
let servers: KillableServers;
/** Whether the kill of this round is on its way. */
let isKilled = false;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'comptoir-kill-'));
  servers = await killableServers(dataDir);
});
afterAll(async () => {
  await servers.kill();
  await rm(dataDir, { recursive: true, force: true });
});

/** @param retries - none for those that are to end with the servers */
const kafka = (retries = 0): Kafka =>
  new Kafka({
    brokers: [servers.kafka],
    clientId: 'kill-test',
    logLevel: logLevel.NOTHING,
    retry: { retries, initialRetryTime: 50 },
    requestTimeout: 5_000,
  });

const transactionalProducer = (): Producer =>
  kafka().producer({
    transactionalId: 'kill-test',
    maxInFlightRequests: 1,
    idempotent: true,
    retry: { retries: 2, initialRetryTime: 10, maxRetryTime: 50 },
  });

/** Repeats work until it fails, as everything does when the servers are killed. */
async function untilKilled(work: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; ; n++) {
    try {
      await work(n);
    } catch {
      return;
    }
  }
}

/** Clients that write, and note what was acknowledged. @returns ends when all of them have failed */
async function load(
  round: number,
): Promise<{ readonly running: Promise<unknown>; readonly close: () => Promise<void> }> {
  const plain = kafka().producer();
  const transactional = transactionalProducer();
  // A group of its own: the member of the round before is not missed until its session is over.
  const groupId = `group-${String(round)}`;
  const member = kafka().consumer({ groupId, maxWaitTimeInMs: 50 });
  const client = new MongoClient(servers.mongodb, { serverSelectionTimeoutMS: 1_000, retryWrites: false });
  await Promise.all([plain.connect(), transactional.connect(), member.connect(), client.connect()]);
  await member.subscribe({ topic: 'plain' });
  await new Promise<void>((resolve, reject) => {
    // Not GROUP_JOIN: until its first fetch, kafkajs's consumer takes a commit for done without sending it.
    member.on(member.events.FETCH_START, () => {
      resolve();
    });
    member.run({ autoCommit: false, eachMessage: () => Promise.resolve() }).catch(reject);
  });
  const documents = client.db('shop').collection<{ _id: string; version: number }>('documents');
  const running = Promise.all([
    ...[0, 1, 2].map((lane) =>
      untilKilled(async (n) => {
        const ids = [0, 1, 2].map((each) => `${String(round)}-${String(lane)}-${String(n)}-${String(each)}`);
        await plain.send({ topic: 'plain', acks: -1, messages: ids.map((value) => ({ value })) });
        for (const id of ids) acknowledged.records.add(id);
      }),
    ),
    untilKilled(async (n) => {
      const id = `${String(round)}-${String(n)}`;
      const transaction = await transactional.transaction();
      const parts = [0, 1].map((partition) => ({ partition, value: `${id}/${String(partition)}` }));
      for (const part of parts) await transaction.send({ topic: 'paired', messages: [part] });
      if (n % 4 === 3) {
        await transaction.abort();
        acknowledged.aborted.add(id);
      } else {
        await transaction.commit();
        acknowledged.transactions.add(id);
      }
    }),
    untilKilled(async (n) => {
      await member.commitOffsets([{ topic: 'plain', partition: 0, offset: String(n) }]);
      // Once it is cut off, kafkajs's consumer takes a commit for done that was never sent.
      if (isKilled) throw new Error('killed');
      acknowledged.offsets.set(groupId, n);
    }),
    untilKilled(async (n) => {
      const subject = `s-${String(round)}-${String(n)}`;
      const schema = JSON.stringify({
        type: 'enum',
        name: 'Of',
        symbols: [`S${String(round)}_${String(n)}`],
      });
      const response = await fetch(`${servers.registry}/subjects/${subject}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema }),
      });
      if (!response.ok) throw new Error(await response.text());
      const { id } = (await response.json()) as { id: number };
      acknowledged.schemas.set(subject, id);
    }),
    untilKilled(async (n) => {
      const _id = `d-${String(n % 50)}`;
      const version = round * 100_000 + n;
      await documents.updateOne(
        { _id },
        { $set: { version } },
        { upsert: true, writeConcern: { w: 1, journal: true } },
      );
      acknowledged.documents.set(_id, version);
    }),
  ]);
  return {
    running,
    async close() {
      await Promise.allSettled([
        plain.disconnect(),
        transactional.disconnect(),
        member.disconnect(),
        client.close(),
      ]);
    },
  };
}

/**
 * Every value of a topic that a reader of committed records sees. A mark written to each partition says where the end is; it is seen
 * only when no transaction is left open before it.
 */
async function readAll(topic: string, partitions: number): Promise<string[]> {
  const mark = `mark-${randomUUID()}`;
  const producer = kafka(8).producer();
  await producer.connect();
  const marks = Array.from({ length: partitions }, (_, partition) => ({ partition, value: mark }));
  await producer.send({ topic, acks: -1, messages: marks });
  await producer.disconnect();
  const values: string[] = [];
  let left = partitions;
  const consumer = kafka(8).consumer({
    groupId: `reader-${mark}`,
    retry: { retries: 5 },
    maxWaitTimeInMs: 50,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      reject(payload.error);
    });
    consumer
      .run({
        autoCommit: false,
        eachMessage: ({ message }) => {
          const value = message.value?.toString() ?? '';
          if (!value.startsWith('mark-')) values.push(value);
          else if (value === mark && --left === 0) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

/** Compares what is there with what was acknowledged. */
async function verify(): Promise<void> {
  // Whoever takes over a transactional id ends what its owner left open.
  const successor = transactionalProducer();
  await successor.connect();
  await (await successor.transaction()).abort();
  await successor.disconnect();
  const admin = kafka(8).admin();
  await admin.connect();
  const plain = await readAll('plain', 3);
  const counts = new Map<string, number>();
  for (const value of plain) counts.set(value, (counts.get(value) ?? 0) + 1);
  expect([...acknowledged.records].filter((id) => counts.get(id) !== 1)).toEqual([]);

  const seen = new Map<string, string[]>();
  for (const value of await readAll('paired', 2)) {
    const [id = '', partition = ''] = value.split('/');
    seen.set(id, [...(seen.get(id) ?? []), partition].sort());
  }
  expect([...acknowledged.transactions].filter((id) => !seen.has(id))).toEqual([]);
  expect([...acknowledged.aborted].filter((id) => seen.has(id))).toEqual([]);
  expect([...seen].filter(([, partitions]) => partitions.join() !== '0,1')).toEqual([]);

  for (const [groupId, offset] of acknowledged.offsets) {
    const [committed] = await admin.fetchOffsets({ groupId, topics: ['plain'] });
    const found = Number(committed?.partitions[0]?.offset);
    expect(found, `committed by ${groupId}`).toBeGreaterThanOrEqual(offset);
  }
  await admin.disconnect();

  for (const [subject, id] of acknowledged.schemas) {
    const response = await fetch(`${servers.registry}/subjects/${subject}/versions/latest`);
    expect(await response.json()).toMatchObject({ subject, id });
  }
  expect(new Set(acknowledged.schemas.values()).size).toBe(acknowledged.schemas.size);

  const client = new MongoClient(servers.mongodb);
  const documents = await client
    .db('shop')
    .collection<{ _id: string; version: number }>('documents')
    .find()
    .toArray();
  await client.close();
  const versions = new Map(documents.map(({ _id, version }) => [_id, version]));
  for (const [id, version] of acknowledged.documents)
    expect(versions.get(id), `document ${id}`).toBeGreaterThanOrEqual(version);
}

test(
  `what was acknowledged is there after ${String(kills)} kills (seed ${String(seed)})`,
  async () => {
    const random = randomFrom(seed);
    await servers.start();
    const admin = kafka(8).admin();
    await admin.connect();
    await admin.createTopics({
      topics: [
        { topic: 'plain', numPartitions: 3 },
        { topic: 'paired', numPartitions: 2 },
      ],
    });
    await admin.disconnect();
    for (let round = 0; round < kills; round++) {
      isKilled = false;
      const { running, close } = await load(round);
      // The moment is what the test is about: it is drawn, not waited for.
      await delay(random() * longest);
      isKilled = true;
      await servers.kill();
      await Promise.race([running.then(close), delay(clientsWithin, undefined, { ref: false })]);
      await servers.start();
      await verify();
    }
    expect(acknowledged.records.size).toBeGreaterThan(0);
    expect(acknowledged.documents.size).toBeGreaterThan(0);
    console.log(
      `seed ${String(seed)}, ${String(kills)} kills: ${Object.entries(acknowledged)
        .map(([what, { size }]) => `${String(size)} ${what}`)
        .join(', ')}`,
    );
  },
  60_000 + kills * 10_000,
);
