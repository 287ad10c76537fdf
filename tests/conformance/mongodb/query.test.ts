// Filters: which documents match, over values of all types, arrays, nested and missing fields. The expectations are those of the
// manual's pages on query operators, on arrays and on the comparison order of BSON types.
import {
  BSONRegExp,
  Binary,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Document,
} from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, documentsOf, errorCode, itHolds, missing } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('query');

const id = new ObjectId('64b0c0ffee0000000000abcd');
const later = new ObjectId('64b0c0ffee0000000000abce');
const day = new Date('2026-03-01T00:00:00Z');
const nextDay = new Date('2026-03-02T00:00:00Z');
const one = [1, new Double(1), Long.fromNumber(1), Decimal128.fromString('1'), Decimal128.fromString('1.00')];
const big = Long.fromString('9007199254740993');

/** The sentence, the values of `a` (documents `_id` 0, 1, …), the filter, the `_id`s that match. */
type Case = readonly [says: string, values: readonly unknown[], filter: Document, finds: readonly number[]];

const equality: readonly Case[] = [
  ['a number equals numbers of every type', [...one, 2, '1', true], { a: 1 }, [0, 1, 2, 3, 4]],
  ['a decimal filter finds other types', [...one, 2], { a: Decimal128.fromString('1.0') }, [0, 1, 2, 3, 4]],
  ['zero equals negative zero', [0, new Double(-0), Decimal128.fromString('-0')], { a: 0 }, [0, 1, 2]],
  [
    'a long past 2^53 equals itself only',
    [big, Long.fromString('9007199254740992'), new Double(2 ** 53)],
    { a: big },
    [0],
  ],
  ['NaN equals NaN', [new Double(NaN), Decimal128.fromString('NaN'), 0], { a: new Double(NaN) }, [0, 1]],
  [
    '0.1 as a decimal is not 0.1 as a double',
    [new Double(0.1), Decimal128.fromString('0.1')],
    { a: new Double(0.1) },
    [0],
  ],
  ['null finds null and missing', [null, missing, 0, false, [], [null], {}], { a: null }, [0, 1, 5]],
  ['a boolean is not a number', [true, 1, false, 0], { a: true }, [0]],
  ['a value finds the arrays that contain it', [1, [1, 2], [[1]], [2]], { a: 1 }, [0, 1]],
  [
    'an array finds itself and arrays that contain it whole',
    [
      [1, 2],
      [[1, 2], 3],
      [2, 1],
      [1, 2, 3],
    ],
    { a: [1, 2] },
    [0, 1],
  ],
  ['an empty array finds itself, also as an element', [[], [[]], [1], missing], { a: [] }, [0, 1]],
  [
    'a document equals one with the same fields in the same order',
    [{ x: 1, y: 2 }, { y: 2, x: 1 }, { x: 1 }, [{ x: 1, y: 2 }]],
    { a: { x: 1, y: 2 } },
    [0, 3],
  ],
  [
    'a nested number equals across types',
    [{ x: 1 }, { x: new Double(1) }, { x: Long.fromNumber(1) }],
    { a: { x: 1 } },
    [0, 1, 2],
  ],
  ['an empty document finds itself', [{}, { x: 1 }, []], { a: {} }, [0]],
  ['strings compare by case and length', ['a', 'A', 'a ', ''], { a: 'a' }, [0]],
  ['a string may hold a null character', ['a\0b', 'a', 'ab'], { a: 'a\0b' }, [0]],
  ['an object id equals itself', [id, later, id.toHexString()], { a: id }, [0]],
  ['a date equals itself', [day, nextDay, day.getTime()], { a: day }, [0]],
  [
    'binary values differ by subtype',
    [new Binary(Buffer.from('x'), 0), new Binary(Buffer.from('x'), 5)],
    { a: new Binary(Buffer.from('x'), 5) },
    [1],
  ],
  ['$eq is equality', [1, [1], 2], { a: { $eq: 1 } }, [0, 1]],
  [
    '$ne finds what equality does not, also missing',
    [1, [1, 2], 2, missing, null],
    { a: { $ne: 1 } },
    [2, 3, 4],
  ],
  ['$ne null finds what is there', [null, missing, 0, [null], []], { a: { $ne: null } }, [2, 4]],
  ['the minimum key equals itself', [new MinKey(), new MaxKey(), null], { a: new MinKey() }, [0]],
  [
    'a timestamp is not a date',
    [new Timestamp({ t: 1, i: 2 }), new Date(1000)],
    { a: new Timestamp({ t: 1, i: 2 }) },
    [0],
  ],
  ['JavaScript code equals itself', [new Code('f()'), 'f()'], { a: new Code('f()') }, [0]],
];

