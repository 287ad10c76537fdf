// What a partition's log is asked and answers.
import type { ErrorCode } from '../protocol/errors.ts';
import type { Refusal } from './admission.ts';
import type { Producer } from './producers.ts';
import type { AbortedTransaction } from './transactions.ts';

/** What became of a batch. */
export type AppendResult =
  | {
      readonly kind: 'appended' | 'duplicate';
      readonly baseOffset: number;
      readonly lastOffset: number;
      /** ms; -1 unless the topic's records take the time of their append. */
      readonly logAppendTime: number;
      /** Resolves when the batch is on the disk; need not be listened to. */
      readonly synced: Promise<void>;
    }
  | Refusal;

export type Isolation = 'readUncommitted' | 'readCommitted';

export interface ReadRequest {
  readonly offset: number;
  /** At least one batch is given, even if it is larger. */
  readonly maxBytes: number;
  readonly isolation: Isolation;
}

/** What a read gives: whole batches, the first of which may begin below the offset. */
export interface ReadResult {
  readonly errorCode: ErrorCode;
  readonly records: readonly Buffer[];
  readonly sizeInBytes: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Null for `readUncommitted`. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
}

/** A producer as DescribeProducers shows it. */
export interface ActiveProducer extends Readonly<Producer> {
  readonly openTransactionFrom: number | undefined;
}
