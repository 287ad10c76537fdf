// What needs no second server: an index changes no answer, a filter and its opposite part a collection, and several ways to ask
// one thing agree. Histories are generated; `SELF_OPERATIONS` is how many operations are run, `SELF_SEED` replays them.
import type { Document } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itHolds } from './cases.ts';
import { contents, restore } from './differential/answers.ts';
import { compare, described, type Difference, type Side } from './differential/comparison.ts';
import { filters, sorts } from './differential/filters.ts';
import { show } from './differential/notation.ts';
import { collections, indexes, operations } from './differential/operations.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('itself');
/** Servers whose answers are MongoDB's own, or must be as right. */
const precise = servers.filter(({ product }) => product === 'embedded' || product === 'mongod');

if (precise.length === 0) test.skip('needs the embedded server or a mongod', () => undefined);

const wanted = Number(process.env.SELF_OPERATIONS ?? 1500);
const seed = Number(process.env.SELF_SEED ?? Date.now() % 1_000_000);
const perHistory = 25;
const numRuns = Math.ceil(wanted / perHistory);

const withIndexes = fc.record({
  documents: collections('rich'),
  // No promise is made: with a unique index some writes would fail.
  keys: fc.uniqueArray(indexes, { minLength: 1, maxLength: 4, selector: ({ name }) => String(name) }),
  operations: fc.array(
    operations('rich').filter(({ command }) => !('createIndexes' in command)),
    { minLength: perHistory, maxLength: perHistory },
  ),
});

describe.each(precise)('on $product', ({ db, product }) => {
  test(
    `${String(wanted)} operations are answered alike with and without indexes (seed ${String(seed)})`,
    { timeout: 60_000 + wanted * 50 },
    async () => {
      const differences: Difference[] = [];
      let compared = 0;
      for (const [index, { documents, keys, operations: list }] of fc
        .sample(withIndexes, { seed, numRuns })
        .entries()) {
        const plain: Side = { name: 'without indexes', db, collection: `plain_${String(index)}` };
        const indexed: Side = { name: 'with indexes', db, collection: `indexed_${String(index)}` };
        for (const { key, sparse } of keys as { key: Document; sparse?: boolean }[]) {
          const name = Object.entries(key).flat().join('_');
          const wantedIndex = { key, name, sparse: sparse === true };
          // Two of them may have one name, and documents may refuse one over two arrays.
          await db
            .command({ createIndexes: indexed.collection, indexes: [wantedIndex] })
            .catch(() => undefined);
        }
        compared += await compare([plain, indexed], documents, list, (difference) => {
          // Two arrays in one index are refused by the index alone.
          if (difference.answered.error !== 171) differences.push(difference);
        });
        await Promise.all([plain, indexed].map(({ collection }) => db.collection(collection).drop()));
      }
      // Documents with two arrays are not stored beside an index over both; most histories go to their end.
      expect(compared).toBeGreaterThan(wanted / 2);
      expect(
        differences.length,
        `${product}, SELF_SEED=${String(seed)}:\n${differences.slice(0, 5).map(described).join('\n\n')}`,
      ).toBe(0);
    },
  );
});

/** The `_id`s of a find, in its order. */
async function idsOf(db: (typeof servers)[number]['db'], command: Document): Promise<string[]> {
  const reply = await db.command({ ...command, batchSize: 10_000 }, { promoteValues: false });
  return (reply.cursor as { firstBatch: Document[] }).firstBatch.map(({ _id }) => show(_id));
}

describe.each(precise)('ways to ask one thing on $product', (server) => {
  const { db } = server;
  const cases = fc.sample(
    fc.record({ documents: collections('rich'), filter: filters('rich'), sort: sorts }),
    { seed, numRuns: 200 },
  );
  /** Runs `body` on every case; the first that fails is shown. */
  const forAll = async (
    body: (name: string, filter: Document, sort: Document) => Promise<void>,
  ): Promise<void> => {
    for (const { documents, filter, sort } of cases) {
      await restore(db, 'asked', documents);
      // Two arrays cannot be sorted by together.
      const isSortable =
        (await contents(db, 'asked')) !== undefined &&
        (await db.command({ find: 'asked', sort }).then(
          () => true,
          () => false,
        ));
      if (!isSortable) continue;
      try {
        await body('asked', filter, sort);
      } catch (error) {
        throw new Error(
          `SELF_SEED=${String(seed)} filter ${show(filter)} sort ${show(sort)} documents ${documents.map(show).join(' ')}`,
          { cause: error },
        );
      }
    }
  };

  itHolds(server, 'itself', 'a filter and its $nor part the collection', () =>
    forAll(async (name, filter) => {
      const all = await idsOf(db, { find: name });
      const [yes, no] = [
        await idsOf(db, { find: name, filter }),
        await idsOf(db, { find: name, filter: { $nor: [filter] } }),
      ];
      expect([...yes, ...no].sort()).toEqual(all.sort());
    }),
  );
  itHolds(server, 'itself', 'find, $match and count agree', () =>
    forAll(async (name, filter, sort) => {
      const found = await idsOf(db, { find: name, filter, sort });
      const { cursor } = await db.command(
        { aggregate: name, pipeline: [{ $match: filter }, { $sort: sort }], cursor: {} },
        { promoteValues: false },
      );
      expect((cursor as { firstBatch: Document[] }).firstBatch.map(({ _id }) => show(_id))).toEqual(found);
      expect((await db.command({ count: name, query: filter })).n).toBe(found.length);
    }),
  );
  itHolds(server, 'itself', 'a sort the other way round is the reverse', () =>
    forAll(async (name, _filter, { _id }) => {
      const sort = { _id: Number(_id) };
      const found = await idsOf(db, { find: name, sort });
      expect(await idsOf(db, { find: name, sort: { _id: -sort._id } })).toEqual(found.reverse());
    }),
  );
  itHolds(server, 'itself', 'skip and limit cut the sorted list', () =>
    forAll(async (name, filter, sort) => {
      const found = await idsOf(db, { find: name, filter, sort });
      expect(await idsOf(db, { find: name, filter, sort, skip: 1, limit: 2 })).toEqual(found.slice(1, 3));
    }),
  );
  itHolds(server, 'itself', 'a delete takes what a find finds', () =>
    forAll(async (name, filter) => {
      const found = await idsOf(db, { find: name, filter });
      expect((await db.command({ delete: name, deletes: [{ q: filter, limit: 0 }] })).n).toBe(found.length);
      expect(await idsOf(db, { find: name, filter })).toEqual([]);
    }),
  );
});
