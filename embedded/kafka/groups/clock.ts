// Time as coordinators see it, so that tests can let it pass.

/** Tells the time and wakes up later. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Runs `wake` once, `ms` from now; what it gives cancels that. */
  after(ms: number, wake: () => void): () => void;
}

/** The longest that a timer of Node can wait; it fires early then, which its owner has to expect. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, ms), longestTimerMs));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** One timer that is always set to the earliest time asked for since it last fired. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #due = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `due` (ms since 1970) at the latest; Infinity asks for nothing. It may ring early. */
  by(due: number): void {
    if (due >= this.#due) return;
    this.cancel();
    this.#due = due;
    this.#cancel = this.#clock.after(due - this.#clock.now(), () => {
      this.#due = Infinity;
      this.#cancel = undefined;
      this.#ring();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due = Infinity;
  }
}
