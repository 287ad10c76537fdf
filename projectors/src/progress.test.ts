import { describe, expect, it } from 'vitest';
import { createRateMeter, hasReached, offsetsBehind, offsetsDoneOf, secondsLeft } from './progress.ts';

describe('progress', () => {
  it('counts what is done of a target, not what came later', () => {
    expect(offsetsDoneOf({ 'orders-0': 10, 'orders-1': 5 }, { 'orders-0': 40 })).toBe(10);
  });

  it('is complete when every partition has reached its target', () => {
    expect(hasReached({ 'orders-0': 10 }, { 'orders-0': 10, 'orders-1': 0 })).toBe(true);
    expect(hasReached({ 'orders-0': 10 }, { 'orders-0': 10, 'orders-1': 1 })).toBe(false);
  });

  it('is behind by what is missing in every partition', () => {
    expect(
      offsetsBehind(
        { 'orders-0': 12 },
        new Map([
          ['orders-0', 10],
          ['orders-1', 3],
        ]),
      ),
    ).toBe(3);
  });

  it('says how long is left, and nothing while nothing moves', () => {
    expect(secondsLeft(100, 30)).toBe(4);
    expect(secondsLeft(100, 0)).toBeNull();
    expect(secondsLeft(0, 0)).toBe(0);
  });
});

describe('a rate', () => {
  it('is measured over the window', () => {
    const meter = createRateMeter(5_000);
    expect(meter.note(0, 0)).toBe(0);
    expect(meter.note(1_000, 1_000)).toBe(1_000);
    expect([2, 3, 4, 5, 6].map((second) => meter.note(1_000, second * 1_000)).at(-1)).toBe(0);
  });

  it('starts again when the figure falls', () => {
    const meter = createRateMeter();
    meter.note(1_000, 0);
    expect(meter.note(10, 1_000)).toBe(0);
    expect(meter.note(60, 2_000)).toBe(50);
  });
});