const ranges: readonly Case[] = [
  [
    '$gt compares numbers of all types',
    [5, new Double(5.5), Long.fromNumber(6), Decimal128.fromString('5.01'), '9', null, true],
    { a: { $gt: 5 } },
    [1, 2, 3],
  ],
  [
    '$gte includes equality',
    [5, new Double(5), Long.fromNumber(4)],
    { a: { $gte: Decimal128.fromString('5') } },
    [0, 1],
  ],
  ['$lt leaves out other types', [1, '0', null, missing, false, new Date(0)], { a: { $lt: 5 } }, [0]],
  ['$lte on strings is by code point', ['B', 'a', 'b', 'é', ''], { a: { $lte: 'a' } }, [0, 1, 4]],
  [
    'strings outside the basic plane come after U+FFFF',
    ['\u{1F600}', '\uFFFD', 'z'],
    { a: { $gt: '\uFFFD' } },
    [0],
  ],
  [
    'a long past 2^53 is greater than the double next to it',
    [big, new Double(2 ** 53), Long.fromString('9007199254740992')],
    { a: { $gt: new Double(2 ** 53) } },
    [0],
  ],
  [
    'a decimal is compared exactly with a double',
    [Decimal128.fromString('0.1'), new Double(0.1)],
    { a: { $gt: Decimal128.fromString('0.1') } },
    [1],
  ],
  [
    'infinities bound the numbers',
    [new Double(Infinity), 1, new Double(-Infinity), new Double(NaN)],
    { a: { $lt: new Double(Infinity) } },
    [1, 2],
  ],
  ['NaN is neither below nor above a number', [new Double(NaN), 1, -1], { a: { $gte: -1 } }, [1, 2]],
  ['a range and an equality with NaN', [new Double(NaN), 1, missing], { a: { $lte: new Double(NaN) } }, [0]],
  ['any element of an array may be in the range', [[1, 9], [1, 2], 9, []], { a: { $gt: 5 } }, [0, 2]],
  [
    'two bounds may be met by different elements',
    [[1, 20], [12], [1, 2]],
    { a: { $gt: 10, $lt: 15 } },
    [0, 1],
  ],
  [
    'dates are compared with dates',
    [day, nextDay, '2026-03-02', nextDay.getTime()],
    { a: { $gt: day } },
    [1],
  ],
  ['object ids are compared by bytes', [id, later, 5], { a: { $gt: id } }, [1]],
  ['booleans are compared with booleans', [true, false, 1], { a: { $gt: false } }, [0]],
  ['null is at least and at most null', [null, missing, 0, [null]], { a: { $gte: null } }, [0, 1, 3]],
  ['nothing is below null', [null, missing, 0], { a: { $lt: null } }, []],
  [
    'documents are compared field by field',
    [{ x: 1 }, { x: 2 }, { y: 0 }, 5],
    { a: { $gt: { x: 1 } } },
    [1, 2],
  ],
  ['arrays are compared element by element', [[1, 2], [1, 3], [1], 9], { a: { $gt: [1, 2] } }, [1]],
  [
    'binary values are compared by length first',
    [new Binary(Buffer.from('b')), new Binary(Buffer.from('aa')), 'z'],
    { a: { $gt: new Binary(Buffer.from('b')) } },
    [1],
  ],
  [
    'everything is at most the maximum key',
    [1, 'x', null, new MaxKey(), missing],
    { a: { $lte: new MaxKey() } },
    [0, 1, 2, 3, 4],
  ],
  [
    'everything is at least the minimum key',
    [1, 'x', null, new MinKey(), missing],
    { a: { $gt: new MinKey() } },
    [0, 1, 2, 4],
  ],
  [
    'timestamps are compared by time, then by ordinal',
    [new Timestamp({ t: 1, i: 2 }), new Timestamp({ t: 1, i: 3 }), new Timestamp({ t: 2, i: 1 })],
    { a: { $gt: new Timestamp({ t: 1, i: 2 }) } },
    [1, 2],
  ],
];

