import { expect, it } from 'vitest';
import { BackOff } from './back-off.ts';

it('waits longer after every crash, up to half a minute', () => {
  const backOff = new BackOff();
  expect(Array.from({ length: 8 }, () => backOff.afterCrash(100))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

it('starts over when the process has run for a minute', () => {
  const backOff = new BackOff();
  backOff.afterCrash(0);
  backOff.afterCrash(0);
  expect(backOff.afterCrash(60_000)).toBe(500);
});
