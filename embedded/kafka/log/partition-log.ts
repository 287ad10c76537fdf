// The log of one partition: what may be appended, and what readers get. An append decides everything at once, in memory (offset,
// duplicate or not, transaction); its bytes reach the disk in groups, and only then the readers (segmented-log.ts). What is
// done beside that, one thing after the other, is in maintenance.ts.
import { controlBatch } from '../records/build.ts';
import {
  assignOffset,
  readBatches,
  readHeader,
  setLogAppendTime,
  type BatchHeader,
} from '../records/batch.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../protocol/errors.ts';
import { refusalOf, refused } from './admission.ts';
import type { LogConfig } from './log-config.ts';
import type { ActiveProducer, AppendResult, Isolation, ReadRequest, ReadResult } from './log-results.ts';
import { noteBatch, type LogState } from './log-state.ts';
import { Maintenance } from './maintenance.ts';
import { recover, type Recovered } from './recovery.ts';
import { SegmentedLog } from './segmented-log.ts';
import { findByTime, findLatest, type FoundRecord } from './time-lookup.ts';

export interface LogOptions {
  readonly directory: string;
  readonly config: LogConfig;
  /** ms since 1970; for tests. */
  readonly now?: () => number;
  /** Told what was repaired, and what goes wrong in the background. */
  readonly report?: (message: string) => void;
}

/** This broker is every partition's leader, from the first epoch on. */
export const leaderEpoch = 0;

/** One partition. */
export class PartitionLog {
  readonly #now: () => number;
  readonly #files: SegmentedLog;
  readonly #maintenance: Maintenance;
  readonly #listeners = new Set<() => void>();
  #config: LogConfig;
  #state: LogState;
  #logStartOffset: number;
  #closed = false;

