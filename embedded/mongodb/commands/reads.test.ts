import fc from 'fast-check';
import { Long } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startForTest } from '../testing.ts';
import type { Document } from 'mongodb';
import type { ServerForTest } from '../testing.ts';

let server: ServerForTest;
beforeAll(async () => {
  server = await startForTest();
});
afterAll(() => server.stop());

interface Numbered {
  _id: number;
  [field: string]: unknown;
}
const fresh = (name: string) => server.db.collection<Numbered>(name);

describe('cursors', () => {
  beforeAll(() => fresh('many').insertMany(Array.from({ length: 250 }, (_, at) => ({ _id: at }))));

  test('the first batch has 101 documents unless another size is asked for', async () => {
    const { cursor } = await server.db.command({ find: 'many' });
    expect((cursor as Document).firstBatch).toHaveLength(101);
    const { cursor: small } = await server.db.command({ find: 'many', batchSize: 3 });
    expect((small as Document).firstBatch).toHaveLength(3);
    const none = (await server.db.command({ find: 'many', batchSize: 0 })).cursor as Document;
    expect(none.firstBatch).toHaveLength(0);
    expect(Number(none.id)).not.toBe(0);
  });

  test('a cursor goes on where it was, past what others write in the meantime', async () => {
    const cursor = fresh('many')
      .find({ _id: { $lt: 250 } })
      .batchSize(100);
    const ids: number[] = [];
    for await (const { _id } of cursor) {
      ids.push(_id);
      if (_id === 50) await fresh('many').deleteOne({ _id: 249 });
    }
    expect(ids.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, at) => at));
    await fresh('many').insertOne({ _id: 249 });
  });

  test('one batch, a limit, and a skip', async () => {
    const single = (await server.db.command({ find: 'many', batchSize: 5, singleBatch: true }))
      .cursor as Document;
    expect([single.firstBatch, Number(single.id)]).toMatchObject([{ length: 5 }, 0]);
    expect(await fresh('many').find().sort({ _id: -1 }).skip(10).limit(120).toArray()).toHaveLength(120);
    expect(await fresh('many').find().skip(240).toArray()).toHaveLength(10);
  });

  test('a killed cursor, and one that never was, are not found', async () => {
    const cursor = (await server.db.command({ find: 'many', batchSize: 1 }, { promoteLongs: false }))
      .cursor as Document;
    const id = cursor.id as Long;
    expect(await server.db.command({ killCursors: 'many', cursors: [id, Long.fromNumber(5)] })).toMatchObject(
      {
        cursorsKilled: { length: 1 },
        cursorsNotFound: { length: 1 },
      },
    );
    await expect(server.db.command({ getMore: id, collection: 'many' })).rejects.toMatchObject({ code: 43 });
  });

  test('a cursor belongs to its collection', async () => {
    const cursor = (await server.db.command({ find: 'many', batchSize: 1 }, { promoteLongs: false }))
      .cursor as Document;
    const id = cursor.id as Long;
    await expect(server.db.command({ getMore: id, collection: 'other' })).rejects.toMatchObject({ code: 13 });
  });

  test('a batch stays below 16 MB', async () => {
    const text = 'x'.repeat(6_000_000);
    await fresh('wide').insertMany([0, 1, 2, 3].map((_id) => ({ _id, text })));
    const { cursor } = await server.db.command({ find: 'wide' });
    expect((cursor as Document).firstBatch).toHaveLength(2);
    expect(await fresh('wide').find().toArray()).toHaveLength(4);
    await fresh('wide').drop();
  });
});

test('maxTimeMS ends what takes longer', async () => {
  await fresh('slow').insertMany(
    Array.from({ length: 20_000 }, (_, at) => ({ _id: at, text: `text ${String(at)}` })),
  );
  const slow = fresh('slow').find({ text: { $regex: '(t|e|x)+9{8}' } }, { maxTimeMS: 1 });
  await expect(slow.toArray()).rejects.toMatchObject({ code: 50 });
});

