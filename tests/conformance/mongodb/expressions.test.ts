// Expressions: what each operator answers for one document, with types, null and missing as the manual's page of the operator says.
import { Decimal128, Double, Int32, Long, ObjectId, Timestamp, type Document } from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, exactly, itHolds } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('expressions');

const day = new Date('2026-03-01T13:45:30.250Z');
const id = new ObjectId('64b0c0ffee0000000000abcd');
const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
const document = {
  _id: 1,
  i: 7,
  d: 2.5,
  l: Long.fromString('9007199254740993'),
  m: decimal('1.10'),
  s: 'Grüße',
  t: 'a,b,c',
  n: null,
  a: [3, 1, 2],
  o: { x: 1, y: 2 },
  k: [
    { k: 'x', v: 1 },
    { k: 'y', v: 2 },
  ],
  day,
  id,
  yes: true,
};
/** The expression answers nothing: the field is left out. */
const nothing = Symbol('nothing');

/** The sentence, the expression, the value. */
type Case = readonly [string, unknown, unknown];

const arithmetic: readonly Case[] = [
  ['$add ints', { $add: ['$i', 1] }, 8],
  ['$add int and double', { $add: ['$i', '$d'] }, 9.5],
  ['$add int and long', { $add: ['$l', 1] }, Long.fromString('9007199254740994')],
  ['$add with a decimal', { $add: ['$m', 1] }, decimal('2.10')],
  ['$add past an int', { $add: [2147483647, 1] }, Long.fromNumber(2147483648)],
  ['$add past a long is a double', { $add: [Long.MAX_VALUE, 1] }, new Double(9223372036854775808)],
  ['$add to a date', { $add: ['$day', 1000] }, new Date(day.getTime() + 1000)],
  ['$add with null', { $add: ['$i', '$n'] }, null],
  ['$add with missing', { $add: ['$i', '$nowhere'] }, null],
  ['$subtract', { $subtract: ['$i', 10] }, -3],
  [
    '$subtract dates gives milliseconds',
    { $subtract: ['$day', new Date(0)] },
    Long.fromNumber(day.getTime()),
  ],
  ['$multiply', { $multiply: ['$i', '$d'] }, 17.5],
  ['$divide ints is a double', { $divide: [7, 2] }, 3.5],
  ['$divide whole is a double too', { $divide: [6, 2] }, new Double(3)],
  ['$mod', { $mod: ['$i', 4] }, 3],
  ['$mod keeps the sign', { $mod: [-7, 4] }, -3],
  ['$mod of doubles', { $mod: [7.5, 2] }, 1.5],
  ['$abs', { $abs: -5 }, 5],
  ['$ceil', { $ceil: 2.1 }, new Double(3)],
  ['$floor of a negative', { $floor: -2.1 }, new Double(-3)],
  ['$trunc', { $trunc: -2.9 }, new Double(-2)],
  ['$trunc to places', { $trunc: [2.987, 1] }, 2.9],
  ['$round half to even', { $round: 2.5 }, new Double(2)],
  ['$round to places', { $round: [2.345, 2] }, 2.35],
  ['$round to tens', { $round: [1234, -2] }, 1200],
  ['$sqrt', { $sqrt: 9 }, new Double(3)],
  ['$pow of ints', { $pow: [2, 10] }, 1024],
  ['$pow with a negative exponent', { $pow: [2, -1] }, 0.5],
  ['$exp', { $exp: 0 }, new Double(1)],
  ['$ln', { $ln: 1 }, new Double(0)],
  ['$log10', { $log10: 100 }, new Double(2)],
  ['$log', { $log: [8, 2] }, new Double(3)],
];

