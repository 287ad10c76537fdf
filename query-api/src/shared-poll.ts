// A value that changes elsewhere (in MongoDB) and that many want to follow: looked at by one poll while anybody watches,
// and not at all while nobody does.
import type { FastifyBaseLogger } from 'fastify';

/** How a value is looked at. */
export interface SharedPollOptions<T> {
  /** One look. */
  readonly read: () => Promise<T>;
  /** Whether two looks saw the same. */
  readonly same: (before: T, now: T) => boolean;
  /** Between two looks, ms. */
  readonly interval: number;
  readonly logger: Pick<FastifyBaseLogger, 'warn'>;
}

/** Polls a value while somebody watches. */
export class SharedPoll<T> {
  readonly #options: SharedPollOptions<T>;
  readonly #watchers = new Set<() => void>();
  #current: { readonly value: T } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<T> | undefined;

  constructor(options: SharedPollOptions<T>) {
    this.#options = options;
  }

  /**
   * Starts watching.
   *
   * @param onChange - called after a look that saw something else than the one before
   * @returns stops watching
   */
  watch(onChange: () => void): () => void {
    // A watcher of its own for every call, also when the same function watches twice.
    const watcher = (): void => {
      onChange();
    };
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#schedule();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      clearTimeout(this.#timer);
      this.#current = undefined;
    };
  }

  /** The value of the last look, or of one made now when there is none. */
  async look(): Promise<T> {
    return this.#current === undefined ? this.#readOnce() : this.#current.value;
  }

  async #readOnce(): Promise<T> {
    this.#reading ??= this.#options.read();
    try {
      const value = await this.#reading;
      const before = this.#current;
      if (before !== undefined && this.#options.same(before.value, value)) return before.value;
      if (this.#watchers.size > 0) this.#current = { value };
      if (before !== undefined) for (const notify of this.#watchers) notify();
      return value;
    } finally {
      this.#reading = undefined;
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#tick();
    }, this.#options.interval);
  }

  async #tick(): Promise<void> {
    try {
      await this.#readOnce();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'looking for news failed');
    }
    if (this.#watchers.size > 0) this.#schedule();
  }
}
