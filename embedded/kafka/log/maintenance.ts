// What is done to a log beside appends and reads, one thing after the other: checkpoints, deletion, compaction, and beginning again
// after a write has failed.
import { encodeCheckpoint, writeCheckpoint, type CompactionPass } from './checkpoint.ts';
import { compact } from './compaction.ts';
import type { LogConfig } from './log-config.ts';
import type { LogState } from './log-state.ts';
import { producerExpiryMs } from './producers.ts';
import { recover } from './recovery.ts';
import { expired } from './retention.ts';
import type { SegmentedLog } from './segmented-log.ts';

/** The log that is maintained; what changes is asked for anew each time. */
interface MaintainedLog {
  readonly directory: string;
  readonly files: SegmentedLog;
  /** Of the passes before this process. */
  readonly compaction: readonly CompactionPass[];
  readonly now: () => number;
  readonly report: (message: string) => void;
  readonly config: () => LogConfig;
  readonly state: () => LogState;
  readonly lastStableOffset: () => number;
  readonly logStartOffset: () => number;
  readonly moveStart: (to: number) => void;
  readonly reset: (state: LogState) => void;
}

/** What is read again at the next start after a kill, at most, for each partition. */
const bytesBetweenCheckpoints = 16 * 1024 * 1024;

/** After a write has failed, the log is opened again no sooner than this after the last time. */
const reopenAfterMs = 1_000;

export class Maintenance {
  readonly #log: MaintainedLog;
  #compaction: readonly CompactionPass[];
  #bytesSinceCheckpoint = 0;
  #last: Promise<void> = Promise.resolve();
  #reopenedAt = -Infinity;

  constructor(log: MaintainedLog) {
    this.#log = log;
    this.#compaction = log.compaction;
  }

  /** Takes note of appended bytes: a checkpoint is due now and then. */
  appended(bytes: number): void {
    this.#bytesSinceCheckpoint += bytes;
    if (this.#bytesSinceCheckpoint >= bytesBetweenCheckpoints) this.checkpointSoon();
  }

  /** A checkpoint in the background. */
  checkpointSoon(): void {
    this.#bytesSinceCheckpoint = 0;
    void this.#inBackground('checkpoint', () => this.#checkpoint());
  }

  /** A checkpoint, after what else is being done. */
  checkpoint(): Promise<void> {
    return this.#alone(() => this.#checkpoint());
  }

  /** A checkpoint, if anything was appended since the last one. */
  checkpointIfDue(): Promise<void> {
    return this.#alone(async () => {
      if (this.#bytesSinceCheckpoint > 0) await this.#checkpoint();
    });
  }

  /** Resolves when nothing is being done. */
  idle(): Promise<void> {
    return this.#alone(() => Promise.resolve());
  }

  /** Moves the start of the log forward, durably, and removes what is below. */
  deleteBefore(offset: number): Promise<void> {
    return this.#alone(async () => {
      const { files, logStartOffset, moveStart } = this.#log;
      if (offset <= logStartOffset()) return;
      moveStart(offset);
      await this.#checkpoint();
      await files.remove(
        files.segments.filter((_, i) => (files.segments[i + 1]?.baseOffset ?? Infinity) <= offset),
      );
    });
  }

  /** Deletion by time and size, compaction, and the producers that are forgotten. */
  run(): Promise<void> {
    return this.#inBackground('maintenance', async () => {
      const { files, now, config, state } = this.#log;
      if (files.failure !== undefined) return;
      const { producers, transactions } = state();
      producers.forget(now() - producerExpiryMs, (id) => transactions.firstOffsetOf(id) !== undefined);
      if (config().deletes) await this.#deleteExpired();
      if (config().compacts) await this.#compact();
    });
  }

  /** After a write has failed: begins again from what is surely on the disk. */
  reopen(): void {
    const { directory, files, now, config, reset } = this.#log;
    if (now() - this.#reopenedAt < reopenAfterMs) return;
    this.#reopenedAt = now();
    void this.#inBackground('reopening', async () => {
      const recovered = await recover(directory, config().indexIntervalBytes, now(), files.highWatermark);
      files.reset(recovered.segments);
      reset(recovered.state);
      await this.#checkpoint();
    });
  }

  async #deleteExpired(): Promise<void> {
    const { files, config, now, logStartOffset, moveStart } = this.#log;
    const doomed = expired(files.segments, config(), now());
    if (doomed.length === 0) return;
    if (doomed.length === files.segments.length) files.roll(config());
    const next = files.segments[doomed.length];
    if (next === undefined) return;
    await files.synced(next.baseOffset);
    // Should it be empty, it alone tells after a crash from where the offsets go on.
    await next.create();
    moveStart(Math.max(next.baseOffset, logStartOffset()));
    // The last one may be in a segment that goes now, with all that is known of producers.
    await this.#checkpoint();
    await files.remove(doomed);
  }

  async #compact(): Promise<void> {
    const { directory, files, config, now, state, lastStableOffset, logStartOffset } = this.#log;
    const passes = await compact({
      directory,
      segments: files.segments,
      config: config(),
      now: now(),
      passes: this.#compaction,
      below: lastStableOffset(),
      logStartOffset: logStartOffset(),
      abortedBetween: (from, to) => state().transactions.abortedBetween(from, to),
      replace: (old, replacement) => {
        files.replace(old, replacement);
      },
    });
    if (passes === undefined) return;
    this.#compaction = passes;
    await this.#checkpoint();
  }

  /** Takes the state as it is now, and writes it once everything in it is on the disk. */
  async #checkpoint(): Promise<void> {
    const { directory, files, state, logStartOffset } = this.#log;
    const segment = files.active;
    const offset = segment.nextOffset;
    const encoded = encodeCheckpoint({
      logStartOffset: logStartOffset(),
      segment: segment.baseOffset,
      position: segment.size,
      offset,
      producers: [...state().producers.values()],
      transactions: state().transactions.snapshot(),
      compaction: this.#compaction,
    });
    const index = segment.encodeIndex();
    this.#bytesSinceCheckpoint = 0;
    await files.synced(offset);
    await segment.create();
    await segment.writeIndex(index);
    await writeCheckpoint(directory, encoded);
  }

  #inBackground(what: string, action: () => Promise<void>): Promise<void> {
    return this.#alone(action).catch((error: unknown) => {
      this.#log.report(`${what} of ${this.#log.directory}: ${String(error)}`);
    });
  }

  #alone(action: () => Promise<void>): Promise<void> {
    const done = this.#last.then(action);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