const comparison: readonly Case[] = [
  ['$eq across number types', { $eq: [1, new Double(1)] }, true],
  ['$eq of null and missing', { $eq: ['$n', '$nowhere'] }, false],
  ['$ne', { $ne: ['$i', 7] }, false],
  ['$gt across types', { $gt: ['x', 5] }, true],
  ['$lt missing is least', { $lt: ['$nowhere', null] }, true],
  ['$gte', { $gte: ['$i', 7] }, true],
  ['$lte', { $lte: ['$i', 6] }, false],
  ['$cmp', { $cmp: ['$i', 10] }, -1],
  ['$and of nothing', { $and: [] }, true],
  ['$or of nothing', { $or: [] }, false],
  ['$and takes 0 and null as false', { $and: [1, 0] }, false],
  ['$and takes an empty string as true', { $and: ['', []] }, true],
  ['$or', { $or: [false, '$i'] }, true],
  ['$not', { $not: ['$n'] }, true],
  ['$cond by position', { $cond: [{ $gt: ['$i', 5] }, 'big', 'small'] }, 'big'],
  ['$cond by name', { $cond: { if: '$n', then: 1, else: 2 } }, 2],
  ['$ifNull', { $ifNull: ['$n', 'none'] }, 'none'],
  ['$ifNull with several', { $ifNull: ['$n', '$nowhere', 5] }, 5],
  [
    '$switch',
    {
      $switch: {
        branches: [
          { case: { $eq: ['$i', 1] }, then: 'one' },
          { case: true, then: 'else' },
        ],
      },
    },
    'else',
  ],
  ['$switch with a default', { $switch: { branches: [{ case: false, then: 1 }], default: 9 } }, 9],
];

const strings: readonly Case[] = [
  ['$concat', { $concat: ['$t', '!'] }, 'a,b,c!'],
  ['$concat with null', { $concat: ['$t', '$n'] }, null],
  ['$toLower', { $toLower: 'ABC' }, 'abc'],
  ['$toUpper', { $toUpper: 'abc' }, 'ABC'],
  ['$toUpper of null', { $toUpper: '$n' }, ''],
  ['$toUpper leaves what is not ASCII', { $toUpper: 'grüß' }, 'GRüß'],
  ['$strLenCP', { $strLenCP: '$s' }, 5],
  ['$strLenBytes', { $strLenBytes: '$s' }, 7],
  ['$strLenCP outside the basic plane', { $strLenCP: '\u{1F600}x' }, 2],
  ['$substrCP', { $substrCP: ['$s', 1, 3] }, 'rüß'],
  ['$substrBytes', { $substrBytes: ['$t', 2, 3] }, 'b,c'],
  ['$substr past the end', { $substrCP: ['abc', 5, 2] }, ''],
  ['$split', { $split: ['$t', ','] }, ['a', 'b', 'c']],
  ['$trim', { $trim: { input: '  x ' } }, 'x'],
  ['$ltrim with characters', { $ltrim: { input: 'xxay', chars: 'x' } }, 'ay'],
  ['$rtrim', { $rtrim: { input: ' x  ' } }, ' x'],
  ['$indexOfCP', { $indexOfCP: ['$s', 'ß'] }, 3],
  ['$indexOfBytes', { $indexOfBytes: ['$s', 'e'] }, 6],
  ['$indexOfCP of what is not there', { $indexOfCP: ['$s', 'z'] }, -1],
  ['$strcasecmp', { $strcasecmp: ['abc', 'ABD'] }, -1],
  ['$regexMatch', { $regexMatch: { input: '$t', regex: 'B', options: 'i' } }, true],
  ['$regexFind', { $regexFind: { input: '$t', regex: '(b),' } }, { match: 'b,', idx: 2, captures: ['b'] }],
  [
    '$regexFindAll',
    { $regexFindAll: { input: '$t', regex: '[ab]' } },
    [
      { match: 'a', idx: 0, captures: [] },
      { match: 'b', idx: 2, captures: [] },
    ],
  ],
  ['$replaceOne', { $replaceOne: { input: '$t', find: ',', replacement: ';' } }, 'a;b,c'],
  ['$replaceAll', { $replaceAll: { input: '$t', find: ',', replacement: ';' } }, 'a;b;c'],
];