describe('plans', () => {
  const winning = (filter: Document, sort: Record<string, 1 | -1>): Promise<Document> =>
    server.db.collection('planned').find(filter).sort(sort).explain('executionStats');
  const stages = (plan: Document | undefined): string[] =>
    plan === undefined ? [] : [plan.stage as string, ...stages(plan.inputStage as Document | undefined)];

  beforeAll(async () => {
    await fresh('planned').insertMany(
      Array.from({ length: 600 }, (_, at) => ({
        _id: at,
        status: at % 6,
        placed: at,
        tags: [at % 3, at % 5],
        ...(at % 2 ? {} : { even: at }),
      })),
    );
    await fresh('planned').createIndexes([
      { key: { status: 1, placed: -1 } },
      { key: { tags: 1 } },
      { key: { even: 1 }, sparse: true },
    ]);
  });

  test('an equality and a sort are answered by one compound index, without a sort and without a look at more than is wanted', async () => {
    const { queryPlanner, executionStats } = await server.db
      .collection('planned')
      .find({ status: 2 })
      .sort({ placed: -1 })
      .limit(10)
      .explain('executionStats');
    const plan = (queryPlanner as Document).winningPlan as Document;
    expect(stages(plan)).toEqual(['LIMIT', 'FETCH', 'IXSCAN']);
    expect(((plan.inputStage as Document).inputStage as Document).indexName).toBe('status_1_placed_-1');
    expect(executionStats).toMatchObject({ nReturned: 10 });
  });

  test('the other way round is the same index backwards; another order is sorted', async () => {
    const backwards = await winning({ status: 2 }, { placed: 1 });
    expect(stages((backwards.queryPlanner as Document).winningPlan as Document)).toEqual(['FETCH', 'IXSCAN']);
    const sorted = await winning({ status: 2 }, { even: 1 });
    expect(stages((sorted.queryPlanner as Document).winningPlan as Document)).toEqual([
      'SORT',
      'FETCH',
      'IXSCAN',
    ]);
  });

  test('a sparse index is not used for what it may lack', async () => {
    const all = await fresh('planned').find().sort({ even: 1 }).toArray();
    expect(all).toHaveLength(600);
    expect(await fresh('planned').countDocuments({ even: null })).toBe(300);
    expect(
      await fresh('planned')
        .find({ even: { $gte: 0 } })
        .hint('even_1')
        .toArray(),
    ).toHaveLength(300);
    expect(await fresh('planned').find().hint('even_1').toArray()).toHaveLength(300);
  });

  test('a hint must name an index', async () => {
    await expect(fresh('planned').find().hint('nothing').toArray()).rejects.toMatchObject({ code: 2 });
  });

  test('a document of a multikey index comes once', async () => {
    const found = await fresh('planned')
      .find({ tags: { $in: [0, 1, 2, 3, 4] } })
      .toArray();
    expect(new Set(found.map(({ _id }) => _id)).size).toBe(found.length);
    expect(found).toHaveLength(600);
  });
});

test('queries answer the same with and without indexes', { timeout: 60_000 }, async () => {
  const value = fc.oneof(
    fc.integer({ min: -2, max: 3 }),
    fc.constantFrom<unknown>(null, 'a', 'b', true, 1.5, []),
    fc.array(fc.integer({ min: -2, max: 3 }), { maxLength: 3 }),
    fc.record({ c: fc.integer({ min: 0, max: 2 }) }),
  );
  const doc = fc.record({ a: value, b: value }, { requiredKeys: [] });
  const condition = fc.oneof(
    value,
    fc.record({ $gt: fc.integer({ min: -2, max: 3 }) }),
    fc.record({ $gte: fc.integer({ min: -2, max: 3 }), $lt: fc.integer({ min: -1, max: 4 }) }),
    fc.record({ $in: fc.array(value, { maxLength: 3 }) }),
    fc.record({ $ne: value }),
    fc.record({ $exists: fc.boolean() }),
  );
  const filter = fc.record(
    { a: condition, b: condition, 'a.c': fc.integer({ min: 0, max: 2 }) },
    { requiredKeys: [] },
  );
  const sort = fc.constantFrom<Document>(
    {},
    { a: 1 },
    { a: -1, _id: 1 },
    { b: 1, a: -1, _id: 1 },
    { _id: -1 },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(doc, { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(filter, sort), { minLength: 3, maxLength: 6 }),
      async (docs, queries) => {
        const numbered = docs.map((each, _id) => ({ _id, ...each }));
        const [plain, indexed] = [`plain${String(run)}`, `indexed${String(run++)}`].map(fresh);
        if (plain === undefined || indexed === undefined) return;
        // Two arrays in one document cannot be indexed together.
        const parallel = numbered.some(({ a, b }) => Array.isArray(a) && Array.isArray(b));
        await plain.insertMany(numbered);
        await indexed.createIndexes([
          { key: { a: 1 } },
          { key: { 'a.c': -1 } },
          { key: { b: 1 }, sparse: true },
          ...(parallel ? [] : [{ key: { a: -1, b: 1 } } as const]),
        ]);
        await indexed.insertMany(numbered);
        for (const [query, order] of queries) {
          if (parallel && 'a' in order && 'b' in order) continue;
          const [expected, found] = await Promise.all(
            [plain, indexed].map((each) =>
              each
                .find(query as never)
                .sort(order as never)
                .toArray(),
            ),
          );
          const byId = (list: Numbered[] | undefined) =>
            '_id' in order ? list?.map(({ _id }) => _id) : list?.map(({ _id }) => _id).sort((x, y) => x - y);
          expect(byId(found)).toEqual(byId(expected));
          expect(await indexed.countDocuments(query as never)).toBe(expected?.length);
          expect((await server.db.command({ count: `indexed${String(run - 1)}`, query })).n).toBe(
            expected?.length,
          );
        }
        await Promise.all([plain.drop(), indexed.drop()]);
      },
    ),
    { numRuns: 60 },
  );
});