const sets: readonly Case[] = [
  ['$in finds any of its values', [1, 2, 3, [3, 4], 'x'], { a: { $in: [1, 3] } }, [0, 2, 3]],
  ['$in with null finds missing', [null, missing, 1], { a: { $in: [null, 2] } }, [0, 1]],
  ['$in with nothing finds nothing', [1, missing, []], { a: { $in: [] } }, []],
  [
    '$in takes regular expressions',
    ['apple', 'pear', 'avocado', ['kiwi', 'apricot']],
    { a: { $in: [/^a/u, 'pear'] } },
    [0, 1, 2, 3],
  ],
  [
    '$in with an array finds it whole or as an element',
    [[1, 2], [[1, 2]], [1]],
    { a: { $in: [[1, 2]] } },
    [0, 1],
  ],
  ['$nin finds what $in does not', [1, 2, missing, null, [1, 5]], { a: { $nin: [1, 3] } }, [1, 2, 3]],
  ['$nin with null leaves out missing', [null, missing, 1], { a: { $nin: [null] } }, [2]],
  ['$all wants every value', [[1, 2, 3], [1, 3], [1], 1], { a: { $all: [1, 3] } }, [0, 1]],
  ['$all with one value finds a plain value', [1, [1], [2]], { a: { $all: [1] } }, [0, 1]],
  ['$all with nothing finds nothing', [1, [], missing], { a: { $all: [] } }, []],
  [
    '$all with an array finds it whole or as an element',
    [['x', 'y'], [['x', 'y']], 'x'],
    { a: { $all: [['x', 'y']] } },
    [0, 1],
  ],
  [
    '$all takes several $elemMatch',
    [[{ x: 1 }, { x: 5 }], [{ x: 1 }], [{ x: 5 }]],
    { a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: { $gt: 3 } } }] } },
    [0],
  ],
  ['$size counts elements', [[], [1], [1, 2], [[1, 2]], 2, missing], { a: { $size: 2 } }, [2]],
  ['$size 0 finds the empty array only', [[], missing, null, 0], { a: { $size: 0 } }, [0]],
  [
    '$elemMatch wants one element that meets all',
    [[1, 20], [12], 12, [{ x: 12 }]],
    { a: { $elemMatch: { $gt: 10, $lt: 15 } } },
    [1],
  ],
  [
    '$elemMatch on documents',
    [[{ x: 1, y: 2 }], [{ x: 1 }, { y: 2 }], { x: 1, y: 2 }],
    { a: { $elemMatch: { x: 1, y: 2 } } },
    [0],
  ],
  [
    '$elemMatch looks at nested arrays by position',
    [[[1, 2]], [[2, 1]], [1]],
    { a: { $elemMatch: { 0: 1 } } },
    [0],
  ],
  ['$elemMatch with $ne', [[1], [1, 2], [], missing], { a: { $elemMatch: { $ne: 1 } } }, [1]],
  ['$not with $elemMatch', [[1], [5], 5, missing], { a: { $not: { $elemMatch: { $gt: 3 } } } }, [0, 2, 3]],
];