const arrays: readonly Case[] = [
  ['$size', { $size: '$a' }, 3],
  ['$arrayElemAt', { $arrayElemAt: ['$a', 1] }, 1],
  ['$arrayElemAt from the end', { $arrayElemAt: ['$a', -1] }, 2],
  ['$arrayElemAt past the end', { $arrayElemAt: ['$a', 9] }, nothing],
  ['$first', { $first: '$a' }, 3],
  ['$last', { $last: '$a' }, 2],
  ['$concatArrays', { $concatArrays: ['$a', [9]] }, [3, 1, 2, 9]],
  ['$concatArrays with null', { $concatArrays: ['$a', '$n'] }, null],
  ['$filter', { $filter: { input: '$a', as: 'x', cond: { $gt: ['$$x', 1] } } }, [3, 2]],
  ['$filter with a limit', { $filter: { input: '$a', cond: { $gt: ['$$this', 1] }, limit: 1 } }, [3]],
  ['$map', { $map: { input: '$a', as: 'x', in: { $multiply: ['$$x', 2] } } }, [6, 2, 4]],
  ['$reduce', { $reduce: { input: '$a', initialValue: 10, in: { $add: ['$$value', '$$this'] } } }, 16],
  ['$slice', { $slice: ['$a', 2] }, [3, 1]],
  ['$slice with a position', { $slice: ['$a', 1, 5] }, [1, 2]],
  ['$slice from the end', { $slice: ['$a', -2] }, [1, 2]],
  ['$in', { $in: [2, '$a'] }, true],
  ['$indexOfArray', { $indexOfArray: ['$a', 2] }, 2],
  ['$isArray', { $isArray: ['$a'] }, true],
  ['$range', { $range: [0, 6, 2] }, [0, 2, 4]],
  ['$range downwards', { $range: [3, 0, -1] }, [3, 2, 1]],
  ['$reverseArray', { $reverseArray: '$a' }, [2, 1, 3]],
  ['$sortArray', { $sortArray: { input: '$a', sortBy: 1 } }, [1, 2, 3]],
  [
    '$sortArray of documents',
    { $sortArray: { input: '$k', sortBy: { v: -1 } } },
    [
      { k: 'y', v: 2 },
      { k: 'x', v: 1 },
    ],
  ],
  [
    '$zip',
    { $zip: { inputs: ['$a', ['x']], useLongestLength: true, defaults: [0, '-'] } },
    [
      [3, 'x'],
      [1, '-'],
      [2, '-'],
    ],
  ],
  ['$zip to the shortest', { $zip: { inputs: ['$a', ['x']] } }, [[3, 'x']]],
  ['$arrayToObject', { $arrayToObject: '$k' }, { x: 1, y: 2 }],
  [
    '$arrayToObject of pairs',
    {
      $arrayToObject: [
        [
          ['p', 1],
          ['q', 2],
        ],
      ],
    },
    { p: 1, q: 2 },
  ],
  [
    '$objectToArray',
    { $objectToArray: '$o' },
    [
      { k: 'x', v: 1 },
      { k: 'y', v: 2 },
    ],
  ],
  ['a path through an array of documents', '$k.v', [1, 2]],
  ['$sum of an array', { $sum: '$a' }, 6],
  ['$avg of several', { $avg: ['$i', 8] }, 7.5],
  ['$max of an array', { $max: '$a' }, 3],
  ['$min of several', { $min: ['$i', '$n', 9] }, 7],
  ['$setUnion', { $size: { $setUnion: ['$a', [9, 1]] } }, 4],
  ['$setIntersection', { $setIntersection: ['$a', [9, 1]] }, [1]],
  ['$setDifference', { $setDifference: ['$a', [3]] }, [1, 2]],
  ['$setEquals', { $setEquals: ['$a', [1, 2, 3, 3]] }, true],
  ['$setIsSubset', { $setIsSubset: [[1], '$a'] }, true],
  ['$anyElementTrue', { $anyElementTrue: [[0, 1]] }, true],
  ['$allElementsTrue', { $allElementsTrue: [[0, 1]] }, false],
  ['$firstN', { $firstN: { input: '$a', n: 2 } }, [3, 1]],
  ['$maxN', { $maxN: { input: '$a', n: 2 } }, [3, 2]],
];

