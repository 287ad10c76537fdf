import { describe, expect, it } from 'vitest';
import { Interruption } from './interruption.ts';

/** The times, in seconds, at which errors would be reported. */
const reportedAt = (seconds: readonly number[], interruption = new Interruption()): number[] =>
  seconds.filter((second) => interruption.note(second * 1_000));

describe('an interruption', () => {
  it('that is over in a moment is not reported', () => {
    expect(reportedAt([0, 0.2, 1, 2.9])).toEqual([]);
  });

  it('that lasts is reported after three seconds, and then every ten', () => {
    expect(reportedAt([0, 1, 2, 3, 4, 5, 12, 13, 14, 22, 23, 24])).toEqual([3, 13, 23]);
  });

  it('that is over begins anew', () => {
    const interruption = new Interruption();
    expect(reportedAt([0, 3], interruption)).toEqual([3]);
    interruption.over();
    expect(reportedAt([4, 6, 7], interruption)).toEqual([7]);
  });
});