  private constructor(options: LogOptions, recovered: Recovered) {
    const { directory, report = () => undefined, now = Date.now } = options;
    this.#now = now;
    this.#config = options.config;
    this.#state = recovered.state;
    this.#logStartOffset = recovered.logStartOffset;
    this.#files = new SegmentedLog(directory, recovered.segments, () => {
      this.#tell();
    });
    this.#maintenance = new Maintenance({
      directory,
      report,
      now,
      files: this.#files,
      config: () => this.#config,
      state: () => this.#state,
      lastStableOffset: () => this.lastStableOffset,
      logStartOffset: () => this.#logStartOffset,
      moveStart: (to) => {
        this.#logStartOffset = to;
        this.#state.transactions.forgetBefore(to);
      },
      reset: (state) => {
        this.#state = state;
      },
      compaction: recovered.compaction,
    });
  }

  /** Opens the log in a directory that exists, which may be empty, after any end of the process that wrote it. */
  static async open(options: LogOptions): Promise<PartitionLog> {
    const now = options.now ?? Date.now;
    const recovered = await recover(options.directory, options.config.indexIntervalBytes, now());
    for (const repair of recovered.repairs) options.report?.(repair);
    const log = new PartitionLog(options, recovered);
    if (recovered.needsCheckpoint) await log.#maintenance.checkpoint();
    return log;
  }

  get config(): LogConfig {
    return this.#config;
  }

  configure(config: LogConfig): void {
    this.#config = config;
  }

  /** The first offset that readers may ask for. */
  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** One past the last offset given to a batch. */
  get logEndOffset(): number {
    return this.#files.active.nextOffset;
  }

  /** One past the last offset that is on the disk. */
  get highWatermark(): number {
    return this.#files.highWatermark;
  }

  /** Everything below it is decided: of no open transaction. Not below the start of the log. */
  get lastStableOffset(): number {
    const { highWatermark } = this;
    const undecided = this.#state.transactions.firstUndecided(highWatermark) ?? highWatermark;
    return Math.min(Math.max(undecided, this.#logStartOffset), highWatermark);
  }

  /** Bytes below the high watermark. */
  get sizeInBytes(): number {
    return this.#files.segments.reduce((sum, segment) => sum + this.#files.readableBytes(segment), 0);
  }

  /** Bytes appended that are not on the disk yet. */
  get unsyncedBytes(): number {
    return this.#files.unsyncedBytes;
  }

  /** Closed or deleted: nothing is appended or read any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  get activeProducers(): ActiveProducer[] {
    return [...this.#state.producers.values()].map((producer) => ({
      ...producer,
      openTransactionFrom: this.#state.transactions.firstOffsetOf(producer.producerId),
    }));
  }

  /**
   * Appends one batch of a client. Its header in `batch` is written to: offset, leader epoch, perhaps the time.
   * The checks and their codes are those of Kafka's UnifiedLog and ProducerStateManager.
   *
   * @param checkTransaction asked before a transactional producer's first batch of a transaction here: NONE, or the code to refuse
   *   it with
   */
  append(
    batch: Buffer,
    checkTransaction: (header: BatchHeader) => ErrorCode = () => errorCodes.NONE,
  ): AppendResult {
    const header = readHeader(batch);
    if (header === undefined)
      return refused(errorCodes.CORRUPT_MESSAGE, 'the batch is shorter than its header');
    const invalid = refusalOf(batch, header, this.#config, this.#now());
    if (invalid !== undefined) return invalid;
    const { producers, transactions } = this.#state;
    const isOpen = transactions.firstOffsetOf(header.producerId) !== undefined;
    // KIP-890: asked before the sequence is looked at.
    if (
      header.isTransactional &&
      !(isOpen && producers.epochOf(header.producerId) === header.producerEpoch)
    ) {
      producers.noteBeginning(header);
      const code = checkTransaction(header);
      if (code !== errorCodes.NONE) return refused(code, 'the batch is not part of an open transaction');
    }
    const verdict = producers.check(header);
    if (verdict.kind === 'refuse') return refused(verdict.code, verdict.message);
    if (verdict.kind === 'duplicate') {
      const { baseOffset, lastOffset, timestamp } = verdict;
      const logAppendTime = this.#config.timestampType === 'logAppendTime' ? timestamp : -1;
      const synced = this.#files.synced(lastOffset + 1);
      return { kind: 'duplicate', baseOffset, lastOffset, logAppendTime, synced };
    }
    if (isOpen && !header.isTransactional) {
      return refused(
        errorCodes.INVALID_TXN_STATE,
        `producer ${String(header.producerId)} has a transaction open here, and the batch is of none`,
      );
    }
    return this.#append(batch);
  }

  /** Appends a batch of the broker's own; resolves when it is on the disk. */
  async appendInternal(batch: Buffer): Promise<void> {
    const result = this.#append(batch);
    if (result.kind === 'refused') throw new ProtocolError(result.code, result.message);
    await result.synced;
  }

  /**
   * Ends the producer's open transaction here; resolves when the marker is on the disk.
   *
   * @throws ProtocolError INVALID_PRODUCER_EPOCH or TRANSACTION_COORDINATOR_FENCED when the marker is an older one
   */
  async appendMarker(
    kind: 'commit' | 'abort',
    producerId: number,
    producerEpoch: number,
    coordinatorEpoch: number,
  ): Promise<void> {
    const verdict = this.#state.producers.checkMarker(producerId, producerEpoch, coordinatorEpoch);
    if (verdict.kind === 'refuse') throw new ProtocolError(verdict.code, verdict.message);
    await this.appendInternal(controlBatch(kind, producerId, producerEpoch, coordinatorEpoch, this.#now()));
  }

  /** Reads whole batches; recent ones from memory. */
  async read({ offset, maxBytes, isolation }: ReadRequest): Promise<ReadResult> {
    if (offset < this.#logStartOffset || offset > this.logEndOffset) {
      return this.#result([], offset, isolation, errorCodes.OFFSET_OUT_OF_RANGE);
    }
    const limit = this.#limit(isolation);
    if (offset >= limit) return this.#result([], offset, isolation);
    // Retention may have gone over it when the bytes are there, or the topic may be gone.
    const isGone = () => offset < this.#logStartOffset || this.#closed;
    const found = await this.#files.read(offset, limit, maxBytes).catch((error: unknown) => {
      if (isGone()) return [];
      throw error;
    });
    return isGone()
      ? this.#result([], offset, isolation, errorCodes.OFFSET_OUT_OF_RANGE)
      : this.#result(found, offset, isolation);
  }

  /** Calls `listener` whenever readers may find more, or nothing any more. Gives what ends this. */
  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The first record from `timestamp` (ms) on that readers of this isolation see; undefined when there is none. */
  async offsetForTimestamp(timestamp: number, isolation: Isolation): Promise<FoundRecord | undefined> {
    return await this.#files.stable(() => findByTime(this.#range(isolation), timestamp));
  }

  /** The record with the greatest timestamp; undefined in an empty log. */
  async offsetOfMaxTimestamp(isolation: Isolation): Promise<FoundRecord | undefined> {
    return await this.#files.stable(() => findLatest(this.#range(isolation)));
  }

  /** Visits every batch from the start of the log to the high watermark. Not for a log that is being compacted. */
  async forEachBatch(visit: (header: BatchHeader, bytes: Buffer) => void): Promise<void> {
    for (const segment of this.#files.segments) {
      await segment.scan(
        0,
        (header, bytes) => {
          if (header.baseOffset + header.lastOffsetDelta >= this.#logStartOffset) visit(header, bytes);
          return true;
        },
        this.#files.readableBytes(segment),
      );
    }
  }

  /**
   * Moves the start of the log forward to `before`, -1 meaning the high watermark; durable when it resolves.
   *
   * @returns the new start
   * @throws ProtocolError OFFSET_OUT_OF_RANGE when it is beyond the high watermark
   */
  async deleteRecords(before: number): Promise<number> {
    const to = before === -1 ? this.highWatermark : before;
    if (to < 0 || to > this.highWatermark) {
      throw new ProtocolError(errorCodes.OFFSET_OUT_OF_RANGE, `offset ${String(to)} is not in the log`);
    }
    await this.#maintenance.deleteBefore(to);
    return this.#logStartOffset;
  }

  /** Deletes what its topic keeps no longer, compacts, forgets old producers. What fails is reported, not thrown. */
  async maintain(): Promise<void> {
    if (!this.#closed) await this.#maintenance.run();
  }

  /** Writes what is left and a checkpoint, and closes the files. Who waits for progress is told. */
  async close(): Promise<void> {
    await this.#end(() => this.#maintenance.checkpointIfDue());
  }

  /** Closes the files of a log whose directory goes away. */
  async abandon(): Promise<void> {
    await this.#end(() => this.#maintenance.idle());
  }

  async #end(last: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#files.synced(this.logEndOffset).catch(() => undefined);
    try {
      if (this.#files.failure === undefined) await last();
    } finally {
      this.#files.retire();
      this.#tell();
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #limit(isolation: Isolation): number {
    return isolation === 'readCommitted' ? this.lastStableOffset : this.highWatermark;
  }

  #range(isolation: Isolation) {
    return {
      segments: this.#files.segments,
      from: this.#logStartOffset,
      to: this.#limit(isolation),
      readable: this.#files.readableBytes.bind(this.#files),
    };
  }

  #result(
    records: readonly Buffer[],
    offset: number,
    isolation: Isolation,
    errorCode: ErrorCode = errorCodes.NONE,
  ): ReadResult {
    const { lastStableOffset } = this;
    const aborted = () =>
      records.length === 0
        ? []
        : this.#state.transactions.abortedBetween(offset, Math.min(endOf(records), lastStableOffset));
    return {
      errorCode,
      records,
      sizeInBytes: records.reduce((sum, { length }) => sum + length, 0),
      highWatermark: this.highWatermark,
      lastStableOffset,
      logStartOffset: this.#logStartOffset,
      abortedTransactions: isolation === 'readCommitted' ? aborted() : null,
    };
  }

  #append(batch: Buffer): AppendResult {
    if (this.#closed) return refused(errorCodes.NOT_LEADER_OR_FOLLOWER, 'the partition is being closed');
    const files = this.#files;
    if (files.failure !== undefined) {
      this.#maintenance.reopen();
      return refused(errorCodes.KAFKA_STORAGE_ERROR, `writing failed: ${files.failure.message}`);
    }
    const now = this.#now();
    const stamps = this.#config.timestampType === 'logAppendTime';
    if (stamps) setLogAppendTime(batch, 0, now);
    let header = readHeader(batch);
    if (header === undefined)
      return refused(errorCodes.CORRUPT_MESSAGE, 'the batch is shorter than its header');
    if (files.isFull(header, this.#config)) {
      files.roll(this.#config);
      this.#maintenance.checkpointSoon();
    }
    header = { ...header, baseOffset: this.logEndOffset, leaderEpoch };
    assignOffset(batch, 0, header.baseOffset, leaderEpoch);
    const synced = files.append(header, batch);
    noteBatch(this.#state, header, batch, now);
    this.#maintenance.appended(batch.length);
    const { baseOffset, lastOffsetDelta } = header;
    return {
      kind: 'appended',
      baseOffset,
      lastOffset: baseOffset + lastOffsetDelta,
      logAppendTime: stamps ? now : -1,
      synced,
    };
  }
}

/** One past the last offset of the last batch. */
function endOf(pieces: readonly Buffer[]): number {
  let end = 0;
  const last = pieces.at(-1);
  if (last === undefined) return end;
  for (const { baseOffset, lastOffsetDelta } of readBatches(last)) end = baseOffset + lastOffsetDelta + 1;
  return end;
}