const objects: readonly Case[] = [
  ['$mergeObjects', { $mergeObjects: ['$o', { y: 9, z: 3 }] }, { x: 1, y: 9, z: 3 }],
  ['$mergeObjects with null', { $mergeObjects: ['$o', null] }, { x: 1, y: 2 }],
  ['$getField', { $getField: { field: 'x', input: '$o' } }, 1],
  ['$setField', { $setField: { field: 'x', input: '$o', value: 5 } }, { x: 5, y: 2 }],
  ['$unsetField', { $unsetField: { field: 'x', input: '$o' } }, { y: 2 }],
  ['a document of expressions', { p: '$i', q: { r: '$d' } }, { p: 7, q: { r: 2.5 } }],
  ['a missing field in a document is left out', { p: '$nowhere' }, {}],
  ['$let', { $let: { vars: { x: 1, y: '$i' }, in: { $add: ['$$x', '$$y'] } } }, 8],
  ['$literal', { $literal: '$i' }, '$i'],
  ['$$ROOT', '$$ROOT.o.x', 1],
  ['$$CURRENT', '$$CURRENT.i', 7],
];

const types: readonly Case[] = [
  ['$type', { $type: '$i' }, 'int'],
  ['$type of missing', { $type: '$nowhere' }, 'missing'],
  ['$type of an array', { $type: '$a' }, 'array'],
  ['$isNumber', { $isNumber: '$m' }, true],
  ['$toInt of a string', { $toInt: '12' }, 12],
  ['$toInt truncates', { $toInt: -2.9 }, -2],
  ['$toLong', { $toLong: '12' }, Long.fromNumber(12)],
  ['$toDouble', { $toDouble: '1.5' }, 1.5],
  ['$toDouble of true', { $toDouble: '$yes' }, new Double(1)],
  ['$toDecimal', { $toDecimal: '1.50' }, decimal('1.50')],
  ['$toString of an int', { $toString: '$i' }, '7'],
  ['$toString of a double', { $toString: '$d' }, '2.5'],
  ['$toString of a decimal', { $toString: '$m' }, '1.10'],
  ['$toString of an object id', { $toString: '$id' }, id.toHexString()],
  ['$toString of a date', { $toString: '$day' }, '2026-03-01T13:45:30.250Z'],
  ['$toString of true', { $toString: '$yes' }, 'true'],
  ['$toBool of a string', { $toBool: 'false' }, true],
  ['$toBool of 0', { $toBool: 0 }, false],
  ['$toDate of a string', { $toDate: '2026-03-01T13:45:30.250Z' }, day],
  ['$toDate of a long', { $toDate: Long.fromNumber(day.getTime()) }, day],
  ['$toObjectId', { $toObjectId: id.toHexString() }, id],
  ['$toInt of null', { $toInt: '$n' }, null],
  ['$convert with onError', { $convert: { input: 'x', to: 'int', onError: -1 } }, -1],
  ['$convert with onNull', { $convert: { input: '$n', to: 'int', onNull: 0 } }, 0],
  ['$convert by number', { $convert: { input: 5, to: 2 } }, '5'],
];

