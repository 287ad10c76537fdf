import * as bson from 'bson';
import { describe, expect, it } from 'vitest';
import { doc } from '../documents/testing.ts';
import { encodeDocument } from '../documents/write.ts';
import { compileFilter } from '../query/filter.ts';
import { compilePipeline, splitPipeline } from './pipeline.ts';
import type { PipelineContext } from './pipeline.ts';

type Plain = bson.Document;

const others: Record<string, Plain[]> = {
  items: [
    { _id: 1, sku: 'a', qty: 5, parent: null },
    { _id: 2, sku: 'b', qty: 7, parent: 1 },
    { _id: 3, sku: 'c', qty: 9, parent: 2 },
    { _id: 4, qty: 0, parent: 9 },
  ],
};

const context: PipelineContext = {
  database: 'shop',
  find: (_database, name, filter) => {
    const { matches } = compileFilter(filter);
    return (others[name] ?? []).map(doc).filter(matches);
  },
};

function run(docs: readonly Plain[], ...stages: Plain[]): Plain[] {
  const pipeline = compilePipeline(stages.map(doc), context);
  return Array.from(pipeline.run(docs.map(doc)), (each) => bson.deserialize(encodeDocument(each)));
}

const sales = [
  { _id: 1, city: 'Lyon', amount: 10, tags: ['x', 'y'] },
  { _id: 2, city: 'Paris', amount: 5, tags: [] },
  { _id: 3, city: 'Lyon', amount: 2.5, tags: ['x'] },
  { _id: 4, amount: 1 },
];

