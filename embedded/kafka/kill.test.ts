// What the broker has acknowledged is there after kill -9, under load, through kafkajs. KILLS says how often; 2 by default.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';

const kills = Number(process.env.KILLS ?? 2);
const program = fileURLToPath(new URL('testing/broker-process.ts', import.meta.url));
const topic = 'orders';
const partitions = 3;
/** A transaction that nobody ends is over after this, ms. */
const transactionTimeout = 5000;

let dataDir = '';
let broker: ChildProcess;
let port = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-kafka-kill-'));
});

afterAll(async () => {
  broker.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

async function startBroker(): Promise<void> {
  const started = spawn(process.execPath, [program, dataDir, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  broker = started;
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  port = Number(/:(\d+)/.exec(String(line))?.[1]);
}

async function killBroker(): Promise<void> {
  const exited = once(broker, 'exit');
  broker.kill('SIGKILL');
  await exited;
}

interface Load {
  readonly acknowledged: string[];
  /** Stops it; resolves when nothing is under way. */
  end(): Promise<void>;
}

/** Calls `write` with ever new names; those for which it resolves are acknowledged. */
function keepWriting(name: string, write: (value: string) => Promise<void>): Load {
  const acknowledged: string[] = [];
  const over = new AbortController();
  const done = (async () => {
    for (let i = 0; !over.signal.aborted; i++) {
      const value = `${name}-${String(i)}`;
      try {
        await write(value);
        acknowledged.push(value);
      } catch {
        // Not acknowledged: it may be there or not.
        await after(20);
      }
    }
  })();
  return {
    acknowledged,
    async end() {
      over.abort();
      await done;
    },
  };
}

const partsOf = (value: string): string[] => [0, 1, 2].map((part) => `${value}/${String(part)}`);

/** A transactional producer that is replaced after an error: kafkajs's is of no more use when its abort has failed. */
function transactionalWriter(kafka: Kafka) {
  let producer: Producer | undefined;
  const connected = async (): Promise<Producer> => {
    if (producer !== undefined) return producer;
    const made = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      transactionalId: 'writer',
      transactionTimeout,
    });
    await made.connect();
    producer = made;
    return made;
  };
  const discard = async (): Promise<void> => {
    const old = producer;
    producer = undefined;
    await old?.disconnect();
  };
  return {
    discard,
    async write(value: string, decision: 'commit' | 'abort'): Promise<void> {
      try {
        const transaction = await (await connected()).transaction();
        await transaction.send({ topic, messages: partsOf(value).map((part) => ({ value: part })) });
        await transaction[decision]();
      } catch (error) {
        await discard();
        throw error;
      }
    },
  };
}

/** How often each value is there, for readers of what is committed. */
async function readAll(kafka: Kafka, producer: Producer): Promise<Map<string, number>> {
  // What comes last in a partition says that all of it has been read.
  const ends = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    value: `end-${String(partition)}`,
  }));
  await producer.send({ topic, acks: -1, messages: ends });
  const seen = new Map<string, number>();
  const { promise: isRead, resolve } = Promise.withResolvers<undefined>();
  const consumer = kafka.consumer({ groupId: 'reader', maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message: { value } }) => {
      seen.set(String(value), (seen.get(String(value)) ?? 0) + 1);
      if (ends.every((end) => seen.has(end.value))) resolve(undefined);
      return Promise.resolve();
    },
  });
  await isRead;
  await consumer.disconnect();
  return seen;
}

it(
  `loses nothing that it acknowledged, and repeats nothing of an idempotent producer, over ${String(kills)} kills`,
  async () => {
    await startBroker();
    const kafka = new Kafka({
      brokers: [`127.0.0.1:${String(port)}`],
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 20, maxRetryTime: 200, retries: 30 },
    });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
    await admin.disconnect();
    const plain = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await plain.connect();
    const transactional = transactionalWriter(kafka);
    const single = keepWriting('single', async (value) => {
      await plain.send({ topic, acks: -1, messages: [{ key: value, value }] });
    });
    let aborted: string[] = [];
    const committed = keepWriting('transaction', async (value) => {
      await transactional.write(`aborted-${value}`, 'abort');
      aborted.push(`aborted-${value}`);
      await transactional.write(value, 'commit');
    });

    for (let i = 0; i < kills; i++) {
      const singles = single.acknowledged.length;
      await expect.poll(() => single.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(singles + 20);
      await killBroker();
      await startBroker();
    }
    const before = committed.acknowledged.length;
    await expect.poll(() => committed.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before);
    await Promise.all([single.end(), committed.end()]);
    await transactional.discard();

    const seen = await readAll(kafka, plain);
    await plain.disconnect();
    aborted = aborted.flatMap(partsOf).filter((value) => seen.has(value));
    expect({
      lost: single.acknowledged.filter((value) => !seen.has(value)),
      repeated: [...seen].filter(([, times]) => times > 1),
      lostTransactions: committed.acknowledged.flatMap(partsOf).filter((value) => !seen.has(value)),
      aborted,
    }).toEqual({ lost: [], repeated: [], lostTransactions: [], aborted: [] });
  },
  60_000 + kills * 30_000,
);
