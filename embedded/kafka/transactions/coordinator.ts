// The transaction coordinator: producer ids and epochs, which partitions a transaction has, and its end. How it ends is stored before
// the first marker is written, so that a broker that is killed in between finishes it when it starts again.
//
// EndTxn is answered when the markers are durable: whoever reads after it sees the transaction decided. Kafka answers once the end is
// stored and sends that producer's next request away until the markers are written; here it waits its turn. That all is complete is
// noted without waiting: if the note is lost, the markers are written again, and end nothing.
import { Alarm, systemClock, type Clock } from '../groups/clock.ts';
import type { CoordinatorStore } from '../groups/store.ts';
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import { tellParticipants, type Participants } from './participants.ts';
import { ProducerIds } from './producer-ids.ts';
import { readEntry, transactionEntry, transactionTombstone } from './records.ts';
import {
  addPartitions,
  checkKnown,
  checkPart,
  complete,
  end,
  fence,
  initialize,
  isExpired,
  isPrepared,
  needsProducerId,
  newTransaction,
  timeoutAt,
  type Decision,
  type Producer,
  type TopicPartition,
  type Transaction,
} from './transaction.ts';
import { Turns } from './turns.ts';

/** What a transaction coordinator needs. */
export interface TransactionCoordinatorOptions extends Participants {
  /** `__transaction_state`. */
  readonly store: CoordinatorStore;
  /** The machine's if not given. */
  readonly clock?: Clock;
}

/** A producer, or why there is none. */
export interface Initialized extends Producer {
  readonly errorCode: ErrorCode;
}

/** transaction.max.timeout.ms: fifteen minutes. */
const longestTimeoutMs = 900_000;

/** Between two tries to write markers that could not be written. */
const retryMs = 1_000;

/** transaction.remove.expired.transaction.cleanup.interval.ms: an hour. */
const expiryCheckMs = 3_600_000;

const noProducer = (errorCode: ErrorCode): Initialized => ({ errorCode, producerId: -1, producerEpoch: -1 });

/** The coordinator of all transactions. */
export class TransactionCoordinator {
  readonly #store: CoordinatorStore;
  readonly #clock: Clock;
  readonly #participants: Participants;
  /** As stored; an id that has never had a producer is not there. */
  readonly #transactions = new Map<string, Transaction>();
  readonly #turns = new Turns();
  readonly #timeouts: Alarm;
  readonly #expiry: Alarm;
  readonly #producerIds: ProducerIds;
  /** When the last note that a transaction is complete is on the disk, or lost. */
  #noted: Promise<void> = Promise.resolve();