const dates: readonly Case[] = [
  ['$year', { $year: '$day' }, 2026],
  ['$month', { $month: '$day' }, 3],
  ['$dayOfMonth', { $dayOfMonth: '$day' }, 1],
  ['$hour', { $hour: '$day' }, 13],
  ['$hour in a time zone', { $hour: { date: '$day', timezone: 'Europe/Paris' } }, 14],
  ['$hour at an offset', { $hour: { date: '$day', timezone: '+05:30' } }, 19],
  ['$minute', { $minute: '$day' }, 45],
  ['$second', { $second: '$day' }, 30],
  ['$millisecond', { $millisecond: '$day' }, 250],
  ['$dayOfWeek counts from Sunday', { $dayOfWeek: '$day' }, 1],
  ['$dayOfYear', { $dayOfYear: '$day' }, 60],
  ['$week', { $week: '$day' }, 9],
  ['$isoWeek', { $isoWeek: '$day' }, 9],
  ['$isoDayOfWeek', { $isoDayOfWeek: '$day' }, 7],
  ['$isoWeekYear', { $isoWeekYear: new Date('2027-01-01T00:00:00Z') }, Long.fromNumber(2026)],
  [
    '$dateToString with a format',
    { $dateToString: { date: '$day', format: '%Y/%m/%d %H:%M:%S.%L' } },
    '2026/03/01 13:45:30.250',
  ],
  ['$dateToString without one', { $dateToString: { date: '$day' } }, '2026-03-01T13:45:30.250Z'],
  [
    '$dateToString in a time zone',
    { $dateToString: { date: '$day', format: '%H:%M %z', timezone: 'America/New_York' } },
    '08:45 -0500',
  ],
  ['$dateToString of null', { $dateToString: { date: '$n', onNull: 'none' } }, 'none'],
  ['$dateFromString', { $dateFromString: { dateString: '2026-03-01' } }, new Date('2026-03-01T00:00:00Z')],
  [
    '$dateFromParts',
    { $dateFromParts: { year: 2026, month: 3, day: 1, hour: 13 } },
    new Date('2026-03-01T13:00:00Z'),
  ],
  [
    '$dateToParts',
    { $dateToParts: { date: '$day' } },
    { year: 2026, month: 3, day: 1, hour: 13, minute: 45, second: 30, millisecond: 250 },
  ],
  [
    '$dateAdd of a month ends with its last day',
    { $dateAdd: { startDate: new Date('2026-01-31T00:00:00Z'), unit: 'month', amount: 1 } },
    new Date('2026-02-28T00:00:00Z'),
  ],
  [
    '$dateSubtract',
    { $dateSubtract: { startDate: '$day', unit: 'hour', amount: 14 } },
    new Date('2026-02-28T23:45:30.250Z'),
  ],
  [
    '$dateDiff counts boundaries',
    { $dateDiff: { startDate: new Date('2026-01-31T23:59:00Z'), endDate: '$day', unit: 'month' } },
    Long.fromNumber(2),
  ],
  [
    '$dateDiff in days',
    { $dateDiff: { startDate: new Date('2026-02-27T23:59:00Z'), endDate: '$day', unit: 'day' } },
    Long.fromNumber(2),
  ],
  [
    '$dateTrunc to the hour',
    { $dateTrunc: { date: '$day', unit: 'hour' } },
    new Date('2026-03-01T13:00:00Z'),
  ],
  [
    '$dateTrunc to the week',
    { $dateTrunc: { date: '$day', unit: 'week', startOfWeek: 'monday' } },
    new Date('2026-02-23T00:00:00Z'),
  ],
  ['$year of an object id', { $year: '$id' }, 2023],
  ['$year of a timestamp', { $year: new Timestamp({ t: 1_700_000_000, i: 1 }) }, 2023],
];

describe.each(servers.filter(({ product }) => product !== 'ferretdb'))('on $product', (server) => {
  const { db } = server;
  const groups: Record<string, readonly Case[]> = {
    arithmetic,
    comparison,
    strings,
    arrays,
    objects,
    types,
    dates,
  };
  describe.each(Object.entries(groups))('%s', (_, cases) => {
    for (const [says, expression, wanted] of cases)
      itHolds(server, 'expressions', says, async () => {
        const name = await collectionOf(db, [document]);
        const pipeline = [{ $project: { _id: 0, r: expression } }];
        const [found] = await documentsFrom(db, { aggregate: name, pipeline, cursor: {} });
        expect(exactly(found)).toBe(exactly(wanted === nothing ? {} : { r: wanted }));
      });
  });

  itHolds(server, 'expressions', 'an int of the driver is an int on the server', async () => {
    const name = await collectionOf(db, [{ _id: 1, a: new Int32(1) } satisfies Document]);
    const pipeline = [{ $project: { r: { $type: '$a' } } }];
    expect(await documentsFrom(db, { aggregate: name, pipeline, cursor: {} })).toMatchObject([{ r: 'int' }]);
  });
});
