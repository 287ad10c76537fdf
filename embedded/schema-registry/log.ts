// The topic `_schemas` of a Kafka cluster: made when it is missing, read from its beginning, appended to with acks=all. Connected
// while it is used, and for a moment afterwards, so that a broker that has restarted elsewhere is found. Every operation ends
// within `operationWithin`; after a failure the next one connects anew.
import { connect } from 'node:net';
import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js';
import './idle-timer.ts';
import type { KeyValue } from './records.ts';

export const topic = '_schemas';
/** Bounds in ms: of a connection attempt, of a request, of a whole operation, and how long an unused connection is kept. */
const connectWithin = 1_000;
const requestWithin = 3_000;
const operationWithin = 5_000;
const keepFor = 2_000;
/** How much is fetched at once; Kafka's consumers ask for 50 MB at most. */
const fetchBytes = 8 * 1024 * 1024;
const earliest = -2;
const topicResource = 2;

/** Why an operation on the log failed. */
export class LogError extends Error {
  override readonly name = 'LogError';
  /** Unless it was too large, it may have been written. */
  readonly outcome: 'too large' | 'timed out' | 'unknown';

  constructor(outcome: LogError['outcome'], message: string, cause: unknown) {
    super(message, { cause });
    this.outcome = outcome;
  }
}

/** The topic exists, and is not one that schemas can be kept in. */
export class UnfitTopicError extends Error {
  override readonly name = 'UnfitTopicError';
}

export interface SchemasLog {
  /** All records, and the offset after the last. */
  readAll(): Promise<{ readonly records: readonly KeyValue[]; readonly end: number }>;
  /** Writes records as one batch, whole or not at all; answers the offset of the first. */
  append(records: readonly KeyValue[]): Promise<number>;
  /** Makes the topic when it is missing; answers the cluster's id. */
  prepare(): Promise<string>;
  close(): Promise<void>;
}

const silent = {
  namespace: () => silent,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const connectTo = (kafka: string): Cluster =>
  new Cluster({
    logger: silent,
    brokers: kafka.split(','),
    clientId: 'schema-registry',
    connectionTimeout: connectWithin,
    requestTimeout: requestWithin,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
    socketFactory: ({ host, port, onConnect }) =>
      connect({ host, port, noDelay: true, keepAlive: true }, onConnect),
  });

const typeOf = (error: unknown): string | undefined => {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('type' in at && typeof at.type === 'string') return at.type;
    if (at.name === 'KafkaJSRequestTimeoutError') return 'REQUEST_TIMED_OUT';
  }
  return undefined;
};

