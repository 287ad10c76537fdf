// Bounds how much is under way at once: the rest waits its turn, first come first served.

/** Runs work when it is its turn. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/** A limiter that lets at most `most` pieces of work run at once. */
export function createLimiter(most: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) {
      // Whoever ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