const elements: readonly Case[] = [
  ['$exists finds what is there, also null', [null, missing, 0, []], { a: { $exists: true } }, [0, 2, 3]],
  ['$exists false finds what is missing', [null, missing, 0], { a: { $exists: false } }, [1]],
  ['$exists takes any true value', [null, missing], { a: { $exists: 1 } }, [0]],
  ['$exists below an array', [[{ b: 1 }], [{ c: 1 }], { b: null }, 5], { 'a.b': { $exists: true } }, [0, 2]],
  ['$type by name', [1, new Double(1), Long.fromNumber(1), 'x'], { a: { $type: 'int' } }, [0]],
  ['$type by number', [1, new Double(1), Long.fromNumber(1), 'x'], { a: { $type: 18 } }, [2]],
  ['$type number is all four', [...one, 'x', null], { a: { $type: 'number' } }, [0, 1, 2, 3, 4]],
  ['$type array finds arrays themselves', [[], [1], 1, [[1]]], { a: { $type: 'array' } }, [0, 1, 3]],
  ['$type looks at elements', [['x'], [1], 'x', []], { a: { $type: 'string' } }, [0, 2]],
  ['$type takes a list', [1, 'x', true, null], { a: { $type: ['string', 'bool'] } }, [1, 2]],
  ['$type null does not find missing', [null, missing, 0], { a: { $type: 'null' } }, [0]],
  ['$type object', [{}, [{}], [], 1], { a: { $type: 'object' } }, [0, 1]],
  [
    '$type names the other types',
    [
      id,
      day,
      /x/u,
      new Timestamp({ t: 1, i: 1 }),
      new Binary(Buffer.from('x')),
      new MinKey(),
      new MaxKey(),
      new Code('f'),
    ],
    { a: { $type: ['objectId', 'date', 'regex', 'timestamp', 'binData', 'minKey', 'maxKey', 'javascript'] } },
    [0, 1, 2, 3, 4, 5, 6, 7],
  ],
];

const evaluations: readonly Case[] = [
  ['$mod finds a remainder', [0, 3, 4, 6, -3, '3', missing], { a: { $mod: [3, 0] } }, [0, 1, 3, 4]],
  ['$mod keeps the sign of the dividend', [-4, 4, -1, 2], { a: { $mod: [3, -1] } }, [0, 2]],
  [
    '$mod truncates doubles towards zero',
    [new Double(4.9), new Double(-4.9), 5],
    { a: { $mod: [4, 0] } },
    [0, 1],
  ],
  ['$mod truncates its divisor', [4, 5, 8], { a: { $mod: [new Double(4.7), 0] } }, [0, 2]],
  [
    '$mod on long and decimal',
    [Long.fromString('9007199254740993'), Decimal128.fromString('9'), Decimal128.fromString('10')],
    { a: { $mod: [3, 0] } },
    [0, 1],
  ],
  ['$mod skips NaN and infinity', [new Double(NaN), new Double(Infinity), 2], { a: { $mod: [2, 0] } }, [2]],
  [
    'a regular expression finds strings',
    ['abc', 'xabc', 'ABC', 5, missing, ['zz', 'abd']],
    { a: /^ab/u },
    [0, 5],
  ],
  ['$regex with option i', ['abc', 'ABC', 'b'], { a: { $regex: '^a', $options: 'i' } }, [0, 1]],
  ['$regex with option m', ['a\nb', 'b', 'ab'], { a: { $regex: '^b', $options: 'm' } }, [0, 1]],
  ['without option s a dot does not match a new line', ['a\nb', 'axb'], { a: { $regex: 'a.b' } }, [1]],
  ['$regex with option s', ['a\nb', 'axb'], { a: { $regex: 'a.b', $options: 's' } }, [0, 1]],
  [
    '$regex with option x ignores blanks and comments',
    ['ab', 'a b'],
    { a: { $regex: 'a b # both', $options: 'x' } },
    [0],
  ],
  ['a regular expression equals itself as a value', [/^a/u, 'abc', /^b/u], { a: { $regex: '^a' } }, [0, 1]],
  ['$regex and another operator', ['abc', 'abd', 'b'], { a: { $regex: '^ab', $ne: 'abd' } }, [0]],
  ['$not with a regular expression', ['abc', 'b', 5, missing], { a: { $not: /^a/u } }, [1, 2, 3]],
  ['$regex with Unicode', ['grün', 'grau', 'GRÜN'], { a: { $regex: 'gr.n$' } }, [0]],
  [
    '$expr compares two fields',
    [
      { x: 1, y: 2 },
      { x: 2, y: 1 },
    ],
    { $expr: { $gt: ['$a.x', '$a.y'] } },
    [1],
  ],
  ['$expr takes types in BSON order', ['x', 5, missing, null], { $expr: { $gt: ['$a', 3] } }, [0, 1]],
  ['$expr tells missing from null', [null, missing], { $expr: { $eq: ['$a', null] } }, [0]],
  ['$expr with $in over an array field', [[1, 2], [3]], { $expr: { $in: [3, '$a'] } }, [1]],
  ['$bitsAllSet', [7, 5, 2, 'x', new Double(7), new Double(7.5)], { a: { $bitsAllSet: 5 } }, [0, 1, 4]],
  ['$bitsAllClear with positions', [0, 1, 4, 8], { a: { $bitsAllClear: [0, 2] } }, [0, 3]],
  ['$bitsAnySet', [1, 2, 4, 0], { a: { $bitsAnySet: 6 } }, [1, 2]],
  [
    '$bitsAnyClear on a negative number extends its sign',
    [-1, 0, 255],
    { a: { $bitsAnyClear: [200] } },
    [1, 2],
  ],
  [
    '$bitsAllSet on binary data',
    [new Binary(Buffer.from([5])), new Binary(Buffer.from([0, 5]))],
    { a: { $bitsAllSet: [0, 2] } },
    [0],
  ],
  ['$comment changes nothing', [1, 2], { a: 1, $comment: 'why' }, [0]],
];

