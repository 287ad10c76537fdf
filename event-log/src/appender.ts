// Appends batches of events, each in one Kafka transaction, so that a batch is in the log as a whole or not at all.
// Two producers take turns: a transaction's markers are still being written when its commit is answered, and the same producer
// would have to wait for them. Opening initialises both, which fences whoever had the same transactional ids before and aborts
// what they left open (KIP-98). After any error in a transaction its outcome is unknown: open again before anything else.
import { partitionName, type Position, type Topic } from '@comptoir/schemas';
import type { Kafka, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { toHeaders } from './cloud-events.ts';
import type { Codec } from './codec.ts';
import { partitionOf } from './partitioner.ts';
import type { NewEvent } from './recorded-event.ts';

/** A transaction failed in a way that leaves open whether it was committed. `fenced`: another owner has opened since. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
  readonly fenced: boolean;
  constructor(message: string, fenced: boolean, options: ErrorOptions) {
    super(message, options);
    this.fenced = fenced;
  }
}

/** Error types of the protocol that say: another producer with this transactional id has been initialised since. */
const fencedErrors = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
]);

function isFenced(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('type' in at && typeof at.type === 'string' && fencedErrors.has(at.type)) return true;
  }
  return false;
}

/** An event ready to be sent. */
export interface EncodedEvent {
  readonly event: NewEvent;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
  /** About what it takes in a request, in bytes: a batch of one partition must stay below Kafka's `max.message.bytes`. */
  readonly size: number;
}

/** What a record takes beside its key, value and headers: attributes, deltas and lengths, rounded up. Bytes. */
const recordOverhead = 60;

/** The writing end of one shard. */
export interface Appender {
  /** Encodes an event. Throws when the event does not fit its schema. */
  encode(event: NewEvent): EncodedEvent;
  /**
   * Fences every earlier owner and aborts its open transactions. When it resolves, nobody else can append to this shard, and
   * everything that was ever committed can be read. Also the way back after an UnknownOutcomeError.
   */
  open(): Promise<void>;
  /**
   * Appends the events in one transaction, in the order given within each key.
   * @returns the position of each event, once the transaction is committed
   * @throws UnknownOutcomeError: call `open`, read to the end, and look
   */
  append(events: readonly EncodedEvent[]): Promise<Position[]>;
  close(): Promise<void>;
}

export interface AppenderOptions {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly partitions: ReadonlyMap<Topic, number>;
  /** `comptoir-writer-0of1`; the producers add `-a` and `-b`. */
  readonly transactionalId: string;
  /** The broker aborts a transaction that is open for longer: milliseconds. */
  readonly transactionTimeout: number;
  /** Called between the last send and the commit, and after the commit: where faults are tried. */
  readonly onStep?: (step: 'sent' | 'committed') => void;
}

/** Where an event goes: the n-th of its partition in this batch. */
interface Place {
  readonly topic: Topic;
  readonly partition: number;
  readonly name: string;
  readonly index: number;
}

/** Creates the appender of one shard; `open` it before use. */
export function createAppender(options: AppenderOptions): Appender {
  const { kafka, codec, partitions, transactionalId, transactionTimeout, onStep } = options;
  let producers: readonly Producer[] = [];
  let turn = 0;

  const createProducer = (suffix: string): Producer =>
    kafka.producer({
      transactionalId: `${transactionalId}-${suffix}`,
      transactionTimeout,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });

  async function discard(): Promise<void> {
    const old = producers;
    producers = [];
    await Promise.allSettled(old.map((producer) => producer.disconnect()));
  }

  function toMessages(events: readonly EncodedEvent[]): { topicMessages: TopicMessages[]; places: Place[] } {
    const byTopic = new Map<Topic, TopicMessages>();
    const counts = new Map<string, number>();
    const places = events.map(({ event, value, headers }): Place => {
      const count = partitions.get(event.topic);
      if (count === undefined) throw new Error(`topic ${event.topic} is unknown`);
      const partition = partitionOf(event.key, count);
      let messages = byTopic.get(event.topic);
      if (messages === undefined) byTopic.set(event.topic, (messages = { topic: event.topic, messages: [] }));
      messages.messages.push({
        key: event.key,
        partition,
        value,
        headers,
        timestamp: String(event.time),
      });
      const name = partitionName(event.topic, partition);
      const index = counts.get(name) ?? 0;
      counts.set(name, index + 1);
      return { topic: event.topic, partition, name, index };
    });
    return { topicMessages: [...byTopic.values()], places };
  }

  return {
    encode(event) {
      const value = codec.encode(event);
      const headers = toHeaders(event);
      let size = recordOverhead + value.length + event.key.length;
      for (const [name, text] of Object.entries(headers)) size += name.length + text.length + 4;
      return { event, value, headers, size };
    },

    async open() {
      await discard();
      const opened = [createProducer('a'), createProducer('b')];
      producers = opened;
      await Promise.all(
        opened.map(async (producer) => {
          await producer.connect();
          // InitProducerId is sent by the first transaction() of a producer. Nothing is in it, so aborting sends nothing.
          const transaction = await producer.transaction();
          await transaction.abort();
        }),
      );
    },

    async append(events) {
      const producer = producers[turn % 2];
      if (producer === undefined) throw new Error(`the appender ${transactionalId} is not open`);
      turn += 1;
      const { topicMessages, places } = toMessages(events);
      let metadata: RecordMetadata[];
      try {
        const transaction = await producer.transaction();
        metadata = await transaction.sendBatch({ topicMessages, acks: -1 });
        onStep?.('sent');
        await transaction.commit();
        onStep?.('committed');
      } catch (error) {
        const fenced = isFenced(error);
        const reason = error instanceof Error ? error.message : String(error);
        throw new UnknownOutcomeError(
          `a transaction of ${transactionalId} (${String(events.length)} events) failed: ${reason}`,
          fenced,
          { cause: error },
        );
      }
      const bases = new Map(
        metadata.map(({ topicName, partition, baseOffset }) => [
          partitionName(topicName, partition),
          baseOffset,
        ]),
      );
      return places.map(({ topic, partition, name, index }) => {
        const base = bases.get(name);
        if (base === undefined) throw new Error(`Kafka did not say where ${name} was written`);
        return { topic, partition, offset: Number(base) + index };
      });
    },

    close: discard,
  };
}
