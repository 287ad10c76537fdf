import * as bson from 'bson';
import { describe, expect, it } from 'vitest';
import { doc } from '../documents/testing.ts';
import { encodeDocument } from '../documents/write.ts';
import { docOf } from '../documents/value.ts';
import { compileExpression, scopeOf } from './expression.ts';

const { Decimal128, Long, Double, ObjectId } = bson;

const NOW = new Date('2026-03-29T01:30:00.125Z');

/** The value of an expression for a document, in the driver's form; undefined when it is missing. */
function evaluate(expression: unknown, fields: bson.Document = {}): unknown {
  const wrapped = doc({ e: expression });
  const value = compileExpression(wrapped.get('e') ?? null, scopeOf({ now: NOW }))(doc(fields));
  return value === undefined
    ? undefined
    : bson.deserialize(encodeDocument(docOf({ v: value })), { promoteValues: false }).v;
}

/** What a driver would send, read back without promotion. */
function value(given: unknown): unknown {
  return bson.deserialize(bson.serialize({ v: given }), { promoteValues: false }).v;
}

const decimal = (text: string) => Decimal128.fromString(text);
const long = (number: number) => Long.fromNumber(number);
const double = (number: number) => new Double(number);
const date = (text: string) => new Date(text);

const fields = {
  a: 1,
  b: { c: 2, d: [{ e: 1 }, { e: 2 }, 3, [{ e: 4 }]] },
  list: [3, 1, 2],
  text: 'Été à Paris',
  when: date('2024-02-29T23:30:15.250Z'),
};

