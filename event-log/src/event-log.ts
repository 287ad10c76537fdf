// The log: Kafka and the Schema Registry behind one object. Opening it creates the topics, refuses those that could lose
// history, and registers the schemas; after that events can be appended by a writer and read by subscriptions.
import { setTimeout as delay } from 'node:timers/promises';
import { partitionName, topics as allTopics, type Topic } from '@comptoir/schemas';
import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import { createAppender, type Appender, type AppenderOptions } from './appender.ts';
import { backoff } from './backoff.ts';
import { createCodec } from './codec.ts';
import { kafkaClient, patientRetry, promptRetry } from './kafka-client.ts';
import { IncompatibleSchemaError, registerSchemas, registryClient } from './schema-registration.ts';
import { shardAssigner } from './shard-assigner.ts';
import { KafkaSubscription, type Subscription, type SubscriptionOptions } from './subscription.ts';
import { ensureTopics, UnsafeTopicError } from './topics.ts';

export interface EventLogOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  /** Base URL of a registry with Confluent's API. */
  readonly registryUrl: string;
  /** How this process names itself to Kafka. */
  readonly clientId: string;
  readonly logger: Logger;
  /** Partitions of a topic that does not exist yet; 12 unless said otherwise. */
  readonly partitions?: number;
  /** How long to wait for Kafka and the registry to come up: milliseconds; 60,000 unless said otherwise. */
  readonly patience?: number;
}

/** An open log. */
export interface EventLog {
  /** Partitions of each topic. */
  readonly partitions: ReadonlyMap<Topic, number>;
  /** Reads topics as a member of a consumer group. */
  subscribe(options: SubscriptionOptions): Promise<Subscription>;
  /** Like `subscribe`, for writers: the group hands out whole shards, the newest members first. */
  subscribeAsWriter(shards: number, options: Omit<SubscriptionOptions, 'assigner'>): Promise<Subscription>;
  /** The writing end of one shard; not open yet. */
  appender(options: Pick<AppenderOptions, 'transactionalId' | 'transactionTimeout' | 'onStep'>): Appender;
  /** The end of every partition of the topics, by name: the offset that the next event will have at least. */
  endOffsets(topics: readonly Topic[]): Promise<Map<string, number>>;
  /** How many members a consumer group has; 0 when there is no such group. */
  groupMembers(groupId: string): Promise<number>;
  /** Whether Kafka answers. */
  isReachable(): Promise<boolean>;
  /** Stops every subscription, closes every appender and connection. */
  close(): Promise<void>;
}

/**
 * Opens the log. Waits for servers that are still starting, up to `patience`.
 * @throws UnsafeTopicError, IncompatibleSchemaError at once; any other error when patience is at its end
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const { brokers, registryUrl, clientId, logger, partitions: wanted = 12, patience = 60_000 } = options;
  const registry = registryClient(registryUrl, clientId);
  const admin = kafkaClient(brokers, clientId, logger, patientRetry).admin();
  const deadline = Date.now() + patience;
  // Who is being asked: a server that takes the connection and never answers would otherwise keep its name to itself.
  let asking = '';
  const open = async () => {
    asking = `Kafka at ${brokers.join(',')}`;
    await admin.connect();
    const partitions = await ensureTopics(admin, allTopics, wanted);
    asking = `the schema registry at ${registryUrl}`;
    const schemaIds = await registerSchemas(registry, registryUrl);
    return { partitions, schemaIds };
  };
  const unanswered = (): Error =>
    new Error(
      `${asking} gave no answer within ${String(patience / 1_000)} s: it takes connections, but stands still`,
    );
  let opened;
  for (const wait of backoff({ first: 250, most: 3_000 })) {
    try {
      opened = await before(deadline, open(), unanswered);
      break;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (
        error instanceof UnsafeTopicError ||
        error instanceof IncompatibleSchemaError ||
        Date.now() + wait > deadline
      ) {
        // Not waited for: it waits for the broker's answers.
        admin.disconnect().catch(() => undefined);
        throw error;
      }
      logger.info({ reason }, 'the log is not there yet, trying again');
      await delay(wait);
    }
  }
  if (opened === undefined) throw new Error('unreachable: the loop above ends by opening or by throwing');
  const { partitions, schemaIds } = opened;
  const codec = createCodec(registry, schemaIds, (id, subject) => versionOfSchema(registryUrl, id, subject));
  const reading = kafkaClient(brokers, clientId, logger, patientRetry);
  const writing = kafkaClient(brokers, clientId, logger, promptRetry);
  const subscriptions = new Set<KafkaSubscription>();
  const appenders = new Set<Appender>();
  const startedAt = Date.now();

  async function subscribe(subscriptionOptions: SubscriptionOptions): Promise<Subscription> {
    const subscription = new KafkaSubscription(reading, codec, subscriptionOptions, logger);
    subscriptions.add(subscription);
    await subscription.start();
    return subscription;
  }

  return {
    partitions,
    subscribe,
    subscribeAsWriter: (shards, subscriptionOptions) =>
      subscribe({ ...subscriptionOptions, assigner: shardAssigner(partitions, shards, { startedAt }) }),
    appender(appenderOptions) {
      const appender = createAppender({ ...appenderOptions, kafka: writing, codec, partitions });
      appenders.add(appender);
      return appender;
    },
    endOffsets: (topics) => endOffsets(admin, topics),
    async groupMembers(groupId) {
      const { groups } = await admin.describeGroups([groupId]);
      return groups.reduce((count, { members }) => count + members.length, 0);
    },
    isReachable: () =>
      admin.fetchTopicMetadata({ topics: [...allTopics] }).then(
        () => true,
        () => false,
      ),
    async close() {
      await Promise.allSettled([...subscriptions].map((subscription) => subscription.stop()));
      await Promise.allSettled([...appenders].map((appender) => appender.close()));
      await admin.disconnect();
    },
  };
}

/** @throws what `late` makes when `work` has not ended by the deadline (milliseconds since the epoch) */
async function before<T>(deadline: number, work: Promise<T>, late: () => Error): Promise<T> {
  const waiting = new AbortController();
  const over = delay(Math.max(deadline - Date.now(), 0), undefined, { signal: waiting.signal }).then(() => {
    throw late();
  });
  // Whichever comes second has nobody who listens.
  over.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, over]);
  } finally {
    waiting.abort();
  }
}

async function endOffsets(admin: Admin, topics: readonly Topic[]): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic))
      ends.set(partitionName(topic, partition), Number(high));
  }
  return ends;
}

/** Asks the registry which version of a subject a schema id is; `undefined` when it cannot say. For display only. */
async function versionOfSchema(
  registryUrl: string,
  id: number,
  subject: string,
): Promise<number | undefined> {
  try {
    const response = await fetch(`${registryUrl}/schemas/ids/${String(id)}/versions`, {
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) return undefined;
    const versions = (await response.json()) as { subject: string; version: number }[];
    return versions.find((each) => each.subject === subject)?.version;
  } catch {
    return undefined;
  }
}
