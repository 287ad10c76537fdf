// Who has appended to a partition: for idempotence, the last five batches of every producer (KIP-98: a client has at most five
// requests in flight); for fencing, its epoch. What is out of order, repeated or of an older epoch is found here before anything
// is written. Transactions are in transactions.ts.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';

/** A batch that may come again. */
interface RecentBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestamp: number;
}

/** What a partition knows of a producer. */
export interface Producer {
  readonly producerId: number;
  epoch: number;
  /** Oldest first; at most five. Empty after a new epoch or a marker alone. */
  recent: RecentBatch[];
  /** When it last wrote, in ms of the broker's clock; it is forgotten {@link producerExpiryMs} later. */
  lastTimestamp: number;
  /** Of the coordinator that wrote the last marker; -1 before there is one. */
  coordinatorEpoch: number;
}

/** The part of a batch's header that identifies it. */
export interface ProducedBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastOffsetDelta: number;
}

/** What becomes of a batch of an idempotent producer. */
export type Verdict =
  | { readonly kind: 'append' }
  | {
      readonly kind: 'duplicate';
      readonly baseOffset: number;
      readonly lastOffset: number;
      readonly timestamp: number;
    }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly message: string };

/** Seven days; Kafka's transactional ids live as long. */
export const producerExpiryMs = 7 * 24 * 60 * 60 * 1000;

const batchesRemembered = 5;

/** The longest-silent producer is forgotten beyond these many in one partition. */
const producersRemembered = 50_000;

const append: Verdict = { kind: 'append' };

/** The producers of one partition. */
export class Producers {
  /** In the order in which they last wrote. */
  readonly #byId = new Map<number, Producer>();
  /** By producer: the lowest sequence that a transaction here may begin with. Of requests that are not appended (yet). */
  readonly #beginnings = new Map<number, { readonly epoch: number; readonly sequence: number }>();

  /** The producer's epoch here; undefined when nothing is known of it. */
  epochOf(producerId: number): number | undefined {
    return this.#byId.get(producerId)?.epoch;
  }

