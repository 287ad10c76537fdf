// The same generated operations on the embedded server and on what stands in for MongoDB. Where a stand-in differs and MongoDB's
// manual says that the embedded server is right, known-differences.ts names the kind; anything else fails. `DIFFERENTIAL_SEED` (1) makes
// others; `DIFFERENTIAL_OPERATIONS` is how many operations are run (3,000 unless given).
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, described, smallest, type Difference, type Side } from './differential/comparison.ts';
import { collections, operations } from './differential/operations.ts';
import type { Palette } from './differential/values.ts';
import { whyItDiffers } from './known-differences.ts';
import { serversFor, type Product } from './servers.ts';

const servers = await serversFor('differential');
const embedded = servers.find(({ product }) => product === 'embedded');
const others = servers.filter(({ product }) => product !== 'embedded');

const wanted = Number(process.env.DIFFERENTIAL_OPERATIONS ?? 3000);
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const perHistory = 25;
/** Differences that are printed whole. */
const shown = Number(process.env.DIFFERENTIAL_SHOWN ?? 12);

/** FerretDB stores plain values only. */
const takes = (product: Product, palette: Palette): boolean => palette === 'plain' || product !== 'ferretdb';

const history = (palette: Palette) =>
  fc.record({
    palette: fc.constant(palette),
    documents: collections(palette),
    operations: fc.array(operations(palette), { minLength: perHistory, maxLength: perHistory }),
  });

test.skipIf(embedded === undefined || others.length === 0)(
  `${String(wanted)} operations are answered as the stand-ins answer, or as the manual says (seed ${String(seed)})`,
  { timeout: 60_000 + wanted * 100 },
  async () => {
    let compared = 0;
    const known = new Map<string, number>();
    const unknown: Difference<Product>[] = [];
    const note = (difference: Difference<Product>): void => {
      const reason = whyItDiffers(difference);
      if (reason === undefined) unknown.push(difference);
      else known.set(`${difference.side}: ${reason}`, (known.get(`${difference.side}: ${reason}`) ?? 0) + 1);
    };
    const numRuns = Math.ceil(wanted / perHistory);
    const histories = fc.sample(fc.oneof(history('plain'), history('rich')), { seed, numRuns });
    for (const [index, { palette, documents, operations: list }] of histories.entries()) {
      const sides = servers
        .filter(({ product }) => takes(product, palette))
        .map(({ product, db }): Side<Product> => ({
          name: product,
          db,
          collection: `history_${String(index)}`,
        }));
      const [first, ...rest] = sides;
      if (first === undefined) continue;
      compared += await compare([first, ...rest], documents, list, note);
      await Promise.allSettled(sides.map(({ db, collection }) => db.collection(collection).drop()));
    }
    const counts = [...known]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, n]) => `  ${String(n)} × ${reason}`);
    console.log(
      `seed ${String(seed)}: ${String(numRuns * perHistory)} operations, ${String(compared)} answers compared; known differences:\n${counts.join('\n')}`,
    );
    const texts: string[] = [];
    for (const difference of unknown.slice(0, shown)) {
      const sides = servers
        .filter(({ product }) => product === 'embedded' || product === difference.side)
        .map(({ product, db }): Side<Product> => ({ name: product, db, collection: 'smallest' }));
      const [first, other] = sides;
      if (first !== undefined && other !== undefined)
        texts.push(described(await smallest([first, other], difference)));
    }
    const list = texts.join('\n\n');
    expect(unknown.length, `differences without a reason (DIFFERENTIAL_SEED=${String(seed)}):\n${list}`).toBe(
      0,
    );
  },
);
