import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexKeys } from '../documents/index-keys.ts';
import { doc, numbers, values } from '../documents/testing.ts';
import { bsonUndefined, docOf, int32 } from '../documents/value.ts';
import { indexRanges } from './bounds.ts';
import { compileFilter } from './filter.ts';
import type { IndexPattern } from '../documents/index-keys.ts';
import type { Doc, Value } from '../documents/value.ts';

/** Which of some values of `a` a filter matches; undefined leaves `a` out. */
function matching(filter: bson.Document, candidates: readonly unknown[]): unknown[] {
  const { matches } = compileFilter(doc(filter));
  return candidates.filter((a) => matches(doc(a === undefined ? {} : { a })));
}

const { Long, Double, Decimal128, MinKey, MaxKey, BSONRegExp } = bson;

describe('a filter', () => {
  const one = [1, new Double(1), Long.fromNumber(1), Decimal128.fromString('1.0')];
  it.each<[string, bson.Document, unknown[], unknown[]]>([
    ['equality looks at numbers of all types', { a: 1 }, one, [2, '1', true, null, undefined]],
    [
      'equality finds an element of an array, and a whole array',
      { a: [1, 2] },
      [
        [1, 2],
        [[1, 2], 3],
      ],
      [[2, 1], 1, [1, 2, 3]],
    ],
    [
      'equality of documents minds the order of fields',
      { a: { x: 1, y: 2 } },
      [{ x: 1, y: 2 }, [{ x: 1, y: 2 }]],
      [{ y: 2, x: 1 }, { x: 1 }],
    ],
    ['null is also missing', { a: null }, [null, undefined, [null]], [0, '', [], {}, false]],
    ['comparison stays within a type', { a: { $gt: 5 } }, [6, 5.5, [1, 6]], [5, '6', null, [5], new Date(9)]],
    ['conditions may be fulfilled by different elements', { a: { $gt: 5, $lt: 3 } }, [[2, 6]], [[4], 6]],
    [
      '$elemMatch wants one element for all',
      { a: { $elemMatch: { $gt: 2, $lt: 5 } } },
      [[3], [1, 4]],
      [3, [1, 6], [[3]]],
    ],
    ['NaN equals itself only', { a: { $gte: NaN } }, [NaN, [NaN]], [0, Infinity, -Infinity, null]],
    ['no number is beside NaN', { a: { $lt: 5 } }, [4, -Infinity], [NaN, 5]],
    ['$gte null is equality', { a: { $gte: null } }, [null, undefined], [0, []]],
    ['$gt null is nothing', { a: { $gt: null } }, [], [null, undefined, 0]],
    [
      'MaxKey is above everything',
      { a: { $lt: new MaxKey() } },
      [1, 'x', null, undefined, new MinKey()],
      [new MaxKey()],
    ],
    [
      '$in takes values, null and patterns',
      { a: { $in: [1, null, /^x/] } },
      [1, null, undefined, 'xy', ['xz']],
      [2, 'yx'],
    ],
    ['$nin is the opposite', { a: { $nin: [1, null] } }, [2, 'x', []], [1, [1, 2], null, undefined]],
    ['$ne speaks of all elements', { a: { $ne: 1 } }, [2, undefined, [2]], [1, [1, 2]]],
    [
      '$not is the opposite of what is there, also of a missing field',
      { a: { $not: { $gt: 5 } } },
      [5, 'x', undefined, [1]],
      [6, [1, 6]],
    ],
    ['$not takes a pattern', { a: { $not: /x/ } }, ['y', 1, undefined], ['x', ['x', 'y']]],
    ['$exists', { a: { $exists: true } }, [null, 0, []], [undefined]],
    ['$exists false', { a: { $exists: 0 } }, [undefined], [null, 0]],
    [
      '$type by number, alias and list',
      { a: { $type: ['string', 16] } },
      ['x', 1, ['x'], [1]],
      [1.5, null, true],
    ],
    [
      '$type number',
      { a: { $type: 'number' } },
      [1, 1.5, Long.fromNumber(1), Decimal128.fromString('1')],
      ['1', null],
    ],
    ['$type array looks at the field itself', { a: { $type: 'array' } }, [[], [1]], [1, {}]],
    [
      '$size',
      { a: { $size: 2 } },
      [
        [1, 2],
        [[], []],
      ],
      [[1], [], 2, 'ab'],
    ],
    [
      '$all',
      { a: { $all: [1, 2] } },
      [
        [1, 2, 3],
        [2, 1],
      ],
      [[1], 1, []],
    ],
    ['$all of one value is equality', { a: { $all: [[1]] } }, [[1], [[1]]], [1]],
    [
      '$all with $elemMatch',
      { a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: 2 } }] } },
      [[{ x: 1 }, { x: 2 }]],
      [[{ x: 1 }]],
    ],
    ['$all of nothing', { a: { $all: [] } }, [], [[], 1]],
    [
      '$mod cuts fractions off',
      { a: { $mod: [4, 0] } },
      [0, 8, 4.9, -4, Long.fromNumber(12)],
      [5, '4', NaN, Infinity],
    ],
    ['$mod has the sign of the dividend', { a: { $mod: [4, -1] } }, [-5, -1.9], [3, 5]],
    ['$regex', { a: { $regex: 'B', $options: 'i' } }, ['abc', ['x', 'b']], ['x', 1]],
    ['x ignores blanks and comments', { a: { $regex: 'a b # tail', $options: 'x' } }, ['ab'], ['a b']],
    ['s lets a point be a line end', { a: { $regex: '^a.b$', $options: 's' } }, ['a\nb'], ['ab']],
    ['m makes ^ and $ those of lines', { a: { $regex: '^b$', $options: 'm' } }, ['a\nb'], ['ab']],
    ['$ also is before the last line end', { a: { $regex: 'b$' } }, ['ab', 'ab\n'], ['ab\nc']],
    ['inline options and classes of PCRE', { a: { $regex: '(?i)^[[:alpha:]]+\\z' } }, ['Abc'], ['a1']],
    ['a pattern equals itself', { a: /x/i }, [new BSONRegExp('x', 'i'), 'X'], [new BSONRegExp('x', '')]],
    [
      '$bitsAllSet',
      { a: { $bitsAllSet: [0, 2] } },
      [5, 7, new bson.Binary(Buffer.from([5])), Long.fromNumber(-1)],
      [4, 5.5, '5'],
    ],
    ['$bitsAnyClear', { a: { $bitsAnyClear: 5 } }, [4, 0], [5, 7]],
    ['$expr', { $expr: { $gt: ['$a', 2] } }, [3, 'x'], [2, undefined, null]],
    ['$or', { $or: [{ a: 1 }, { a: { $gt: 5 } }] }, [1, 6], [2]],
    ['$nor', { $nor: [{ a: 1 }, { a: { $gt: 5 } }] }, [2, undefined], [1, 6]],
    ['$and', { $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }, [2], [1, 3]],
    ['$comment says nothing', { a: 1, $comment: 'x' }, [1], [2]],
    [
      'a number in a path is a place or a name',
      { 'a.0': 1 },
      [[1, 2], { 0: 1 }, [{ 0: 1 }]],
      [[2, 1], 1, [[1]]],
    ],
    [
      'a path goes through arrays of documents',
      { 'a.x': 1 },
      [{ x: 1 }, [{ x: 2 }, { x: 1 }], { x: [1] }],
      [[1], [{ x: 2 }], [[{ x: 1 }]]],
    ],
    ['a path to null', { 'a.x': null }, [{}, 4, null, undefined, [{ x: 1 }, {}]], [[], [4], { x: 0 }, [[]]]],
    [
      '$elemMatch of documents',
      { a: { $elemMatch: { x: 1, y: { $gt: 2 } } } },
      [[{ x: 1, y: 3 }]],
      [
        [
          { x: 1, y: 1 },
          { x: 2, y: 3 },
        ],
        { x: 1, y: 3 },
      ],
    ],
  ])('%s', (_name, filter, yes, no) => {
    expect(matching(filter, [...yes, ...no])).toEqual(yes);
  });

  it.each<[bson.Document, number, string]>([
    [{ $foo: 1 }, 2, 'unknown top level operator: $foo'],
    [{ a: { $foo: 1 } }, 2, 'unknown operator: $foo'],
    [{ a: { $in: 1 } }, 2, '$in needs an array'],
    [{ $or: [] }, 2, '$or must be a nonempty array'],
    [{ $and: [1] }, 2, 'entries need to be full objects'],
    [{ a: { $size: -1 } }, 2, 'non-negative'],
    [{ a: { $mod: [0, 1] } }, 2, 'divisor cannot be 0'],
    [{ a: { $mod: [1] } }, 2, 'not enough elements'],
    [{ a: { $regex: '(' } }, 51091, 'Regular expression is invalid'],
    [{ a: { $regex: 'a', $options: 'q' } }, 51108, 'invalid flag'],
    [{ a: { $options: 'i' } }, 2, '$options needs a $regex'],
    [{ a: { $not: 1 } }, 2, '$not needs a regex or a document'],
    [{ a: { $not: {} } }, 2, '$not cannot be empty'],
    [{ a: { $type: 'what' } }, 2, 'Unknown type name alias'],
    [{ $where: 'true' }, 2, 'no globalScriptEngine'],
    [{ $text: { $search: 'x' } }, 27, 'text index required'],
    [{ a: { $ne: /x/ } }, 2, 'regex as arg to $ne'],
    [{ a: { $elemMatch: 1 } }, 2, '$elemMatch needs an Object'],
  ])('%j is refused', (filter, code, message) => {
    const act = () => compileFilter(doc(filter));
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ code }));
  });

  it('tells which element matched', () => {
    const index = (filter: bson.Document, given: bson.Document) =>
      compileFilter(doc(filter)).matchedIndex(doc(given));
    expect(index({ a: 3 }, { a: [1, 3] })).toBe(1);
    expect(index({ 'a.x': { $gt: 1 } }, { a: [{ x: 1 }, { x: [0, 2] }] })).toBe(1);
    expect(index({ a: { $elemMatch: { x: 1 } } }, { a: [{ x: 0 }, { x: 1 }] })).toBe(1);
    expect(index({ b: 1 }, { a: [1], b: 1 })).toBeUndefined();
  });
});

