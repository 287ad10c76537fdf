// What the tests of coordinators stand on: a clock that they turn, and a store in memory that loses what was not appended before
// the broker "died".
import type { Clock } from './clock.ts';
import type { Entry } from './records.ts';
import type { CoordinatorStore } from './store.ts';

/** A clock that goes when it is told to. */
export interface TestClock extends Clock {
  /** Lets time pass; what becomes due runs at its time, in order. */
  advance(ms: number): void;
}

export function testClock(): TestClock {
  let now = 1_700_000_000_000;
  let timers: { readonly due: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    after(ms, wake) {
      const timer = { due: now + Math.max(0, ms), wake };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        now = Math.max(now, next.due);
        next.wake();
      }
      now = end;
    },
  };
}

/** How often something durable may still happen before the broker dies: what comes later never does. */
export interface Life {
  steps: number;
}

/** Takes one step, or, when there are none left, waits for ever as a dead process does. */
export function step(life: Life): Promise<void> {
  if (life.steps <= 0) return new Promise(() => undefined);
  life.steps--;
  return Promise.resolve();
}

/** A store whose appends are durable at once, as long as there is life. */
export interface MemoryStore extends CoordinatorStore {
  readonly appended: (readonly Entry[])[];
  /** Makes appends fail while it is set. */
  broken: boolean;
  /** The same entries for the next process. */
  reopen(life?: Life): MemoryStore;
}

export function memoryStore(
  life: Life = { steps: Infinity },
  before: readonly (readonly Entry[])[] = [],
): MemoryStore {
  const appended = [...before];
  return {
    appended,
    broken: false,
    load(each) {
      for (const { key, value } of appended.flat()) each(key, value);
      return Promise.resolve();
    },
    async append(entries) {
      if (this.broken) throw new Error('the disk is full');
      await step(life);
      appended.push(entries);
    },
    reopen: (next) => memoryStore(next, appended),
  };
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
