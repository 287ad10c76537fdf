// The broker under frames that no client should send. MALFORMED_FRAMES says how many of each kind; 1,000 by default.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBroker, type Broker } from '../broker.ts';
import { buildBatch, readBatches, records } from '../records/batch.ts';
import { apis } from './apis.ts';
import { decodeResponse, encodeRequest } from './messages.ts';
import { connectTo } from './testing/client.ts';
import { diceOf, mutatedFrame, randomFrame, type Dice } from './testing/malformed-frames.ts';

const count = Number(process.env.MALFORMED_FRAMES ?? 1000);
/** Connections at a time. */
const lanes = 16;
/** How long a frame's answer, or the end of its connection, is waited for, ms: a request may be one that waits. */
const patience = 20;
const maxGrowth = 150 * 1024 * 1024;

let dataDir = '';
let broker: Broker;
let lines = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-kafka-malformed-'));
  broker = await startBroker({
    dataDir,
    port: 0,
    log: () => {
      lines += 1;
    },
  });
});

afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function send(frame: Buffer): Promise<void> {
  const client = await connectTo(broker.port);
  client.send(frame);
  const timer = new AbortController();
  await Promise.race([
    client.next(),
    new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, patience);
      timer.signal.addEventListener('abort', () => {
        clearTimeout(timeout);
        resolve();
      });
    }),
  ]);
  timer.abort();
  client.close();
}

async function sendAll(make: (dice: Dice) => Buffer, seed: number): Promise<void> {
  const dice = diceOf(seed);
  let sent = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (sent < count) {
        sent += 1;
        await send(make(dice));
      }
    }),
  );
  expect(sent).toBe(count);
}

/** Creates a topic if it is missing, writes a record and reads it, in at most two seconds. */
async function stillServes(value: string): Promise<void> {
  const from = performance.now();
  const client = await connectTo(broker.port);
  const header = { correlationId: 1, clientId: null };
  const next = async (): Promise<Buffer> => {
    const frame = await client.next();
    if (frame === undefined) throw new Error('the broker closed a good connection');
    return frame;
  };
  const topic = 'still-there';
  client.send(
    encodeRequest(apis.createTopics, 7, header, {
      topics: [{ name: topic, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1000,
      validateOnly: false,
    }),
  );
  await next();
  client.send(
    encodeRequest(apis.produce, 9, header, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        {
          name: topic,
          partitionData: [
            {
              index: 0,
              records: buildBatch({ records: [{ key: null, value: Buffer.from(value) }], timestamp: 1 }),
            },
          ],
        },
      ],
    }),
  );
  const produced = decodeResponse(apis.produce, 9, await next()).response.responses[0]?.partitionResponses[0];
  expect(produced?.errorCode).toBe(0);
  client.send(
    encodeRequest(apis.fetch, 11, header, {
      ...{
        clusterId: null,
        replicaId: -1,
        maxWaitMs: 1000,
        minBytes: 1,
        maxBytes: 1_000_000,
        isolationLevel: 0,
      },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
      topics: [
        {
          topic,
          partitions: [
            {
              partition: 0,
              currentLeaderEpoch: -1,
              fetchOffset: produced?.baseOffset ?? 0,
              lastFetchedEpoch: -1,
              logStartOffset: -1,
              partitionMaxBytes: 1_000_000,
            },
          ],
        },
      ],
    }),
  );
  const fetched = decodeResponse(apis.fetch, 11, await next()).response.responses[0]?.partitions[0]?.records;
  if (!Buffer.isBuffer(fetched)) throw new Error('no records were fetched');
  const read = [...readBatches(fetched)].flatMap((batch) => [...records(fetched, batch)]);
  expect(read.map((record) => String(record.value))).toEqual([value]);
  client.close();
  expect(performance.now() - from).toBeLessThan(2000);
}

it.each([
  ['random frames', randomFrame, 20_251],
  ['requests with something wrong in them', mutatedFrame, 20_252],
])(
  `survives ${String(count)} %s, with its memory steady, and goes on serving`,
  async (what, make, seed) => {
    await stillServes(`before ${what}`);
    const before = process.memoryUsage().rss;
    await sendAll(make, seed);
    await stillServes(`after ${what}`);
    expect(lines).toBeGreaterThan(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowth);
    await expect.poll(() => broker.connections, { timeout: 5000 }).toBe(0);
  },
  600_000,
);
