// Settings of the property tests. A failure prints its seed and path; FAST_CHECK_SEED=<seed> runs the same examples again,
// FAST_CHECK_RUNS=<n> looks longer (n above 500). Used by tests only.
import { env } from 'node:process';

const { FAST_CHECK_SEED: seed, FAST_CHECK_RUNS: runs } = env;

/** What every `fc.assert` of the domain is given. */
export const propertySettings: { readonly seed?: number; readonly numRuns: number } = {
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  numRuns: Math.max(500, Number(runs ?? 0)),
};