const logic: readonly Case[] = [
  ['$and', [1, 5, 9], { $and: [{ a: { $gt: 2 } }, { a: { $lt: 8 } }] }, [1]],
  ['$or', [1, 5, 9], { $or: [{ a: 1 }, { a: 9 }] }, [0, 2]],
  ['$nor', [1, 5, missing], { $nor: [{ a: 1 }, { a: 9 }] }, [1, 2]],
  [
    '$not finds what an operator does not, also missing',
    [1, 5, 'x', missing],
    { a: { $not: { $gt: 3 } } },
    [0, 2, 3],
  ],
  [
    '$not on an array looks at all elements',
    [
      [1, 9],
      [1, 2],
    ],
    { a: { $not: { $gt: 5 } } },
    [1],
  ],
  ['$not of $not', [1, 5], { a: { $not: { $not: { $gt: 3 } } } }, [1]],
  [
    'several fields are a conjunction',
    [
      { x: 1, y: 1 },
      { x: 1, y: 2 },
    ],
    { 'a.x': 1, 'a.y': 2 },
    [1],
  ],
  [
    'nested logic',
    [1, 2, 3, 4],
    { $or: [{ $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }, { a: 4 }] },
    [1, 3],
  ],
  ['an empty filter finds all', [1, missing], {}, [0, 1]],
];

const paths: readonly Case[] = [
  ['a path goes into documents', [{ b: { c: 1 } }, { b: 1 }, 1, missing], { 'a.b.c': 1 }, [0]],
  [
    'a path goes through arrays of documents',
    [[{ b: 1 }, { b: 2 }], [{ b: 3 }], { b: 2 }],
    { 'a.b': 2 },
    [0, 2],
  ],
  ['a number in a path is a position', [[5, 6], [6, 5], { 1: 6 }], { 'a.1': 6 }, [0, 2]],
  [
    'a number in a path is a position or a name, and ends there',
    [[{ 0: 7 }], [7], [[7]]],
    { 'a.0': 7 },
    [0, 1],
  ],
  ['a path does not go through an array in an array', [[[{ b: 1 }]], [{ b: 1 }]], { 'a.b': 1 }, [1]],
  ['a position and then a name', [[{ b: 1 }, { b: 2 }], [{ b: 2 }]], { 'a.0.b': 2 }, [1]],
  [
    'null finds a missing nested field',
    [{ b: null }, {}, { b: 1 }, 5, missing],
    { 'a.b': null },
    [0, 1, 3, 4],
  ],
  [
    'null below an array wants a document without the field',
    [[{ b: 1 }, {}], [{ b: 1 }], [1], []],
    { 'a.b': null },
    [0],
  ],
  ['an array at the end of a path', [{ b: [1, 2] }, [{ b: [1] }, { b: [3] }]], { 'a.b': 3 }, [1]],
  ['an operator on documents in an array', [[{ b: 1 }, { b: 9 }], [{ b: 2 }]], { 'a.b': { $gt: 5 } }, [0]],
  [
    '$ne below an array wants no such element',
    [[{ b: 1 }, { b: 2 }], [{ b: 3 }]],
    { 'a.b': { $ne: 1 } },
    [1],
  ],
  [
    '$ne and another operator below an array of plain values',
    [['x', 4], [], [{ b: 7 }], 3],
    { 'a.b': { $eq: 7, $ne: 8 } },
    [2],
  ],
  ['$in below an array', [[{ b: 1 }, { b: 2 }], [{ b: 3 }]], { 'a.b': { $in: [2, 3] } }, [0, 1]],
  ['$size below a path', [{ b: [1, 2] }, { b: [1] }], { 'a.b': { $size: 1 } }, [1]],
];