/** Opens the log of the cluster at `kafka` (`host:port`, several with commas); connects when it is used first. */
export function openLog(kafka: string): SchemasLog {
  let cluster: Cluster | undefined;
  let idle: NodeJS.Timeout | undefined;
  let running = 0;

  async function disconnect(): Promise<void> {
    clearTimeout(idle);
    const old = cluster;
    cluster = undefined;
    await old?.disconnect().catch(() => undefined);
  }

  async function connected(): Promise<Cluster> {
    cluster ??= connectTo(kafka);
    await cluster.connect();
    return cluster;
  }

  async function leader(): Promise<Broker> {
    const on = await connected();
    await on.addTargetTopic(topic);
    const partitions = on.findTopicPartitionMetadata(topic);
    const [partition] = partitions;
    if (partition === undefined || partitions.length > 1)
      throw new UnfitTopicError(
        `the topic ${topic} has ${String(partitions.length)} partitions, and needs one`,
      );
    return on.findBroker({ nodeId: partition.leader });
  }

  /** Runs an operation within its bounds, and puts what it throws in our words. */
  async function run<T>(doing: string, operation: (isLate: () => boolean) => Promise<T>): Promise<T> {
    clearTimeout(idle);
    running += 1;
    let timer: NodeJS.Timeout | undefined;
    let hasEnded = false;
    const late = new Promise<never>((_, reject) => {
      const error = new LogError(
        'timed out',
        `${doing}: no answer within ${String(operationWithin)} ms`,
        undefined,
      );
      timer = setTimeout(reject, operationWithin, error);
    });
    try {
      const work = operation(() => hasEnded);
      // When it is late, its own end is nobody's concern any more.
      work.catch(() => undefined);
      return await Promise.race([work, late]);
    } catch (error) {
      await Promise.race([disconnect(), new Promise((resolve) => setTimeout(resolve, 200))]);
      if (error instanceof LogError || error instanceof UnfitTopicError) throw error;
      const type = typeOf(error);
      const reason = error instanceof Error ? error.message : String(error);
      const isTooLarge = type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
      const outcome = isTooLarge ? 'too large' : type === 'REQUEST_TIMED_OUT' ? 'timed out' : 'unknown';
      throw new LogError(outcome, `${doing}: ${reason}`, error);
    } finally {
      hasEnded = true;
      clearTimeout(timer);
      running -= 1;
      if (running === 0 && cluster !== undefined) idle = setTimeout(() => void disconnect(), keepFor).unref();
    }
  }

  async function create(): Promise<void> {
    const on = await connected();
    const { brokers } = await on.metadata({ topics: [] });
    const controller = await on.findControllerBroker();
    await controller
      .createTopics({
        topics: [
          {
            topic,
            numPartitions: 1,
            replicationFactor: Math.min(3, brokers.length),
            configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
          },
        ],
        timeout: requestWithin,
      })
      .catch((error: unknown) => {
        if (typeOf(error) !== 'TOPIC_ALREADY_EXISTS') throw error;
      });
  }

  /** Waits for the topic just made to have a leader. */
  async function settled(): Promise<Broker> {
    for (let wait = 5; ; wait *= 2) {
      try {
        return await leader();
      } catch (error) {
        if (wait > 1_000 || error instanceof UnfitTopicError) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  async function checkPolicy(broker: Broker): Promise<void> {
    const { resources } = await broker.describeConfigs({
      resources: [{ type: topicResource, name: topic, configNames: ['cleanup.policy'] }],
    });
    const entry = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy');
    const policy = entry?.configValue ?? 'compact';
    if (!policy.split(',').every((name) => name.trim() === 'compact'))
      throw new UnfitTopicError(
        `the topic ${topic} has cleanup.policy=${policy}: schemas would be deleted after a time; set it to compact`,
      );
  }

  return {
    prepare: () =>
      run(`preparing the topic ${topic}`, async () => {
        let broker: Broker;
        try {
          broker = await leader();
          await checkPolicy(broker);
        } catch (error) {
          if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
          await create();
          await settled();
        }
        const { clusterId } = await (await connected()).metadata({ topics: [topic] });
        return clusterId ?? '';
      }),

    readAll: () =>
      run(`reading the topic ${topic}`, async () => {
        const broker = await leader();
        const at = {
          replicaId: -1,
          isolationLevel: 0,
          topics: [{ topic, partitions: [{ partition: 0, timestamp: earliest }] }],
        };
        const { responses } = await broker.listOffsets(at);
        let next = Number(responses[0]?.partitions[0]?.offset ?? 0);
        const records: KeyValue[] = [];
        for (;;) {
          const fetched = await broker.fetch({
            maxWaitTime: 1,
            minBytes: 1,
            maxBytes: fetchBytes,
            isolationLevel: 0,
            topics: [
              { topic, partitions: [{ partition: 0, fetchOffset: String(next), maxBytes: fetchBytes }] },
            ],
          });
          const partition = fetched.responses[0]?.partitions[0];
          const end = Number(partition?.highWatermark ?? 0);
          const messages = partition?.messages ?? [];
          for (const { offset, key, value, isControlRecord = false } of messages) {
            // A batch may begin before the offset asked for.
            if (Number(offset) < next) continue;
            next = Number(offset) + 1;
            if (key !== null && !isControlRecord) records.push({ key, value });
          }
          // Nothing more, though the end is not reached: what was there has been compacted away.
          if (next >= end || messages.length === 0) return { records, end };
        }
      }),

    append: (records) =>
      run(`writing to the topic ${topic}`, async (isLate) => {
        const broker = await leader();
        // Given up meanwhile: written now, it could undo what has been written since.
        if (isLate()) throw new Error('too late to be written');
        const timestamp = String(Date.now());
        const { topics } = await broker.produce({
          acks: -1,
          timeout: requestWithin,
          topicData: [
            {
              topic,
              partitions: [{ partition: 0, messages: records.map((record) => ({ ...record, timestamp })) }],
            },
          ],
        });
        return Number(topics[0]?.partitions[0]?.baseOffset ?? -1);
      }),

    close: disconnect,
  };
}
