// Pipelines: every stage and accumulator that a view or a report would use, with the results that the manual's pages of the
// aggregation stages and accumulators describe. Expressions have a file of their own.
import { Decimal128, Double, Long, type Document } from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, errorCode, exactly, itHolds } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('aggregation');

/** The sentence, the documents, the pipeline, the documents that come out. */
type Case = readonly [string, readonly Document[], Document[], readonly Document[]];

const orders = [
  { _id: 1, item: 'pen', price: 2, quantity: 10, tags: ['a', 'b'] },
  { _id: 2, item: 'ink', price: 5, quantity: 1, tags: ['b'] },
  { _id: 3, item: 'pen', price: 2, quantity: 5, tags: [] },
  { _id: 4, item: 'pad', price: 3, quantity: 7 },
];
const byId = { $sort: { _id: 1 } };

const stages: readonly Case[] = [
  ['an empty pipeline answers all', [{ _id: 1 }], [], [{ _id: 1 }]],
  [
    '$match filters as find',
    orders,
    [{ $match: { price: { $gt: 2 } } }, byId, { $project: { _id: 1 } }],
    [{ _id: 2 }, { _id: 4 }],
  ],
  [
    '$sort, $skip, $limit',
    orders,
    [{ $sort: { price: -1, _id: 1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { item: 1 } }],
    [
      { _id: 4, item: 'pad' },
      { _id: 1, item: 'pen' },
    ],
  ],
  [
    '$project computes',
    orders,
    [byId, { $limit: 1 }, { $project: { _id: 0, total: { $multiply: ['$price', '$quantity'] } } }],
    [{ total: 20 }],
  ],
  [
    '$project excludes',
    [{ _id: 1, a: 1, b: { c: 1, d: 2 } }],
    [{ $project: { a: 0, 'b.c': 0 } }],
    [{ _id: 1, b: { d: 2 } }],
  ],
  ['$project renames by path', [{ _id: 1, a: { b: 1 } }], [{ $project: { c: '$a.b' } }], [{ _id: 1, c: 1 }]],
  [
    '$project of a missing path leaves the field out',
    [{ _id: 1 }],
    [{ $project: { c: '$a.b' } }],
    [{ _id: 1 }],
  ],
  [
    '$project with $$REMOVE',
    [{ _id: 1, a: 1 }],
    [{ $project: { a: { $cond: [true, '$$REMOVE', 1] } } }],
    [{ _id: 1 }],
  ],
  [
    '$addFields keeps the rest',
    [{ _id: 1, a: 1 }],
    [{ $addFields: { b: { $add: ['$a', 1] } } }],
    [{ _id: 1, a: 1, b: 2 }],
  ],
  [
    '$set is $addFields',
    [{ _id: 1, a: 1 }],
    [{ $set: { a: 'x', 'c.d': 2 } }],
    [{ _id: 1, a: 'x', c: { d: 2 } }],
  ],
  [
    '$set below an array goes into each document',
    [{ _id: 1, a: [{ b: 1 }, { b: 2 }] }],
    [{ $set: { 'a.c': 0 } }],
    [
      {
        _id: 1,
        a: [
          { b: 1, c: 0 },
          { b: 2, c: 0 },
        ],
      },
    ],
  ],
  ['$unset with one name', [{ _id: 1, a: 1, b: 2 }], [{ $unset: 'a' }], [{ _id: 1, b: 2 }]],
  [
    '$unset with several paths',
    [{ _id: 1, a: { b: 1, c: 2 }, d: 3 }],
    [{ $unset: ['a.b', 'd'] }],
    [{ _id: 1, a: { c: 2 } }],
  ],
  ['$count', orders, [{ $match: { item: 'pen' } }, { $count: 'n' }], [{ n: 2 }]],
  ['$count of nothing answers nothing', [], [{ $count: 'n' }], []],
  [
    '$unwind makes a document of each element',
    orders,
    [byId, { $unwind: '$tags' }, { $project: { tags: 1 } }],
    [
      { _id: 1, tags: 'a' },
      { _id: 1, tags: 'b' },
      { _id: 2, tags: 'b' },
    ],
  ],
  [
    '$unwind keeps empty ones when told',
    orders,
    [byId, { $unwind: { path: '$tags', preserveNullAndEmptyArrays: true } }, { $project: { tags: 1 } }],
    [{ _id: 1, tags: 'a' }, { _id: 1, tags: 'b' }, { _id: 2, tags: 'b' }, { _id: 3 }, { _id: 4 }],
  ],
  [
    '$unwind with the index',
    [{ _id: 1, a: ['x', 'y'] }],
    [{ $unwind: { path: '$a', includeArrayIndex: 'i' } }],
    [
      { _id: 1, a: 'x', i: Long.fromNumber(0) },
      { _id: 1, a: 'y', i: Long.fromNumber(1) },
    ],
  ],
  [
    '$unwind of a plain value keeps it',
    [
      { _id: 1, a: 5 },
      { _id: 2, a: null },
    ],
    [{ $unwind: '$a' }],
    [{ _id: 1, a: 5 }],
  ],
  [
    '$unwind of a nested array',
    [{ _id: 1, a: { b: [1, 2] } }],
    [{ $unwind: '$a.b' }],
    [
      { _id: 1, a: { b: 1 } },
      { _id: 1, a: { b: 2 } },
    ],
  ],
  ['$replaceRoot', [{ _id: 1, a: { x: 1 } }], [{ $replaceRoot: { newRoot: '$a' } }], [{ x: 1 }]],
  [
    '$replaceWith merges',
    [{ _id: 1, a: { x: 1 } }],
    [{ $replaceWith: { $mergeObjects: [{ y: 0 }, '$a'] } }],
    [{ y: 0, x: 1 }],
  ],
  ['$sortByCount', orders, [{ $sortByCount: '$item' }, { $limit: 1 }], [{ _id: 'pen', count: 2 }]],
  [
    '$facet runs several pipelines',
    orders,
    [{ $facet: { n: [{ $count: 'n' }], first: [byId, { $limit: 1 }, { $project: { _id: 1 } }] } }],
    [{ n: [{ n: 4 }], first: [{ _id: 1 }] }],
  ],
  [
    '$bucket',
    orders,
    [{ $bucket: { groupBy: '$price', boundaries: [0, 3, 5], default: 'more', output: { n: { $sum: 1 } } } }],
    [
      { _id: 0, n: 2 },
      { _id: 3, n: 1 },
      { _id: 'more', n: 1 },
    ],
  ],
  ['$sample of more than there is answers all', [{ _id: 1 }], [{ $sample: { size: 5 } }], [{ _id: 1 }]],
  [
    '$redact prunes and keeps',
    [
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ],
    [{ $redact: { $cond: [{ $eq: ['$a', 1] }, '$$KEEP', '$$PRUNE'] } }],
    [{ _id: 1, a: 1 }],
  ],
];

const one = (group: Document): Document[] => [{ $group: { _id: null, ...group } }, { $project: { _id: 0 } }];
const values = (...list: unknown[]): Document[] => list.map((a, _id) => ({ _id, a }));

const groups: readonly Case[] = [
  [
    '$group by a field',
    orders,
    [{ $group: { _id: '$item', total: { $sum: { $multiply: ['$price', '$quantity'] } } } }, byId],
    [
      { _id: 'ink', total: 5 },
      { _id: 'pad', total: 21 },
      { _id: 'pen', total: 30 },
    ],
  ],
  [
    '$group by a document of expressions',
    orders,
    [{ $match: { _id: { $lte: 2 } } }, { $group: { _id: { i: '$item', p: '$price' } } }, byId],
    [{ _id: { i: 'ink', p: 5 } }, { _id: { i: 'pen', p: 2 } }],
  ],
  ['$group by null is one group', orders, [{ $group: { _id: null, n: { $sum: 1 } } }], [{ _id: null, n: 4 }]],
  ['$group of nothing answers nothing', [], [{ $group: { _id: null, n: { $sum: 1 } } }], []],
  [
    '$group joins missing with null',
    [{ _id: 1 }, { _id: 2, a: null }],
    [{ $group: { _id: '$a', n: { $sum: 1 } } }],
    [{ _id: null, n: 2 }],
  ],
  [
    '$group joins equal numbers of other types',
    values(1, new Double(1), Long.fromNumber(1)),
    [{ $group: { _id: '$a', n: { $sum: 1 } } }, { $project: { _id: 0 } }],
    [{ n: 3 }],
  ],
  ['$sum leaves out what is no number', values(1, 'x', null, 2.5), one({ r: { $sum: '$a' } }), [{ r: 3.5 }]],
  ['$sum of ints stays an int', values(1, 2), one({ r: { $sum: '$a' } }), [{ r: 3 }]],
  [
    '$sum past an int is a long',
    values(2147483647, 1),
    one({ r: { $sum: '$a' } }),
    [{ r: Long.fromNumber(2147483648) }],
  ],
  [
    '$sum with a decimal is a decimal',
    values(1, Decimal128.fromString('0.1')),
    one({ r: { $sum: '$a' } }),
    [{ r: Decimal128.fromString('1.1') }],
  ],
  ['$sum of nothing is 0', values('x'), one({ r: { $sum: '$a' } }), [{ r: 0 }]],
  ['$avg is a double', values(1, 2), one({ r: { $avg: '$a' } }), [{ r: 1.5 }]],
  [
    '$avg of ints is a double even when whole',
    values(1, 3),
    one({ r: { $avg: '$a' } }),
    [{ r: new Double(2) }],
  ],
  ['$avg of nothing is null', values('x'), one({ r: { $avg: '$a' } }), [{ r: null }]],
  [
    '$min and $max leave out null and missing',
    [{ _id: 1, a: 5 }, { _id: 2, a: null }, { _id: 3 }, { _id: 4, a: 2 }],
    one({ l: { $min: '$a' }, h: { $max: '$a' } }),
    [{ l: 2, h: 5 }],
  ],
  [
    '$min and $max compare across types',
    values('x', 3, true),
    one({ l: { $min: '$a' }, h: { $max: '$a' } }),
    [{ l: 3, h: true }],
  ],
  [
    '$first and $last follow the sort',
    orders,
    [{ $sort: { quantity: 1 } }, ...one({ f: { $first: '$quantity' }, l: { $last: '$quantity' } })],
    [{ f: 1, l: 10 }],
  ],
  ['$first of a missing field is null', [{ _id: 1 }], one({ r: { $first: '$a' } }), [{ r: null }]],
  [
    '$push keeps order and leaves out missing',
    [{ _id: 1, a: 2 }, { _id: 2 }, { _id: 3, a: 1 }],
    [byId, ...one({ r: { $push: '$a' } })],
    [{ r: [2, 1] }],
  ],
  [
    '$push of documents',
    values(1, 2),
    [byId, ...one({ r: { $push: { v: '$a' } } })],
    [{ r: [{ v: 1 }, { v: 2 }] }],
  ],
  [
    '$addToSet joins equal values',
    values(1, 1, new Double(1)),
    one({ r: { $addToSet: '$a' } }),
    [{ r: [1] }],
  ],
  ['$count as an accumulator', values(1, 2), one({ r: { $count: {} } }), [{ r: 2 }]],
  [
    '$mergeObjects',
    values({ x: 1, y: 1 }, { y: 2 }),
    [byId, ...one({ r: { $mergeObjects: '$a' } })],
    [{ r: { x: 1, y: 2 } }],
  ],
  ['$stdDevPop', values(2, 4), one({ r: { $stdDevPop: '$a' } }), [{ r: new Double(1) }]],
  ['$stdDevSamp of one is null', values(2), one({ r: { $stdDevSamp: '$a' } }), [{ r: null }]],
  ['$firstN', values(3, 1, 2), [byId, ...one({ r: { $firstN: { input: '$a', n: 2 } } })], [{ r: [3, 1] }]],
  ['$lastN', values(3, 1, 2), [byId, ...one({ r: { $lastN: { input: '$a', n: 2 } } })], [{ r: [1, 2] }]],
  ['$minN', values(3, 1, 2), one({ r: { $minN: { input: '$a', n: 2 } } }), [{ r: [1, 2] }]],
  ['$maxN', values(3, 1, 2), one({ r: { $maxN: { input: '$a', n: 2 } } }), [{ r: [3, 2] }]],
  ['$top', values(3, 1, 2), one({ r: { $top: { sortBy: { a: -1 }, output: '$a' } } }), [{ r: 3 }]],
  [
    '$bottomN',
    values(3, 1, 2),
    one({ r: { $bottomN: { n: 2, sortBy: { a: -1 }, output: '$a' } } }),
    [{ r: [2, 1] }],
  ],
];

/** Two codes where MongoDB's releases differ. */
const refused: readonly (readonly [string, Document[], ...number[]])[] = [
  ['an unknown stage', [{ $what: {} }], 40324],
  ['a stage with two fields', [{ $match: {}, $limit: 1 }], 40323],
  ['$group without _id', [{ $group: { n: { $sum: 1 } } }], 15955],
  ['an unknown accumulator', [{ $group: { _id: null, n: { $what: 1 } } }], 15952],
  ['$group with a plain value', [{ $group: { _id: null, n: 1 } }], 40234],
  ['an unknown expression', [{ $project: { a: { $what: 1 } } }], 31325],
  ['an unknown expression in $addFields', [{ $addFields: { a: { $what: 1 } } }], 168],
  ['$limit 0', [{ $limit: 0 }], 15958],
  ['a negative $skip', [{ $skip: -1 }], 5107200],
  ['$unwind without a dollar', [{ $unwind: 'a' }], 28818],
  ['$count with an empty name', [{ $count: '' }], 40157],
  ['$replaceRoot by a plain value', [{ $replaceRoot: { newRoot: '$_id' } }], 40228],
  ['$project with nothing', [{ $project: {} }], 51272],
  ['$sort with nothing', [{ $sort: {} }], 15976],
  ['$match without a document', [{ $match: 1 }], 15959],
  ['$divide by zero', [{ $project: { r: { $divide: [1, 0] } } }], 2, 16608],
  ['$add of a string', [{ $project: { r: { $add: ['x', 1] } } }], 14, 16554],
  [
    '$multiply of no number by what is missing',
    [{ $project: { r: { $multiply: ['x', '$no'] } } }],
    14,
    16555,
  ],
  ['an undefined variable', [{ $project: { r: '$$nothing' } }], 17276],
  ['a change stream on a standalone server', [{ $changeStream: {} }], 40573],
];

describe.each(servers)('on $product', (server) => {
  const { db } = server;
  const tables: Record<string, readonly Case[]> = { stages, groups };
  describe.each(Object.entries(tables))('%s', (_, cases) => {
    for (const [says, documents, pipeline, wanted] of cases)
      itHolds(server, 'aggregation', says, async () => {
        const name = await collectionOf(db, documents);
        const found = await documentsFrom(db, { aggregate: name, pipeline, cursor: {} });
        expect(exactly(found)).toBe(exactly(wanted));
      });
  });

  describe('refuses', () => {
    for (const [says, pipeline, ...codes] of refused)
      itHolds(server, 'aggregation refused', says, async () => {
        const name = await collectionOf(db, [{ _id: 1 }]);
        expect(codes).toContain(
          await errorCode(documentsFrom(db, { aggregate: name, pipeline, cursor: {} })),
        );
      });
  });

  describe('across collections', () => {
    const lines = [{ _id: 1, item: 'pen' }, { _id: 2, item: 'ink' }, { _id: 3 }];
    const items = [
      { _id: 'pen', price: 2 },
      { _id: 'ink', price: 5 },
      { _id: null, price: 0 },
    ];
    itHolds(server, 'aggregation', '$lookup by equality, with missing as null', async () => {
      // Not by _id: the driver gives a document whose _id is null another one.
      const named = items.map(({ _id, price }) => ({ name: _id, price }));
      const from = await collectionOf(db, named);
      const name = await collectionOf(db, lines);
      const lookup = { from, localField: 'item', foreignField: 'name', as: 'found' };
      const pipeline = [{ $lookup: lookup }, byId, { $project: { price: '$found.price' } }];
      const found = await documentsFrom(db, { aggregate: name, pipeline, cursor: {} });
      expect(exactly(found)).toBe(
        exactly([
          { _id: 1, price: [2] },
          { _id: 2, price: [5] },
          { _id: 3, price: [0] },
        ]),
      );
    });
    itHolds(server, 'aggregation', '$lookup with a pipeline and variables', async () => {
      const from = await collectionOf(db, items);
      const name = await collectionOf(db, lines);
      const pipeline = [
        byId,
        { $limit: 1 },
        {
          $lookup: {
            from,
            let: { i: '$item' },
            pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$i'] } } }, { $project: { _id: 0 } }],
            as: 'found',
          },
        },
      ];
      const found = await documentsFrom(db, { aggregate: name, pipeline, cursor: {} });
      expect(exactly(found)).toBe(exactly([{ _id: 1, item: 'pen', found: [{ price: 2 }] }]));
    });
    itHolds(server, 'aggregation', '$unionWith', async () => {
      const from = await collectionOf(db, [{ _id: 9 }]);
      const name = await collectionOf(db, [{ _id: 1 }]);
      const found = await documentsFrom(db, {
        aggregate: name,
        pipeline: [{ $unionWith: from }, byId],
        cursor: {},
      });
      expect(exactly(found)).toBe(exactly([{ _id: 1 }, { _id: 9 }]));
    });
    itHolds(server, 'aggregation', '$out replaces a collection', async () => {
      const into = await collectionOf(db, [{ _id: 9 }]);
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.command({ aggregate: name, pipeline: [{ $out: into }], cursor: {} });
      expect(exactly(await documentsFrom(db, { find: into }))).toBe(exactly([{ _id: 1 }]));
    });
    itHolds(server, 'aggregation', '$merge adds and replaces', async () => {
      const into = await collectionOf(db, [{ _id: 1, a: 0, b: 0 }, { _id: 2 }]);
      const name = await collectionOf(db, [{ _id: 1, a: 1 }, { _id: 3 }]);
      await db.command({ aggregate: name, pipeline: [{ $merge: { into } }], cursor: {} });
      const found = await documentsFrom(db, { find: into, sort: { _id: 1 } });
      expect(exactly(found)).toBe(exactly([{ _id: 1, a: 1, b: 0 }, { _id: 2 }, { _id: 3 }]));
    });
  });

  itHolds(server, 'aggregation', 'a pipeline on a collection that is not there', async () => {
    expect(await documentsFrom(db, { aggregate: 'nowhere', pipeline: [{ $match: {} }], cursor: {} })).toEqual(
      [],
    );
  });
  itHolds(server, 'aggregation', 'the cursor of a pipeline goes on', async () => {
    const name = await collectionOf(
      db,
      Array.from({ length: 250 }, (_, _id) => ({ _id })),
    );
    const found = await db.collection(name).aggregate([byId], { batchSize: 100 }).toArray();
    expect(found).toHaveLength(250);
  });
});