const inIdOrder = (values: readonly unknown[]): unknown[] => [...values].map(Number).sort((a, b) => a - b);

describe.each(servers)('on $product', (server) => {
  const { db } = server;
  const groups = { equality, ranges, sets, elements, evaluations, logic, paths };
  describe.each(Object.entries(groups))('%s', (_, cases) => {
    for (const [says, values, filter, finds] of cases)
      itHolds(server, 'query', says, async () => {
        const name = await collectionOf(db, documentsOf(values));
        const found = await documentsFrom(db, { find: name, filter, batchSize: 1000 });
        expect(inIdOrder(found.map(({ _id }) => _id as unknown))).toEqual(finds);
      });
  });

  describe('refuses', () => {
    const refused: readonly (readonly [string, Document, number])[] = [
      ['an unknown operator', { a: { $foo: 1 } }, 2],
      ['an unknown operator at the top', { $foo: 1 }, 2],
      ['$in without an array', { a: { $in: 1 } }, 2],
      ['$in with an operator inside', { a: { $in: [{ $gt: 1 }] } }, 2],
      ['$and without an array', { $and: {} }, 2],
      ['$or with nothing in it', { $or: [] }, 2],
      ['$not with a plain value', { a: { $not: 5 } }, 2],
      ['$size with a negative number', { a: { $size: -1 } }, 2],
      ['$size with a fraction', { a: { $size: new Double(1.5) } }, 2],
      ['$mod by zero', { a: { $mod: [0, 1] } }, 2],
      ['$mod with one number', { a: { $mod: [2] } }, 2],
      ['$type with an unknown name', { a: { $type: 'nothing' } }, 2],
      ['$regex that does not compile', { a: { $regex: '(' } }, 51091],
      ['$regex with an unknown option', { a: { $regex: 'a', $options: 'q' } }, 51108],
      ['$elemMatch without a document', { a: { $elemMatch: 1 } }, 2],
      ['$all without an array', { a: { $all: 1 } }, 2],
      ['$options without $regex', { a: { $options: 'i' } }, 2],
    ];
    for (const [says, filter, code] of refused)
      itHolds(server, 'query refused', says, async () => {
        const name = await collectionOf(db, [{ a: 1 }]);
        expect(await errorCode(documentsFrom(db, { find: name, filter }))).toBe(code);
      });
  });

  describe('sorts', () => {
    itHolds(server, 'sort', 'by the order of BSON types', async () => {
      const ascending = [
        new MinKey(), null, new Double(NaN), new Double(-Infinity), -5, new Double(0.5), Decimal128.fromString('0.75'), big, 'A', 'a', 'é', '\uFFFD',
        '\u{1F600}', { x: 1 }, { x: 2 }, [{ x: 3 }], { y: 0 }, new Binary(Buffer.from('b')), new Binary(Buffer.from('aa')), id, later,
        false, true, day, nextDay, new Timestamp({ t: 1, i: 1 }), new BSONRegExp('a', ''), new MaxKey(),
      ]; // prettier-ignore
      const shuffled = ascending
        .map((a, _id) => ({ _id, a }))
        .sort((x, y) => ((x._id * 7) % 29) - ((y._id * 7) % 29));
      const name = await collectionOf(db, shuffled);
      const up = await documentsFrom(db, { find: name, sort: { a: 1 }, batchSize: 1000 });
      const wanted = ascending.map((_, index) => index);
      expect(up.map(({ _id }) => Number(_id))).toEqual(wanted);
      const down = await documentsFrom(db, { find: name, sort: { a: -1 }, batchSize: 1000 });
      expect(down.map(({ _id }) => Number(_id))).toEqual(wanted.toReversed());
    });

    const sorts: readonly (readonly [string, readonly unknown[], Document, readonly number[]])[] = [
      ['missing with null, below all numbers', [5, missing, -1, null], { a: 1, _id: 1 }, [1, 3, 2, 0]],
      ['arrays by their least element upwards', [[5, 1], 3, [2, 9]], { a: 1 }, [0, 2, 1]],
      ['arrays by their greatest element downwards', [[5, 1], 3, [2, 9]], { a: -1 }, [2, 0, 1]],
      ['an empty array below null', [null, [], 1], { a: 1 }, [1, 0, 2]],
      ['an empty array above nothing downwards', [null, [], 1], { a: -1 }, [2, 0, 1]],
      ['by a nested field', [{ b: 3 }, { b: 1 }, {}, 5], { 'a.b': 1, _id: 1 }, [2, 3, 1, 0]],
      [
        'by a field of documents in arrays',
        [[{ b: 3 }, { b: 9 }], { b: 5 }, [{ b: 1 }]],
        { 'a.b': 1 },
        [2, 0, 1],
      ],
      ['by several fields', [1, 2, 1, 2], { a: -1, _id: -1 }, [3, 1, 2, 0]],
      [
        'equal numbers of different types by the next field',
        [new Double(1), 1, Long.fromNumber(1)],
        { a: 1, _id: -1 },
        [2, 1, 0],
      ],
    ];
    for (const [says, values, sort, order] of sorts)
      itHolds(server, 'sort', says, async () => {
        const name = await collectionOf(db, documentsOf(values));
        const found = await documentsFrom(db, { find: name, sort, batchSize: 1000 });
        expect(found.map(({ _id }) => Number(_id))).toEqual(order);
      });

    itHolds(server, 'sort', 'then skips, then limits', async () => {
      const name = await collectionOf(db, documentsOf([5, 4, 3, 2, 1, 0]));
      const found = await documentsFrom(db, { find: name, sort: { a: 1 }, skip: 1, limit: 3 });
      expect(found.map(({ a }) => Number(a))).toEqual([1, 2, 3]);
    });
    itHolds(server, 'sort', 'an unknown direction is refused', async () => {
      const name = await collectionOf(db, documentsOf([1]));
      expect(await errorCode(documentsFrom(db, { find: name, sort: { a: 2 } }))).toBe(15975);
    });
  });

  describe('counts and tells apart', () => {
    itHolds(server, 'count', 'count with filter, skip and limit', async () => {
      const name = await collectionOf(db, documentsOf([1, 2, 3, 4, 5]));
      const counted = db.command({ count: name, query: { a: { $gt: 1 } }, skip: 1, limit: 2 });
      expect((await counted).n).toBe(2);
    });
    itHolds(server, 'count', 'count of a collection that is not there', async () => {
      expect((await db.command({ count: 'nowhere' })).n).toBe(0);
    });
    itHolds(server, 'distinct', 'distinct unwinds arrays and joins equal numbers', async () => {
      const name = await collectionOf(
        db,
        documentsOf([1, new Double(1), [1, 2], 'x', missing, null, [[3]], []]),
      );
      const { values } = (await db.command({ distinct: name, key: 'a' })) as { values: unknown[] };
      expect(new Set(values.map((value) => JSON.stringify(value)))).toEqual(
        new Set(['1', '2', '"x"', 'null', '[3]']),
      );
      expect(values).toHaveLength(5);
    });
    itHolds(server, 'distinct', 'distinct on a nested field with a filter', async () => {
      const name = await collectionOf(db, documentsOf([[{ b: 1 }, { b: 2 }], { b: 3 }, { b: 1 }]));
      const { values } = await db.command({ distinct: name, key: 'a.b', query: { _id: { $lt: 2 } } });
      expect(new Set(values as unknown[])).toEqual(new Set([1, 2, 3]));
    });
  });

  itHolds(server, 'query', 'an Int32 stays an Int32, a Double a Double, a Long a Long', async () => {
    const values = [new Int32(1), new Double(1), Long.fromNumber(1), Decimal128.fromString('1')];
    const name = await collectionOf(db, documentsOf(values));
    const found = await documentsFrom(db, { find: name, sort: { _id: 1 } });
    expect(found.map(({ a }) => (a as Document)._bsontype as string)).toEqual([
      'Int32',
      'Double',
      'Long',
      'Decimal128',
    ]);
  });
});