describe('a pipeline', () => {
  it.each<[string, Plain[], Plain[]]>([
    [
      '$match, $sort, $skip and $limit',
      [
        { $match: { amount: { $gt: 1 } } },
        { $sort: { amount: 1 } },
        { $skip: 1 },
        { $limit: 1 },
        { $project: { amount: 1 } },
      ],
      [{ _id: 2, amount: 5 }],
    ],
    [
      '$group by a field, missing as null',
      [
        {
          $group: {
            _id: '$city',
            total: { $sum: '$amount' },
            n: { $count: {} },
            first: { $first: '$_id' },
            ids: { $push: '$_id' },
          },
        },
      ],
      [
        { _id: 'Lyon', total: 12.5, n: 2, first: 1, ids: [1, 3] },
        { _id: 'Paris', total: 5, n: 1, first: 2, ids: [2] },
        { _id: null, total: 1, n: 1, first: 4, ids: [4] },
      ],
    ],
    [
      '$group of all, with the other accumulators',
      [
        {
          $group: {
            _id: null,
            avg: { $avg: '$amount' },
            min: { $min: '$amount' },
            max: { $max: '$city' },
            set: { $addToSet: '$city' },
            top: { $top: { sortBy: { amount: -1 }, output: '$_id' } },
            two: { $bottomN: { n: 2, sortBy: { amount: -1 }, output: '$amount' } },
            big: { $maxN: { n: 2, input: '$amount' } },
            dev: { $stdDevPop: { $literal: 3 } },
          },
        },
      ],
      [
        {
          _id: null,
          avg: 4.625,
          min: 1,
          max: 'Paris',
          set: ['Lyon', 'Paris'],
          top: 1,
          two: [2.5, 1],
          big: [10, 5],
          dev: 0,
        },
      ],
    ],
    [
      '$group by a document',
      [{ $group: { _id: { c: '$city', big: { $gte: ['$amount', 5] } } } }, { $sort: { _id: 1 } }],
      [
        { _id: { c: 'Lyon', big: false } },
        { _id: { c: 'Lyon', big: true } },
        { _id: { c: 'Paris', big: true } },
        { _id: { big: false } },
      ],
    ],
    [
      '$unwind',
      [{ $unwind: '$tags' }, { $project: { tags: 1 } }],
      [
        { _id: 1, tags: 'x' },
        { _id: 1, tags: 'y' },
        { _id: 3, tags: 'x' },
      ],
    ],
    [
      '$unwind that keeps, with the index',
      [
        { $unwind: { path: '$tags', includeArrayIndex: 'at', preserveNullAndEmptyArrays: true } },
        { $project: { tags: 1, at: 1 } },
      ],
      [
        { _id: 1, tags: 'x', at: 0 },
        { _id: 1, tags: 'y', at: 1 },
        { _id: 2, at: null },
        { _id: 3, tags: 'x', at: 0 },
        { _id: 4, at: null },
      ],
    ],
    [
      '$addFields sets, replaces, removes',
      [{ $limit: 1 }, { $addFields: { 'a.b': '$amount', city: '$$REMOVE', tags: { $size: '$tags' } } }],
      [{ _id: 1, amount: 10, tags: 2, a: { b: 10 } }],
    ],
    ['$unset', [{ $limit: 1 }, { $unset: ['city', 'tags'] }], [{ _id: 1, amount: 10 }]],
    ['$replaceRoot', [{ $limit: 1 }, { $replaceRoot: { newRoot: { x: '$city' } } }], [{ x: 'Lyon' }]],
    ['$count', [{ $match: { city: 'Lyon' } }, { $count: 'n' }], [{ n: 2 }]],
    ['$count of nothing', [{ $match: { city: 'Nice' } }, { $count: 'n' }], []],
    [
      '$sortByCount',
      [{ $match: { city: { $ne: null } } }, { $sortByCount: '$city' }],
      [
        { _id: 'Lyon', count: 2 },
        { _id: 'Paris', count: 1 },
      ],
    ],
    [
      '$facet',
      [
        {
          $facet: {
            n: [{ $count: 'n' }],
            max: [{ $sort: { amount: -1 } }, { $limit: 1 }, { $project: { amount: 1 } }],
          },
        },
      ],
      [{ n: [{ n: 4 }], max: [{ _id: 1, amount: 10 }] }],
    ],
    [
      '$bucket',
      [
        {
          $bucket: { groupBy: '$amount', boundaries: [0, 3, 6], default: 'more', output: { n: { $sum: 1 } } },
        },
      ],
      [
        { _id: 0, n: 2 },
        { _id: 3, n: 1 },
        { _id: 'more', n: 1 },
      ],
    ],
    [
      '$bucketAuto',
      [{ $bucketAuto: { groupBy: '$amount', buckets: 2 } }],
      [
        { _id: { min: 1, max: 5 }, count: 2 },
        { _id: { min: 5, max: 10 }, count: 2 },
      ],
    ],
    [
      '$unionWith',
      [
        { $limit: 1 },
        { $unionWith: { coll: 'items', pipeline: [{ $match: { qty: 9 } }] } },
        { $project: { _id: 1 } },
      ],
      [{ _id: 1 }, { _id: 3 }],
    ],
    [
      '$redact',
      [{ $redact: { $cond: [{ $eq: ['$city', 'Paris'] }, '$$KEEP', '$$PRUNE'] } }],
      [sales[1] ?? {}],
    ],
    [
      '$match with $expr',
      [{ $match: { $expr: { $eq: [{ $size: { $ifNull: ['$tags', []] } }, 2] } } }, { $project: { _id: 1 } }],
      [{ _id: 1 }],
    ],
  ])('%s', (_name, stages, expected) => {
    expect(run(sales, ...stages)).toEqual(expected);
  });

  it('joins by fields, also through arrays and for what is missing', () => {
    const stage = { $lookup: { from: 'items', localField: 'item', foreignField: 'sku', as: 'found' } };
    const found = run([{ item: 'a' }, { item: ['b', 'c'] }, {}, { item: 'z' }], stage);
    expect(found.map((each) => (each.found as { _id: unknown }[]).map(({ _id }) => _id))).toEqual([
      [1],
      [2, 3],
      [4],
      [],
    ]);
  });

  it('joins by a pipeline with variables', () => {
    const stage = {
      $lookup: {
        from: 'items',
        let: { min: '$min' },
        pipeline: [{ $match: { $expr: { $gt: ['$qty', '$$min'] } } }, { $project: { _id: 1 } }],
        as: 'x.found',
      },
    };
    expect(run([{ min: 6 }, { min: 8 }], stage)).toEqual([
      { min: 6, x: { found: [{ _id: 2 }, { _id: 3 }] } },
      { min: 8, x: { found: [{ _id: 3 }] } },
    ]);
  });

  it('joins by fields and a pipeline', () => {
    const stage = {
      $lookup: {
        from: 'items',
        localField: 'i',
        foreignField: 'sku',
        pipeline: [{ $match: { qty: { $gt: 5 } } }],
        as: 'f',
      },
    };
    expect(run([{ i: ['a', 'b'] }], stage)).toEqual([
      { i: ['a', 'b'], f: [{ _id: 2, sku: 'b', qty: 7, parent: 1 }] },
    ]);
  });

  it('follows a graph', () => {
    const stage = {
      $graphLookup: {
        from: 'items',
        startWith: '$_id',
        connectFromField: '_id',
        connectToField: 'parent',
        as: 'below',
        depthField: 'depth',
      },
    };
    const [top] = run([{ _id: 1 }], stage);
    expect(top?.below).toEqual([
      { _id: 2, sku: 'b', qty: 7, parent: 1, depth: 0 },
      { _id: 3, sku: 'c', qty: 9, parent: 2, depth: 1 },
    ]);
  });

  it('asks for no more than it needs', () => {
    let asked = 0;
    function* endless() {
      for (;;) yield doc({ n: asked++ });
    }
    const pipeline = compilePipeline([doc({ $match: { n: { $gte: 2 } } }), doc({ $limit: 3 })], context);
    expect([...pipeline.run(endless())]).toHaveLength(3);
    expect(asked).toBe(5);
  });

  it('hands its last stage back when that writes', () => {
    expect(compilePipeline([doc({ $out: 'copy' })], context).sink).toMatchObject({
      stage: '$out',
      database: 'shop',
      collection: 'copy',
    });
    const { sink } = compilePipeline(
      [doc({ $merge: { into: { db: 'other', coll: 'c' }, on: 'sku', whenNotMatched: 'discard' } })],
      context,
    );
    expect(sink).toMatchObject({
      database: 'other',
      collection: 'c',
      on: ['sku'],
      whenMatched: 'merge',
      whenNotMatched: 'discard',
    });
  });

  it('is split where a find would end', () => {
    const stages = [
      { $match: { a: 1 } },
      { $match: { b: 2 } },
      { $sort: { c: 1 } },
      { $skip: 2 },
      { $limit: 3 },
      { $count: 'n' },
    ].map(doc);
    expect(splitPipeline(stages)).toEqual({
      filter: doc({ $and: [{ a: 1 }, { b: 2 }] }),
      sort: doc({ c: 1 }),
      skip: 2,
      limit: 3,
      rest: stages.slice(5),
    });
    expect(splitPipeline([{ $limit: 3 }, { $skip: 2 }].map(doc))).toMatchObject({
      limit: 3,
      rest: [doc({ $skip: 2 })],
    });
    expect(splitPipeline([doc({ $limit: -1 })]).rest).toHaveLength(1);
  });

  it.each<[Plain[], number]>([
    [[{ $nothing: 1 }], 40324],
    [[{ $match: {}, $limit: 1 }], 40323],
    [[{ $limit: 0 }], 15958],
    [[{ $limit: -1 }], 5107201],
    [[{ $skip: 'x' }], 5107200],
    [[{ $group: { n: { $sum: 1 } } }], 15955],
    [[{ $group: { _id: 1, n: { $nope: 1 } } }], 15952],
    [[{ $group: { _id: 1, n: 1 } }], 40234],
    [[{ $unwind: 'tags' }], 28818],
    [[{ $sort: {} }], 15976],
    [[{ $project: {} }], 51272],
    [[{ $out: 'a' }, { $limit: 1 }], 40601],
    [[{ $facet: { a: [{ $out: 'x' }] } }], 40600],
    [[{ $setWindowFields: {} }], 238],
    [[{ $changeStream: {} }], 40573],
    [[{ $replaceWith: '$city' }], 40228],
    [[{ $lookup: { from: 'items', as: 'x' } }], 9],
    [[{ $bucket: { groupBy: '$amount', boundaries: [0, 1] } }], 40066],
  ])('%j fails with %i', (stages, code) => {
    expect(() => run(sales, ...stages)).toThrow(expect.objectContaining({ code }));
  });
});
