// Figures of progress: how many offsets a checkpoint has passed, how many are left, how fast it goes. Offsets count a
// transaction's markers too, as the log does: for a rate and a share that makes no difference.

/** Offsets passed, over all partitions. */
export const offsetsDone = (positions: Readonly<Record<string, number>>): number =>
  Object.values(positions).reduce((sum, offset) => sum + offset, 0);

/** Offsets passed of those that were to be read. */
export const offsetsDoneOf = (
  targets: Readonly<Record<string, number>>,
  positions: Readonly<Record<string, number>>,
): number =>
  Object.entries(targets).reduce(
    (sum, [partition, target]) => sum + Math.min(positions[partition] ?? 0, target),
    0,
  );

/** Whether every position is at or past its target. */
export const hasReached = (
  positions: Readonly<Record<string, number>>,
  targets: Readonly<Record<string, number>>,
): boolean => Object.entries(targets).every(([partition, target]) => (positions[partition] ?? 0) >= target);

/** Offsets that positions are behind the ends of their partitions. */
export const offsetsBehind = (
  positions: Readonly<Record<string, number>>,
  ends: ReadonlyMap<string, number>,
): number =>
  [...ends].reduce((sum, [partition, end]) => sum + Math.max(0, end - (positions[partition] ?? 0)), 0);

/** Measures a rate from a growing figure. */
export interface RateMeter {
  /** Notes the figure at an instant (ms) and returns the rate per second over the window, 0 at the first call. */
  note(figure: number, at: number): number;
}

/** A meter over the last `window` ms. */
export function createRateMeter(window = 5_000): RateMeter {
  let samples: { readonly figure: number; readonly at: number }[] = [];
  return {
    note(figure, at) {
      const last = samples.at(-1);
      // A figure that falls is another generation's: start again.
      if (last !== undefined && figure < last.figure) samples = [];
      const recent = samples.findIndex((sample) => at - sample.at <= window);
      // The newest sample before the window stays: a meter that is asked seldom still has something to compare with.
      samples = recent === -1 ? samples.slice(-1) : samples.slice(recent);
      samples.push({ figure, at });
      const [first] = samples;
      if (first === undefined || at <= first.at) return 0;
      return Math.round(((figure - first.figure) * 1000) / (at - first.at));
    },
  };
}

/** Whole seconds until `left` is done at a rate; null when nothing moves. */
export const secondsLeft = (left: number, ratePerSecond: number): number | null => {
  if (left <= 0) return 0;
  return ratePerSecond > 0 ? Math.ceil(left / ratePerSecond) : null;
};