describe('an expression', () => {
  it.each<[unknown, unknown]>([
    // Paths and variables
    ['$a', 1],
    ['$b.c', 2],
    ['$b.d.e', [1, 2, [4]]],
    ['$list.0', []],
    ['$missing', undefined],
    ['$$ROOT.a', 1],
    ['$$NOW', NOW],
    ['$$REMOVE', undefined],
    [{ $literal: '$a' }, '$a'],
    [
      { x: '$a', y: '$missing', z: ['$missing'] },
      { x: 1, z: [null] },
    ],
    [{ $let: { vars: { x: '$a', y: 2 }, in: { $add: ['$$x', '$$y'] } } }, 3],
    // Arithmetic keeps types
    [{ $add: [1, 2] }, 3],
    [{ $add: [2147483647, 1] }, long(2147483648)],
    [{ $add: [Long.MAX_VALUE, 1] }, double(2 ** 63)],
    [{ $add: [0.1, 0.2, 0.3] }, double(0.6)],
    [{ $add: [1, decimal('0.1')] }, decimal('1.1')],
    [{ $add: [date('2024-01-01T00:00:00Z'), 1000] }, date('2024-01-01T00:00:01Z')],
    [{ $add: [1, null] }, null],
    [{ $subtract: [date('2024-01-02T00:00:00Z'), date('2024-01-01T00:00:00Z')] }, long(86400000)],
    [{ $subtract: [1, 3] }, -2],
    [{ $multiply: [65536, 65536] }, long(4294967296)],
    [{ $multiply: [decimal('1.10'), decimal('2.0')] }, decimal('2.200')],
    [{ $divide: [1, 4] }, double(0.25)],
    [{ $divide: [decimal('1'), decimal('3')] }, decimal('0.3333333333333333333333333333333333')],
    [{ $mod: [-7, 3] }, -1],
    [{ $mod: [5.5, 2] }, double(1.5)],
    [{ $abs: -5 }, 5],
    [{ $ceil: double(1.2) }, double(2)],
    [{ $floor: decimal('-1.2') }, decimal('-2')],
    [{ $round: [double(2.5)] }, double(2)],
    [{ $round: [double(19.25), 1] }, double(19.2)],
    [{ $round: [1250, -2] }, 1200],
    [{ $trunc: [double(-7.85), 1] }, double(-7.8)],
    [{ $pow: [2, 10] }, 1024],
    [{ $pow: [2, 40] }, long(2 ** 40)],
    [{ $pow: [2, -1] }, double(0.5)],
    [{ $sqrt: decimal('2') }, decimal('1.414213562373095048801688724209698')],
    [{ $sqrt: 9 }, double(3)],
    [{ $ln: 1 }, double(0)],
    [{ $bitAnd: [6, long(3)] }, long(2)],
    // Comparison and conditions
    [{ $cmp: [1, double(1)] }, 0],
    [{ $lt: ['$missing', null] }, true],
    [{ $gt: ['x', 5] }, true],
    [
      {
        $eq: [
          [1, 2],
          [1, 2],
        ],
      },
      true,
    ],
    [{ $and: [1, 'x', []] }, true],
    [{ $or: [0, null, '$missing'] }, false],
    [{ $not: [0] }, true],
    [{ $cond: [{ $gt: ['$a', 0] }, 'yes', 'no'] }, 'yes'],
    [{ $cond: { if: '$missing', then: 1, else: 2 } }, 2],
    [{ $ifNull: ['$missing', null, 3] }, 3],
    [{ $switch: { branches: [{ case: { $eq: ['$a', 2] }, then: 'two' }], default: 'other' } }, 'other'],
    // Strings
    [{ $concat: ['a', 'b', '$missing'] }, null],
    [{ $toUpper: '$text' }, 'ÉTé à PARIS'.replace('é', 'É').replace('ÉTÉ', 'ÉTé')],
    [{ $substrCP: ['$text', 0, 3] }, 'Été'],
    [{ $substrBytes: ['$text', 2, 1] }, 't'],
    [{ $strLenCP: '$text' }, 11],
    [{ $strLenBytes: '$text' }, 14],
    [{ $split: ['a-b-c', '-'] }, ['a', 'b', 'c']],
    [{ $trim: { input: ' \n x ' } }, 'x'],
    [{ $ltrim: { input: 'xxaxx', chars: 'x' } }, 'axx'],
    [{ $indexOfCP: ['$text', 'Paris'] }, 6],
    [{ $indexOfBytes: ['$text', 'Paris'] }, 9],
    [{ $replaceAll: { input: 'a.b.c', find: '.', replacement: { $literal: '$&' } } }, 'a$&b$&c'],
    [{ $replaceOne: { input: 'aa', find: 'a', replacement: 'b' } }, 'ba'],
    [{ $regexMatch: { input: 'Hello', regex: /^h/i } }, true],
    [{ $regexFind: { input: 'é12 34', regex: '(\\d)(\\d)' } }, { match: '12', idx: 1, captures: ['1', '2'] }],
    [
      { $regexFindAll: { input: '1 2', regex: '\\d' } },
      [
        { match: '1', idx: 0, captures: [] },
        { match: '2', idx: 2, captures: [] },
      ],
    ],
    [{ $strcasecmp: ['a', 'B'] }, -1],
    // Arrays
    [{ $arrayElemAt: ['$list', -1] }, 2],
    [{ $arrayElemAt: ['$list', 9] }, undefined],
    [{ $first: '$list' }, 3],
    [{ $concatArrays: [[1], [2, 3]] }, [1, 2, 3]],
    [{ $slice: ['$list', -2] }, [1, 2]],
    [{ $slice: ['$list', 1, 1] }, [1]],
    [{ $filter: { input: '$list', as: 'x', cond: { $gt: ['$$x', 1] } } }, [3, 2]],
    [{ $filter: { input: '$list', cond: true, limit: 1 } }, [3]],
    [{ $map: { input: '$list', as: 'x', in: { $multiply: ['$$x', 2] } } }, [6, 2, 4]],
    [
      {
        $map: {
          input: [[1, 2], [3]],
          as: 'o',
          in: { $map: { input: '$$o', as: 'i', in: { $add: ['$$i', { $size: '$$o' }] } } },
        },
      },
      [[3, 4], [4]],
    ],
    [{ $reduce: { input: '$list', initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 6],
    [{ $size: '$list' }, 3],
    [{ $in: [1, '$list'] }, true],
    [{ $indexOfArray: ['$list', 2] }, 2],
    [{ $range: [0, 10, 4] }, [0, 4, 8]],
    [{ $reverseArray: '$list' }, [2, 1, 3]],
    [
      { $zip: { inputs: [[1, 2], ['a']], useLongestLength: true, defaults: [0, 'z'] } },
      [
        [1, 'a'],
        [2, 'z'],
      ],
    ],
    [{ $arrayToObject: [[['k', 1]]] }, { k: 1 }],
    [{ $objectToArray: { x: 1 } }, [{ k: 'x', v: 1 }]],
    [{ $sortArray: { input: '$list', sortBy: -1 } }, [3, 2, 1]],
    [{ $sum: '$list' }, 6],
    [{ $avg: ['$a', 2] }, double(1.5)],
    [{ $max: '$list' }, 3],
    [{ $maxN: { n: 2, input: '$list' } }, [3, 2]],
    [
      {
        $setUnion: [
          [1, 2],
          [2, 3],
        ],
      },
      [1, 2, 3],
    ],
    [
      {
        $setIntersection: [
          [1, 2, 2],
          [2, double(1)],
        ],
      },
      [1, 2],
    ],
    [{ $setDifference: [[1, 2, 3], [2]] }, [1, 3]],
    [{ $setIsSubset: [[1], [1, 2]] }, true],
    [
      {
        $setEquals: [
          [1, 1, 2],
          [2, 1],
        ],
      },
      true,
    ],
    [{ $allElementsTrue: [[1, true]] }, true],
    // Documents
    [{ $mergeObjects: ['$b', { c: 3, z: 1 }] }, { c: 3, d: [{ e: 1 }, { e: 2 }, 3, [{ e: 4 }]], z: 1 }],
    [{ $getField: { field: 'c', input: '$b' } }, 2],
    [{ $setField: { field: 'x.y', input: { a: 1 }, value: 2 } }, { a: 1, 'x.y': 2 }],
    [{ $unsetField: { field: 'a', input: { a: 1, b: 2 } } }, { b: 2 }],
    [{ $bsonSize: { a: 1 } }, 12],
    [{ $binarySize: 'é' }, 2],
    // Types
    [{ $type: '$missing' }, 'missing'],
    [{ $type: '$when' }, 'date'],
    [{ $isNumber: decimal('1') }, true],
    [{ $toInt: double(-2.9) }, -2],
    [{ $toInt: '42' }, 42],
    [{ $toLong: true }, long(1)],
    [{ $toDouble: '1e3' }, double(1000)],
    [{ $toDecimal: double(0.1) }, decimal('0.100000000000000')],
    [{ $toString: double(2.5) }, '2.5'],
    [{ $toString: '$when' }, '2024-02-29T23:30:15.250Z'],
    [{ $toBool: 'false' }, true],
    [{ $toObjectId: '507f1f77bcf86cd799439011' }, new ObjectId('507f1f77bcf86cd799439011')],
    [{ $toDate: '2024-01-02' }, date('2024-01-02T00:00:00Z')],
    [{ $convert: { input: 'x', to: 'int', onError: 'bad' } }, 'bad'],
    [{ $convert: { input: null, to: 'int', onNull: 0 } }, 0],
    // Dates
    [{ $year: '$when' }, 2024],
    [{ $dayOfYear: '$when' }, 60],
    [{ $dayOfWeek: '$when' }, 5],
    [{ $week: '$when' }, 8],
    [{ $isoWeek: date('2021-01-03T00:00:00Z') }, 53],
    [{ $isoWeekYear: date('2021-01-03T00:00:00Z') }, long(2020)],
    [{ $hour: { date: '$when', timezone: 'Europe/Paris' } }, 0],
    [{ $dayOfMonth: { date: '$when', timezone: '+05:30' } }, 1],
    [{ $dateToString: { date: '$when' } }, '2024-02-29T23:30:15.250Z'],
    [
      { $dateToString: { date: '$when', format: '%d/%m/%Y %H:%M %z', timezone: 'America/New_York' } },
      '29/02/2024 18:30 -0500',
    ],
    [{ $dateToString: { date: '$missing', onNull: 'none' } }, 'none'],
    [
      { $dateFromString: { dateString: '2024-07-01T10:00:00', timezone: 'Europe/Paris' } },
      date('2024-07-01T08:00:00Z'),
    ],
    [{ $dateFromString: { dateString: '01/02/2024', format: '%d/%m/%Y' } }, date('2024-02-01T00:00:00Z')],
    [{ $dateFromString: { dateString: 'nonsense', onError: null } }, null],
    [{ $dateFromParts: { year: 2024, month: 14, day: 1 } }, date('2025-02-01T00:00:00Z')],
    [
      { $dateToParts: { date: date('2024-02-29T01:02:03.004Z') } },
      { year: 2024, month: 2, day: 29, hour: 1, minute: 2, second: 3, millisecond: 4 },
    ],
    [
      { $dateAdd: { startDate: date('2024-01-31T00:00:00Z'), unit: 'month', amount: 1 } },
      date('2024-02-29T00:00:00Z'),
    ],
    [
      {
        $dateAdd: {
          startDate: date('2026-03-28T11:00:00Z'),
          unit: 'day',
          amount: 1,
          timezone: 'Europe/Paris',
        },
      },
      date('2026-03-29T10:00:00Z'),
    ],
    [{ $dateSubtract: { startDate: '$when', unit: 'hour', amount: 24 } }, date('2024-02-28T23:30:15.250Z')],
    [
      {
        $dateDiff: {
          startDate: date('2024-12-31T23:59:59Z'),
          endDate: date('2025-01-01T00:00:00Z'),
          unit: 'year',
        },
      },
      long(1),
    ],
    [
      {
        $dateDiff: {
          startDate: date('2024-03-02T00:00:00Z'),
          endDate: date('2024-03-04T00:00:00Z'),
          unit: 'week',
          startOfWeek: 'monday',
        },
      },
      long(1),
    ],
    [{ $dateTrunc: { date: '$when', unit: 'quarter' } }, date('2024-01-01T00:00:00Z')],
    [{ $dateTrunc: { date: '$when', unit: 'minute', binSize: 15 } }, date('2024-02-29T23:30:00Z')],
    [{ $dateTrunc: { date: '$when', unit: 'week', startOfWeek: 'monday' } }, date('2024-02-26T00:00:00Z')],
  ])('%j gives %j', (expression, expected) => {
    expect(evaluate(expression, fields)).toEqual(expected === undefined ? undefined : value(expected));
  });

  it.each<[unknown, number]>([
    [{ $nothing: 1 }, 168],
    [{ $add: [1, 'x'] }, 14],
    [{ $divide: [1, 0] }, 2],
    [{ $mod: [1, 0] }, 16610],
    [{ $concat: [1] }, 16702],
    [{ $size: 1 }, 17124],
    [{ $toInt: 'x' }, 241],
    [{ $toInt: 1e10 }, 241],
    [{ $toObjectId: 'x' }, 241],
    ['$$nope', 17276],
    ['$a..b', 15998],
    [{ $gt: [1] }, 16020],
    [{ $cond: [1, 2] }, 16020],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, 40066],
    [{ $add: 1, $subtract: 2 }, 15983],
    [{ $year: 'x' }, 16006],
    [{ $dateToString: { date: '$when', timezone: 'Mars/Phobos' } }, 40485],
    [{ $let: { vars: { X: 1 }, in: 1 } }, 9],
  ])('%j fails with %i', (expression, code) => {
    expect(() => evaluate(expression, fields)).toThrow(expect.objectContaining({ code }));
  });
});
