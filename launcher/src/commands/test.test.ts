import { expect, it } from 'vitest';
import { tallyOf } from './test.ts';

const report = (numPassedTests: number, numFailedTests: number): string =>
  JSON.stringify({ numPassedTests, numFailedTests });

it('counts what vitest reports', () => {
  expect(tallyOf(report(12, 0), 0)).toEqual({ passed: 12, failed: 0 });
  expect(tallyOf(report(12, 3), 1)).toEqual({ passed: 12, failed: 3 });
});

it('counts a run that failed without a failed test as one failure', () => {
  expect(tallyOf(report(12, 0), 1)).toEqual({ passed: 12, failed: 1 });
  expect(tallyOf('{}', 1)).toEqual({ passed: 0, failed: 1 });
});