  /**
   * A producer means to begin a transaction here with this batch, whether or not it may: if it may not (yet), a later batch must
   * not take the place of this one (KIP-890, Kafka's VerificationStateEntry).
   */
  noteBeginning({ producerId, producerEpoch: epoch, baseSequence: sequence }: ProducedBatch): void {
    const known = this.#beginnings.get(producerId);
    if (known !== undefined && (epoch < known.epoch || (epoch === known.epoch && sequence >= known.sequence)))
      return;
    dropOldest(this.#beginnings);
    this.#beginnings.set(producerId, { epoch, sequence });
  }

  /** Whether a batch may be appended. Nothing changes. */
  check(batch: ProducedBatch): Verdict {
    const { producerId, producerEpoch, baseSequence } = batch;
    const producer = this.#byId.get(producerId);
    const beginning = this.#beginnings.get(producerId);
    if (beginning?.epoch === producerEpoch && baseSequence > beginning.sequence) {
      return outOfOrder(producerId, baseSequence, beginning.sequence);
    }
    // Nothing known of the producer (new here, or forgotten): any sequence begins.
    if (producer === undefined) return append;
    if (producerEpoch < producer.epoch) {
      return refuse(
        errorCodes.INVALID_PRODUCER_EPOCH,
        `producer ${String(producerId)} has epoch ${String(producer.epoch)} here, the batch ${String(producerEpoch)}`,
      );
    }
    const last = producer.recent.at(-1);
    if (producerEpoch > producer.epoch) {
      return baseSequence === 0 ? append : outOfOrder(producerId, baseSequence, 0);
    }
    if (last === undefined) return append;
    const lastSequence = sequenceAfter(baseSequence, batch.lastOffsetDelta);
    const same = producer.recent.find(
      (each) => each.firstSequence === baseSequence && each.lastSequence === lastSequence,
    );
    if (same !== undefined) {
      return {
        kind: 'duplicate',
        baseOffset: same.baseOffset,
        lastOffset: same.lastOffset,
        timestamp: same.timestamp,
      };
    }
    const expected = sequenceAfter(last.lastSequence, 1);
    return baseSequence === expected ? append : outOfOrder(producerId, baseSequence, expected);
  }

  /** Whether a marker may be appended. Nothing changes. */
  checkMarker(producerId: number, producerEpoch: number, coordinatorEpoch: number): Verdict {
    const producer = this.#byId.get(producerId);
    if (producer === undefined) return append;
    if (producerEpoch < producer.epoch) {
      return refuse(
        errorCodes.INVALID_PRODUCER_EPOCH,
        `producer ${String(producerId)} has epoch ${String(producer.epoch)} here, the marker ${String(producerEpoch)}`,
      );
    }
    if (coordinatorEpoch < producer.coordinatorEpoch) {
      return refuse(
        errorCodes.TRANSACTION_COORDINATOR_FENCED,
        `the marker's coordinator epoch ${String(coordinatorEpoch)} is older than ${String(producer.coordinatorEpoch)}`,
      );
    }
    return append;
  }

  /** Notes a batch that was appended. */
  noteBatch(batch: ProducedBatch, baseOffset: number, timestamp: number): void {
    const producer = this.#touch(batch.producerId, batch.producerEpoch, timestamp);
    if (batch.baseSequence < 0) return;
    producer.recent.push({
      firstSequence: batch.baseSequence,
      lastSequence: sequenceAfter(batch.baseSequence, batch.lastOffsetDelta),
      baseOffset,
      lastOffset: baseOffset + batch.lastOffsetDelta,
      timestamp,
    });
    if (producer.recent.length > batchesRemembered) producer.recent.shift();
  }

  /** Notes a marker that was appended. */
  noteMarker(producerId: number, producerEpoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#touch(producerId, producerEpoch, timestamp).coordinatorEpoch = coordinatorEpoch;
  }

  /** Those that have written since they were last forgotten. */
  values(): Iterable<Producer> {
    return this.#byId.values();
  }

  /** Forgets who has been silent since `before`, save those for whom `keep` holds. */
  forget(before: number, keep: (producerId: number) => boolean): void {
    for (const [producerId, { lastTimestamp }] of this.#byId) {
      if (lastTimestamp < before && !keep(producerId)) this.#byId.delete(producerId);
    }
  }

  /** Takes up what `values()` gave an earlier process. */
  restore(producers: Iterable<Producer>): void {
    for (const producer of producers) this.#byId.set(producer.producerId, producer);
  }

  #touch(producerId: number, epoch: number, timestamp: number): Producer {
    this.#beginnings.delete(producerId);
    let producer = this.#byId.get(producerId);
    if (producer === undefined) {
      producer = { producerId, epoch, recent: [], lastTimestamp: timestamp, coordinatorEpoch: -1 };
      dropOldest(this.#byId);
    } else {
      this.#byId.delete(producerId);
      if (epoch > producer.epoch) {
        producer.epoch = epoch;
        producer.recent = [];
      }
    }
    producer.lastTimestamp = timestamp;
    this.#byId.set(producerId, producer);
    return producer;
  }
}

/** Makes room for one more. */
function dropOldest(producers: Map<number, unknown>): void {
  if (producers.size < producersRemembered) return;
  const [oldest] = producers.keys();
  if (oldest !== undefined) producers.delete(oldest);
}

/** Sequences go from 0 to 2^31 - 1 and begin again. */
const sequenceAfter = (sequence: number, records: number): number => (sequence + records) % 2 ** 31;

const refuse = (code: ErrorCode, message: string): Verdict => ({ kind: 'refuse', code, message });

const outOfOrder = (producerId: number, sequence: number, expected: number): Verdict =>
  refuse(
    errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `producer ${String(producerId)} sent sequence ${String(sequence)}, expected ${String(expected)}`,
  );