describe('the bounds of a filter', () => {
  const fields = ['a', 'b', 'a.b'];
  const few: Value[] = [
    0,
    1,
    2.5,
    NaN,
    int32(1),
    2n,
    'a',
    'ab',
    'b',
    '',
    null,
    true,
    bsonUndefined,
    [],
    [1],
    [[1], 2],
    docOf({ b: 1 }),
    [docOf({ b: 'a' }), docOf({})],
  ];
  const some = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...few) }, numbers, values);
  const conditions = fc.oneof(
    some.filter((value) => !(value instanceof Map) && !(value instanceof bson.BSONRegExp)),
    fc
      .tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), some)
      .map(([name, value]): Doc => new Map([[name, value]])),
    fc.array(some, { maxLength: 3 }).map((list) => docOf({ $in: list })),
    fc.tuple(some, some).map(([low, high]) => docOf({ $gte: low, $lt: high })),
    fc.tuple(some, some).map(([low, high]) => docOf({ $elemMatch: docOf({ $gte: low, $lte: high }) })),
    fc.constantFrom('^a', 'b').map((pattern): Value => new bson.BSONRegExp(pattern)),
    fc.boolean().map((exists) => docOf({ $exists: exists })),
  );
  const branches = fc.uniqueArray(fc.tuple(fc.constantFrom(...fields), conditions), {
    selector: ([path]) => path,
    minLength: 1,
    maxLength: 2,
  });
  const filters = fc.oneof(
    branches.map((parts): Doc => new Map(parts)),
    fc
      .array(branches, { minLength: 1, maxLength: 3 })
      .map((all) => docOf({ $or: all.map((parts): Doc => new Map(parts)) })),
  );
  const held = fc.oneof({ weight: 3, arbitrary: some }, fc.array(some, { maxLength: 3 }));
  const documents = fc.record({ a: held, b: held }, { requiredKeys: [] }).map(docOf);
  const patterns = fc.constantFrom<IndexPattern>(
    [['a', 1]],
    [['a', -1]],
    [
      ['a', 1],
      ['b', -1],
    ],
    [
      ['b', -1],
      ['a.b', 1],
    ],
    [
      ['a.b', 1],
      ['a', 1],
    ],
  );

  it('lose no match, and when exact hold nothing else', () => {
    let found = 0;
    let exactly = 0;
    fc.assert(
      fc.property(
        filters,
        fc.array(documents, { minLength: 6, maxLength: 8 }),
        patterns,
        (given, docs, pattern) => {
          let filter;
          try {
            filter = compileFilter(given);
          } catch {
            return;
          }
          const keyed = docs.flatMap((each) => {
            try {
              return [{ each, ...indexKeys(each, pattern) }];
            } catch {
              return [];
            }
          });
          const ranges = indexRanges(
            filter.bounds,
            pattern,
            keyed.some(({ multikey }) => multikey),
          );
          if (ranges === undefined) return;
          for (const [at, { start }] of ranges.ranges.entries()) {
            const next = ranges.ranges[at + 1];
            if (next !== undefined) expect(Buffer.compare(start, next.start)).toBeLessThan(0);
          }
          for (const { each, keys } of keyed) {
            const inside = keys.some((key) =>
              ranges.ranges.some(
                ({ start, end }) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0,
              ),
            );
            if (filter.matches(each)) {
              found++;
              expect(inside).toBe(true);
            } else if (ranges.exact) {
              exactly++;
              expect(inside).toBe(false);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(100);
    expect(exactly).toBeGreaterThan(100);
  });

  it('show as explain shows them', () => {
    const shown = (filter: bson.Document, pattern: IndexPattern) => {
      const ranges = indexRanges(compileFilter(doc(filter)).bounds, pattern, false);
      return (
        ranges && { ...Object.fromEntries(ranges.indexBounds), points: ranges.points, exact: ranges.exact }
      );
    };
    expect(
      shown({ a: 'x', b: { $gt: 5 } }, [
        ['a', 1],
        ['b', -1],
      ]),
    ).toEqual({ a: ['["x", "x"]'], b: ['[inf.0, 5)'], points: 1, exact: true });
    expect(shown({ a: { $gte: 'x' } }, [['a', 1]])).toEqual({ a: ['["x", {})'], points: 0, exact: true });
    expect(shown({ a: { $in: [2, 1] } }, [['a', 1]])).toEqual({
      a: ['[1, 1]', '[2, 2]'],
      points: 0,
      exact: true,
    });
    expect(shown({ b: 1 }, [['a', 1]])).toBeUndefined();
    expect(shown({ a: 1, c: 1 }, [['a', 1]])).toEqual({ a: ['[1, 1]'], points: 1, exact: false });
  });
});
