// Read your writes: a query that names a token waits, bounded, until its view has reached every position of it that the
// view reads, and says whether it did. However many queries wait on one view, its checkpoint is read by one poll.
// Generations may switch while we wait, so registry and checkpoint are read afresh each time.
import { partitionName, type Position } from '@comptoir/schemas';

/** Whether a view had reached the token when it was asked. */
export type Consistency = 'fresh' | 'stale';

/** The next offset to read of every partition that a view has read. */
export type ReadPositions = () => Promise<ReadonlyMap<string, number>>;

/** Between two looks while somebody waits, ms: soon at first, since most waits are short. */
const soon = 10;
const later = 25;
/** How long the newest waiter is looked after closely, ms. */
const soonFor = 200;

interface Waiter {
  readonly positions: readonly Position[];
  readonly since: number;
  readonly deadline: number;
  readonly resolve: (consistency: Consistency) => void;
  readonly reject: (error: unknown) => void;
}

const reached = (positions: readonly Position[], read: ReadonlyMap<string, number>): boolean =>
  positions.every(
    ({ topic, partition, offset }) => (read.get(partitionName(topic, partition)) ?? 0) > offset,
  );

/** Waits for one view. */
export class ConsistencyGate {
  readonly #readPositions: ReadPositions;
  readonly #waiters = new Set<Waiter>();
  #polling = false;
  /** Starts the next look at once. */
  #wake: (() => void) | undefined;

  constructor(readPositions: ReadPositions) {
    this.#readPositions = readPositions;
  }

  /**
   * Waits until the view has read every position, at most `wait` ms; then `stale`.
   *
   * @param positions - those that the view reads at all; the caller leaves out the others
   */
  async reach(positions: readonly Position[], wait: number): Promise<Consistency> {
    if (positions.length === 0) return 'fresh';
    const { promise, resolve, reject } = Promise.withResolvers<Consistency>();
    const since = performance.now();
    this.#waiters.add({ positions, since, deadline: since + wait, resolve, reject });
    if (this.#polling) this.#wake?.();
    else void this.#poll();
    return promise;
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#waiters.size > 0) {
      // Who comes while we look is not told by this look that the time is up.
      await this.#look([...this.#waiters]);
      if (this.#waiters.size > 0) await this.#pause();
    }
    this.#polling = false;
  }

  async #look(asked: readonly Waiter[]): Promise<void> {
    try {
      const read = await this.#readPositions();
      const now = performance.now();
      for (const waiter of asked) {
        const fresh = reached(waiter.positions, read);
        if (!fresh && now < waiter.deadline) continue;
        this.#waiters.delete(waiter);
        waiter.resolve(fresh ? 'fresh' : 'stale');
      }
    } catch (error) {
      for (const waiter of asked) {
        this.#waiters.delete(waiter);
        waiter.reject(error);
      }
    }
  }

  async #pause(): Promise<void> {
    const now = performance.now();
    const waiters = [...this.#waiters];
    const newest = Math.max(...waiters.map(({ since }) => since));
    const nextDeadline = Math.min(...waiters.map(({ deadline }) => deadline));
    const pause = Math.min(now - newest < soonFor ? soon : later, Math.max(nextDeadline - now, 1));
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    const timer = setTimeout(wake, pause);
    this.#wake = wake;
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
