// Generated histories: the same steps on every broker, and what each answered written down so that it can be compared. The seed is
// printed; CONFORMANCE_SEED (with CONFORMANCE_PATH: one case of it) plays it again, CONFORMANCE_HISTORIES says how many (default 40).
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';

const seed = Number(process.env.CONFORMANCE_SEED ?? randomInt(2 ** 31 - 1));
const path = process.env.CONFORMANCE_PATH;
const histories = Number(process.env.CONFORMANCE_HISTORIES ?? 40);

/** A broker and how a history runs on it. */
export interface Run<Step> {
  readonly name: string;
  /** Takes the steps on something fresh. */
  readonly take: (steps: readonly Step[]) => Promise<readonly string[]>;
}

/**
 * Runs generated histories on every broker; all must answer alike.
 *
 * @param what - for the line that tells the seed
 */
export async function compareHistories<Step>(
  what: string,
  step: fc.Arbitrary<Step>,
  runs: readonly Run<Step>[],
): Promise<void> {
  console.log(
    `${String(histories)} histories of ${what} on ${runs.map(({ name }) => name).join(' and ')}, CONFORMANCE_SEED=${String(seed)}`,
  );
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (history) => {
      const traces = await Promise.all(
        runs.map(({ name, take }) =>
          take(history).catch((error: unknown) => {
            throw new Error(`on the ${name} broker`, { cause: error });
          }),
        ),
      );
      steps += history.length;
      for (const trace of traces) expect(trace).toEqual(traces[0]);
    }),
    { seed, numRuns: histories, interruptAfterTimeLimit: 240_000, ...(path === undefined ? {} : { path }) },
  );
  console.log(`${String(steps)} steps of ${what}${runs.length > 1 ? ' were answered alike' : ''}`);
}
