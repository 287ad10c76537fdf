// The transactions of one partition as its readers see them: which are open, up to where everything is decided (the last stable
// offset), and which were aborted, so that a read_committed consumer can skip them (KIP-98).
import { firstIndex } from './sparse-index.ts';

/** A transaction that ended with an abort marker. */
export interface AbortedTransaction {
  readonly producerId: number;
  /** Of its first batch. */
  readonly firstOffset: number;
  /** Of its marker. */
  readonly lastOffset: number;
}

/** An open transaction, or one whose marker is not on the disk yet. */
interface Undecided {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of its marker, once it is appended. */
  markerOffset: number | undefined;
}

/** What is written to a checkpoint. */
export interface TransactionsSnapshot {
  readonly open: readonly { readonly producerId: number; readonly firstOffset: number }[];
  readonly aborted: readonly AbortedTransaction[];
}

/** The transactions of one partition. */
export class Transactions {
  /** By first offset. */
  #undecided: Undecided[] = [];
  readonly #open = new Map<number, Undecided>();
  /** By last offset, which is the order in which they ended. */
  #aborted: AbortedTransaction[] = [];

  /** First offset of the producer's open transaction. */
  firstOffsetOf(producerId: number): number | undefined {
    return this.#open.get(producerId)?.firstOffset;
  }

  /** A transactional batch was appended: it begins a transaction or belongs to the open one. */
  begin(producerId: number, baseOffset: number): void {
    if (this.#open.has(producerId)) return;
    const transaction: Undecided = { producerId, firstOffset: baseOffset, markerOffset: undefined };
    this.#open.set(producerId, transaction);
    this.#undecided.push(transaction);
  }

  /** A marker was appended. It ends nothing when the producer has no transaction open here. */
  end(kind: 'commit' | 'abort', producerId: number, markerOffset: number): void {
    const transaction = this.#open.get(producerId);
    if (transaction === undefined) return;
    this.#open.delete(producerId);
    transaction.markerOffset = markerOffset;
    if (kind === 'abort') {
      this.#aborted.push({ producerId, firstOffset: transaction.firstOffset, lastOffset: markerOffset });
    }
  }

  /** Where the first transaction begins of which the marker is not below the high watermark; undefined when there is none. */
  firstUndecided(highWatermark: number): number | undefined {
    const decided = ({ markerOffset }: Undecided) =>
      markerOffset !== undefined && markerOffset < highWatermark;
    if (this.#undecided.some(decided)) this.#undecided = this.#undecided.filter((each) => !decided(each));
    return this.#undecided[0]?.firstOffset;
  }

  /** Those aborted that have an offset in [from, to). */
  abortedBetween(from: number, to: number): AbortedTransaction[] {
    const first = firstIndex(this.#aborted, ({ lastOffset }) => lastOffset >= from);
    const found: AbortedTransaction[] = [];
    for (let i = first; i < this.#aborted.length; i++) {
      const transaction = this.#aborted[i];
      if (transaction !== undefined && transaction.firstOffset < to) found.push(transaction);
    }
    return found;
  }

  /** Forgets what ended before the log begins. */
  forgetBefore(logStartOffset: number): void {
    const first = firstIndex(this.#aborted, ({ lastOffset }) => lastOffset >= logStartOffset);
    if (first > 0) this.#aborted = this.#aborted.slice(first);
  }

  snapshot(): TransactionsSnapshot {
    const open = [...this.#open.values()].map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
    return { open, aborted: this.#aborted };
  }

  restore({ open, aborted }: TransactionsSnapshot): void {
    for (const { producerId, firstOffset } of open) this.begin(producerId, firstOffset);
    this.#aborted = [...aborted];
  }
}