  private constructor(
    options: TransactionCoordinatorOptions,
    transactions: Iterable<Transaction>,
    nextId: number,
  ) {
    const { store, clock = systemClock } = options;
    this.#store = store;
    this.#clock = clock;
    this.#participants = options;
    for (const transaction of transactions) this.#transactions.set(transaction.transactionalId, transaction);
    this.#producerIds = new ProducerIds(store, nextId);
    this.#timeouts = new Alarm(clock, () => {
      this.#wake();
    });
    this.#expiry = new Alarm(clock, () => {
      void this.forgetExpired();
    });
  }

  /**
   * Reads what is kept and finishes the transactions whose end was decided.
   *
   * @throws what the store throws
   */
  static async open(options: TransactionCoordinatorOptions): Promise<TransactionCoordinator> {
    const transactions = new Map<string, Transaction>();
    let nextId = 0;
    await options.store.load((key, value) => {
      const entry = readEntry(key, value);
      if (entry?.kind === 'producer ids') nextId = Math.max(nextId, entry.next);
      else if (entry?.kind === 'transaction') {
        if (entry.transaction === null) transactions.delete(entry.transactionalId);
        else transactions.set(entry.transactionalId, entry.transaction);
      }
    });
    for (const { producerId } of transactions.values()) nextId = Math.max(nextId, producerId + 1);
    const coordinator = new TransactionCoordinator(options, transactions.values(), nextId);
    coordinator.#wake();
    await coordinator.#turns.settled();
    coordinator.#expiry.by(coordinator.#clock.now() + expiryCheckMs);
    return coordinator;
  }

  /**
   * InitProducerId. Without a transactional id any caller gets an id of its own. With one it gets the id's producer with its next
   * epoch: whoever was that producer before is fenced, and its open transaction is aborted first.
   *
   * @param known - what the caller believes to be (KIP-360)
   */
  async initProducerId(
    transactionalId: string | null,
    timeoutMs: number,
    known: Producer | null,
  ): Promise<Initialized> {
    if (transactionalId === null) {
      try {
        return { errorCode: errorCodes.NONE, producerId: await this.#producerIds.take(), producerEpoch: 0 };
      } catch {
        return noProducer(errorCodes.COORDINATOR_NOT_AVAILABLE);
      }
    }
    if (transactionalId === '') return noProducer(errorCodes.INVALID_REQUEST);
    if (timeoutMs <= 0 || timeoutMs > longestTimeoutMs)
      return noProducer(errorCodes.INVALID_TRANSACTION_TIMEOUT);
    let producer: Producer | undefined;
    const errorCode = await this.#inTurn(transactionalId, async () => {
      const initialized = await this.#initialize(transactionalId, timeoutMs, known);
      if (typeof initialized === 'number') return initialized;
      producer = initialized;
      return errorCodes.NONE;
    });
    if (producer === undefined) return noProducer(errorCode);
    return { errorCode, producerId: producer.producerId, producerEpoch: producer.producerEpoch };
  }

  async #initialize(
    transactionalId: string,
    timeoutMs: number,
    known: Producer | null,
  ): Promise<Producer | ErrorCode> {
    let transaction =
      this.#transactions.get(transactionalId) ??
      newTransaction(transactionalId, await this.#producerIds.take(), this.#clock.now());
    const errorCode = checkKnown(transaction, known);
    if (errorCode !== errorCodes.NONE) return errorCode;
    let expected = known;
    if (transaction.state === 'Ongoing') {
      transaction = await this.#finish(await this.#keep(fence(transaction, this.#clock.now())));
      if (known !== null) expected = transaction;
    }
    const newProducerId = needsProducerId(transaction, expected) ? await this.#producerIds.take() : null;
    const now = this.#clock.now();
    return this.#keep(initialize(transaction, { known: expected, timeoutMs, newProducerId, now }));
  }

  /** AddPartitionsToTxn and AddOffsetsToTxn: what is produced to the partitions from now on belongs to the transaction. */
  addPartitions(
    transactionalId: string,
    producer: Producer,
    partitions: readonly TopicPartition[],
  ): Promise<ErrorCode> {
    return this.#change(transactionalId, (transaction) =>
      addPartitions(transaction, producer, partitions, this.#clock.now()),
    );
  }

  /** EndTxn: commits or aborts. */
  end(transactionalId: string, producer: Producer, committed: boolean): Promise<ErrorCode> {
    return this.#change(transactionalId, (transaction) =>
      end(transaction, producer, committed, this.#clock.now()),
    );
  }

  /** Does something that is part of the producer's open transaction: it does not end meanwhile. */
  within(
    transactionalId: string,
    producer: Producer,
    partition: TopicPartition,
    action: () => Promise<ErrorCode>,
  ): Promise<ErrorCode> {
    return this.#inTurn(transactionalId, async () => {
      const errorCode = this.checkPart(transactionalId, producer, partition);
      return errorCode === errorCodes.NONE ? action() : errorCode;
    });
  }

  /**
   * Whether a partition is part of the producer's open transaction now: what is produced to it belongs to one. A batch that came late,
   * after its transaction ended, would begin one that nobody ends (KIP-890).
   */
  checkPart(transactionalId: string, producer: Producer, partition: TopicPartition): ErrorCode {
    const transaction = this.#transactions.get(transactionalId);
    return transaction === undefined
      ? errorCodes.INVALID_PRODUCER_ID_MAPPING
      : checkPart(transaction, producer, partition);
  }

  find(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId);
  }

  all(): Iterable<Transaction> {
    return this.#transactions.values();
  }

  /** Forgets the transactional ids that nobody has used for long. */
  async forgetExpired(): Promise<void> {
    const expired = [...this.#transactions.values()].filter((each) => isExpired(each, this.#clock.now()));
    await Promise.all(
      expired.map(({ transactionalId }) =>
        this.#inTurn(transactionalId, async () => {
          const transaction = this.#transactions.get(transactionalId);
          if (transaction !== undefined && isExpired(transaction, this.#clock.now())) {
            await this.#store.append([transactionTombstone(transactionalId)]);
            this.#transactions.delete(transactionalId);
          }
          return errorCodes.NONE;
        }),
      ),
    );
    this.#expiry.by(this.#clock.now() + expiryCheckMs);
  }

  /** Finishes what is being done; nothing happens by itself after this. The store is its owner's to close. */
  async close(): Promise<void> {
    this.#expiry.cancel();
    this.#timeouts.cancel();
    await this.#turns.settled();
    await this.#noted;
    this.#timeouts.cancel();
  }

  /** Decides on a request of a producer, stores the decision and carries it out. */
  #change(transactionalId: string, decide: (transaction: Transaction) => Decision): Promise<ErrorCode> {
    if (transactionalId === '') return Promise.resolve(errorCodes.INVALID_REQUEST);
    return this.#inTurn(transactionalId, async () => {
      const transaction = this.#transactions.get(transactionalId);
      if (transaction === undefined) return errorCodes.INVALID_PRODUCER_ID_MAPPING;
      const decision = decide(transaction);
      if (decision.kind === 'refuse') return decision.errorCode;
      if (decision.kind === 'next') {
        const next = await this.#keep(decision.transaction);
        this.#timeouts.by(timeoutAt(next));
        if (isPrepared(next)) await this.#finish(next);
      }
      return errorCodes.NONE;
    });
  }

  /** Runs an action when everything before it on the same id is done, markers included. */
  async #inTurn(transactionalId: string, action: () => Promise<ErrorCode>): Promise<ErrorCode> {
    const turn = this.#turns.take(transactionalId, async () => {
      const transaction = this.#transactions.get(transactionalId);
      if (transaction !== undefined && isPrepared(transaction)) await this.#finish(transaction);
      return action();
    });
    try {
      return (await turn) ?? errorCodes.CONCURRENT_TRANSACTIONS;
    } catch {
      // The log says why. What was decided is stored or not; either way it can be asked for again.
      this.#timeouts.by(this.#clock.now() + retryMs);
      return errorCodes.COORDINATOR_NOT_AVAILABLE;
    }
  }

  async #keep(transaction: Transaction): Promise<Transaction> {
    await this.#store.append([transactionEntry(transaction)]);
    this.#transactions.set(transaction.transactionalId, transaction);
    return transaction;
  }

  /** Writes the markers of a prepared transaction. */
  async #finish(prepared: Transaction): Promise<Transaction> {
    await tellParticipants(prepared, this.#participants);
    const completed = complete(prepared, this.#clock.now());
    this.#transactions.set(completed.transactionalId, completed);
    this.#noted = this.#store.append([transactionEntry(completed)]).catch(() => undefined);
    return completed;
  }

  /** Aborts the transactions that are past their time, and tries again to finish those whose markers could not be written. */
  #wake(): void {
    for (const transaction of this.#transactions.values()) {
      const { transactionalId } = transaction;
      if (timeoutAt(transaction) <= this.#clock.now()) void this.#abortIfDue(transactionalId);
      else if (isPrepared(transaction))
        void this.#inTurn(transactionalId, () => Promise.resolve(errorCodes.NONE));
      else this.#timeouts.by(timeoutAt(transaction));
    }
  }

  #abortIfDue(transactionalId: string): Promise<ErrorCode> {
    return this.#inTurn(transactionalId, async () => {
      const transaction = this.#transactions.get(transactionalId);
      if (transaction !== undefined && timeoutAt(transaction) <= this.#clock.now()) {
        await this.#finish(await this.#keep(fence(transaction, this.#clock.now())));
      }
      return errorCodes.NONE;
    });
  }
}
