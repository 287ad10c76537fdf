// Reads topics as a member of a consumer group, from positions that the reader keeps itself. kafkajs starts where the group's
// committed offsets say; we start where the reader's own checkpoint says. So every assignment begins with `loadPositions`, and
// a fetch that began anywhere else than expected is thrown away and the partition is sought, which also catches a fetch that
// was in flight. Transaction markers are passed over, but not silently: `nextOffset` counts them, so nobody lags behind one.
import { setTimeout as delay } from 'node:timers/promises';
import { partitionName, topics as allTopics, type Topic } from '@comptoir/schemas';
import type { Consumer, ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { backoff } from './backoff.ts';
import type { Codec } from './codec.ts';
import { errorFields, isOfClient } from './error-fields.ts';
import { Interruption } from './interruption.ts';
import { keepAlive, MembershipLostError } from './keep-alive.ts';
import type { RecordedEvent } from './recorded-event.ts';

/** Events of one partition, in order. */
export interface EventBatch {
  readonly topic: Topic;
  readonly partition: number;
  /** `orders-3`. */
  readonly name: string;
  /** May be empty: a fetch can hold nothing but transaction markers. */
  readonly events: readonly RecordedEvent[];
  /** Where reading goes on after this batch. */
  readonly nextOffset: number;
  /** The end of the partition when the batch was fetched. */
  readonly endOffset: number;
}

/** What a handler may ask while it works. Heartbeats are sent for it. */
export interface BatchControl {
  /** Sends a heartbeat now; needed by nobody, but harmless. */
  heartbeat(): Promise<void>;
  /** True once the partition may belong to somebody else: stop, and write nothing more. */
  isStale(): boolean;
}

export interface SubscriptionOptions {
  readonly groupId: string;
  readonly topics: readonly Topic[];
  /** Called at every assignment: the next offset to read, by partition name; one that is absent is read from its start. */
  readonly loadPositions: (
    partitions: readonly { topic: Topic; partition: number }[],
  ) => Promise<ReadonlyMap<string, number>>;
  /** Handles a batch. When it throws, the same batch comes again, with back-off, until it is handled or stale. */
  readonly onBatch: (batch: EventBatch, control: BatchControl) => Promise<void>;
  /** Told of errors; of an interruption by Kafka itself when it lasts, then every ten seconds. Reading goes on by itself. */
  readonly onError?: (error: Error) => void;
  /** Called when the group has assigned partitions (names), before anything of them is read. */
  readonly onAssigned?: (names: readonly string[]) => void;
  /** Called when the assignment has ended, or may have. */
  readonly onRevoked?: () => void;
  /** How many partitions are handled at once: 1 unless said otherwise. */
  readonly concurrency?: number;
  /**
   * A fetch waits at most this long for events, ms: 2,500 unless said otherwise. An idle reader costs a fetch per this time; stopping,
   * resuming and hearing of a rebalance take up to as long.
   */
  readonly maxWait?: number;
  /** For a group whose assignment is not kafkajs's round robin. */
  readonly assigner?: NonNullable<ConsumerConfig['partitionAssigners']>[number];
}

/** A running subscription. */
export interface Subscription {
  /** Names of the partitions that are ours now. */
  assignment(): readonly string[];
  /** No more fetches; the membership is kept. */
  pause(): void;
  resume(): void;
  /** Leaves the group and joins it again: the assignment is made anew. */
  rejoin(): Promise<void>;
  /** Ends after the batch in hand, and leaves the group. */
  stop(): Promise<void>;
}

/** `maxWait` unless said otherwise. */
const usualMaxWait = 2_500;
/** A member that is not heard of for this long loses its partitions. Milliseconds. */
const sessionTimeout = 10_000;
/** Positions are also committed to Kafka this often, so that its own tools show a lag. Milliseconds. */
const commitInterval = 5_000;

interface Epoch {
  readonly number: number;
  readonly names: readonly string[];
  /** Next offset to read, by partition; filled when the positions are loaded. */
  readonly next: Map<string, number>;
  readonly loaded: Promise<void>;
  /** Deliveries of one partition follow one another. */
  readonly turns: Map<string, Promise<void>>;
}

export class KafkaSubscription implements Subscription {
  readonly #kafka: Kafka;
  readonly #codec: Codec;
  readonly #options: SubscriptionOptions;
  readonly #logger: Logger;
  #consumer: Consumer | undefined;
  #epoch: Epoch | undefined;
  #epochs = 0;
  #stopped = false;
  #paused = false;
  #restarting: Promise<void> | undefined;
  #committed = new Map<string, number>();
  readonly #interruption = new Interruption();
  #commitTimer: NodeJS.Timeout | undefined;

  constructor(kafka: Kafka, codec: Codec, options: SubscriptionOptions, logger: Logger) {
    this.#kafka = kafka;
    this.#codec = codec;
    this.#options = options;
    this.#logger = logger.child({ group: options.groupId });
  }

  /** Joins the group. Resolves when the consumer runs; an assignment may come later. */
  async start(): Promise<void> {
    const { groupId, topics, concurrency = 1, maxWait = usualMaxWait, assigner } = this.#options;
    const consumer = this.#kafka.consumer({
      groupId,
      sessionTimeout,
      heartbeatInterval: 2_000,
      rebalanceTimeout: 20_000,
      maxWaitTimeInMs: maxWait,
      maxBytesPerPartition: 1_048_576,
      allowAutoTopicCreation: false,
      ...(assigner === undefined ? {} : { partitionAssigners: [assigner] }),
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (consumer === this.#consumer) this.#assigned(consumer, payload.memberAssignment);
    });
    consumer.on(consumer.events.REBALANCING, () => {
      if (consumer === this.#consumer) this.#revoke();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (consumer !== this.#consumer) return;
      this.#report(payload.error);
      if (!payload.restart) void this.rejoin();
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#passMarkers(payload);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
    this.#commitTimer ??= setInterval(() => void this.#commit(), commitInterval);
  }

  assignment(): readonly string[] {
    return this.#epoch?.names ?? [];
  }

  pause(): void {
    this.#paused = true;
    this.#consumer?.pause(this.#options.topics.map((topic) => ({ topic })));
  }

  resume(): void {
    this.#paused = false;
    this.#consumer?.resume(this.#options.topics.map((topic) => ({ topic })));
  }

  rejoin(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#commitTimer);
    await this.#commit();
    this.#revoke();
    await this.#restarting;
    await this.#consumer?.disconnect();
  }

  async #restart(): Promise<void> {
    this.#revoke();
    const old = this.#consumer;
    this.#consumer = undefined;
    await old?.disconnect().catch((error: unknown) => {
      this.#report(error);
    });
    for (const wait of backoff({ first: 200, most: 10_000 })) {
      if (this.#stopped) return;
      try {
        await this.start();
        return;
      } catch (error) {
        this.#report(error);
        await delay(wait);
      }
    }
  }

  #assigned(consumer: Consumer, assignment: Record<string, number[]>): void {
    if (this.#stopped) return;
    this.#interruption.over();
    this.#revoke();
    const partitions = allTopics.flatMap((topic) =>
      (assignment[topic] ?? []).map((partition) => ({
        topic,
        partition,
        name: partitionName(topic, partition),
      })),
    );
    const next = new Map<string, number>();
    const number = ++this.#epochs;
    const names = partitions.map(({ name }) => name);
    const load = async (): Promise<void> => {
      const positions = await this.#loadPositions(number, partitions);
      if (this.#epochs !== number || this.#stopped) return;
      for (const { topic, partition, name } of partitions) {
        const offset = positions.get(name) ?? 0;
        next.set(name, offset);
        consumer.seek({ topic, partition, offset: String(offset) });
      }
    };
    this.#committed = new Map();
    if (names.length > 0) {
      this.#epoch = { number, names, next, loaded: Promise.resolve().then(load), turns: new Map() };
      if (this.#paused) this.resume();
    }
    this.#options.onAssigned?.(names);
  }

  #revoke(): void {
    if (this.#epoch === undefined) return;
    this.#epoch = undefined;
    this.#options.onRevoked?.();
  }

  async #loadPositions(
    epoch: number,
    partitions: readonly { topic: Topic; partition: number }[],
  ): Promise<ReadonlyMap<string, number>> {
    for (const wait of backoff({ first: 100, most: 5_000 })) {
      if (this.#epochs !== epoch || this.#stopped) break;
      try {
        return await this.#options.loadPositions(partitions);
      } catch (error) {
        this.#report(error);
        await delay(wait);
      }
    }
    return new Map();
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const heartbeat = (): Promise<void> => payload.heartbeat();
    const epoch = this.#epoch;
    const topic = this.#options.topics.find((known) => known === batch.topic);
    if (epoch === undefined || topic === undefined) return;
    const { partition } = batch;
    const name = partitionName(topic, partition);
    let lost = false;
    const stale = (): boolean =>
      lost || this.#epoch !== epoch || this.#stopped || !payload.isRunning() || payload.isStale();
    const alive = <T>(work: Promise<T>): Promise<T> => keepAlive(heartbeat, work, () => (lost = true));
    try {
      await alive(epoch.loaded);
      await epoch.turns.get(name);
      if (stale()) return;
      const expected = epoch.next.get(name) ?? 0;
      const fetched = Number(fetchedOffset(batch));
      if (fetched !== expected) {
        if (expected > Number(batch.highWatermark))
          throw new Error(beyondTheEnd(name, expected, batch.highWatermark));
        this.#consumer?.seek({ topic, partition, offset: String(expected) });
        return;
      }
      const nextOffset = Number(batch.lastOffset()) + 1;
      const endOffset = Number(batch.highWatermark);
      await alive(
        this.#deliver(stale, async () => {
          const events = await this.#codec.decode(topic, partition, batch.messages);
          await this.#options.onBatch(
            { topic, partition, name, events, nextOffset, endOffset },
            { heartbeat, isStale: stale },
          );
        }),
      );
      if (stale()) return;
      epoch.next.set(name, nextOffset);
      const last = batch.messages.at(-1);
      if (last !== undefined) payload.resolveOffset(last.offset);
    } catch (error) {
      if (error instanceof MembershipLostError) throw error.cause;
      this.#report(error);
      // Not kafkajs's business: its own retry would count, and end. The batch comes again, from where we are.
      await alive(delay(1_000));
      this.#consumer?.seek({ topic, partition, offset: String(epoch.next.get(name) ?? 0) });
    }
  }

  async #deliver(stale: () => boolean, handle: () => Promise<void>): Promise<void> {
    for (const wait of backoff({ first: 100, most: 10_000 })) {
      if (stale()) return;
      try {
        await handle();
        return;
      } catch (error) {
        if (stale()) return;
        this.#report(error);
        await delay(wait);
      }
    }
  }

  /** A fetch of nothing but markers or aborted events, which kafkajs does not hand to `eachBatch`. */
  #passMarkers({ topic, partition, firstOffset, lastOffset, highWatermark }: MarkersPayload): void {
    const epoch = this.#epoch;
    const known = this.#options.topics.find((each) => each === topic);
    if (epoch === undefined || known === undefined || firstOffset === null) return;
    const name = partitionName(known, partition);
    const expected = epoch.next.get(name);
    // Before the positions are loaded, or after a seek, kafkajs may be elsewhere: the next fetch puts that right.
    if (expected === undefined || expected > Number(firstOffset)) return;
    const nextOffset = Number(lastOffset) + 1;
    epoch.next.set(name, nextOffset);
    const stale = (): boolean => this.#epoch !== epoch || this.#stopped;
    const batch: EventBatch = {
      topic: known,
      partition,
      name,
      events: [],
      nextOffset,
      endOffset: Number(highWatermark),
    };
    const turn = (epoch.turns.get(name) ?? Promise.resolve()).then(() =>
      this.#deliver(stale, () =>
        this.#options.onBatch(batch, { heartbeat: () => Promise.resolve(), isStale: stale }),
      ),
    );
    epoch.turns.set(name, turn);
  }

  async #commit(): Promise<void> {
    const { topics } = this.#options;
    const changed = [...(this.#epoch?.next ?? [])].filter(
      ([name, offset]) => this.#committed.get(name) !== offset,
    );
    const offsets = changed.flatMap(([name, offset]) => {
      const topic = topics.find((each) => name.startsWith(`${each}-`));
      return topic === undefined
        ? []
        : [{ topic, partition: Number(name.slice(topic.length + 1)), offset: String(offset) }];
    });
    if (offsets.length === 0) return;
    try {
      await this.#consumer?.commitOffsets(offsets);
      this.#committed = new Map([...this.#committed, ...changed]);
    } catch (error) {
      this.#logger.debug({ err: error }, 'offsets for display could not be committed');
    }
  }

  #report(error: unknown): void {
    const reported = error instanceof Error ? error : new Error(String(error));
    if (isOfClient(reported) && !this.#interruption.note()) {
      this.#logger.debug(errorFields(reported), 'reading was interrupted');
      return;
    }
    if (this.#options.onError === undefined) this.#logger.warn(errorFields(reported), reported.message);
    else this.#options.onError(reported);
  }
}

interface MarkersPayload {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: string | null;
  readonly lastOffset: string;
  readonly highWatermark: string;
}

/** `fetchedOffset` is on every batch of kafkajs 2.2.4 and missing from its types. */
function fetchedOffset(batch: EachBatchPayload['batch']): string {
  const value: unknown = Reflect.get(batch, 'fetchedOffset');
  if (typeof value !== 'string')
    throw new Error('kafkajs does not say where a fetch began: is this still version 2.2.4?');
  return value;
}

const beyondTheEnd = (name: string, expected: number, end: string): string =>
  `the checkpoint says ${name}@${String(expected)}, but the log ends at ${end}: it is not the log that the checkpoint was made ` +
  `from. Point KAFKA_BROKERS at the right one, or drop the views and their checkpoints and build them again.`;
