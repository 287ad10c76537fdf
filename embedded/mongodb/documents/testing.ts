// Values for tests: every type, mixed, with the neighbours at which orders go wrong; and a short way to write documents.
import * as bson from 'bson';
import fc from 'fast-check';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  bsonUndefined,
  Code,
  CodeWithScope,
  DBPointer,
  Decimal128,
  int32,
  maxKey,
  minKey,
  ObjectId,
  Timestamp,
} from './value.ts';
import { decodeDocument } from './read.ts';
import type { Doc, Value } from './value.ts';

const interestingNumbers: Value[] = [
  0,
  -0,
  NaN,
  Infinity,
  -Infinity,
  0.1,
  1e300,
  5e-324,
  2 ** 53,
  2 ** 53 + 2,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2 ** 63,
  int32(0),
  int32(1),
  int32(-1),
  1,
  1n,
  ...[
    '0',
    '-0',
    '0E+100',
    '1',
    '1.0',
    '0.1',
    '-0.1',
    '0.1000000000000000055511151231257827',
    '0.1000000000000000055511151231257828',
    '9007199254740993',
    '9007199254740992.5',
    '9223372036854775807.5',
    '9.999999999999999999999999999999999E+6144',
    '1E-6176',
    '-1E-6176',
    '1.797693134862315708145274237317043E+308',
    '1.797693134862315708145274237317044E+308',
    'NaN',
    'Infinity',
    '-Infinity',
  ].map((text) => Decimal128.fromString(text)),
];

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Numbers of the four types. */
export const numbers: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...interestingNumbers),
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(int32),
  fc.integer({ min: -5, max: 5 }).map(int32),
  fc.bigInt(INT64),
  fc.bigInt({ min: -5n, max: 5n }),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -60, max: 60 }))
    .map(([coefficient, exponent]) => Decimal128.fromString(`${String(coefficient)}E${String(exponent)}`)),
);

const texts = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', '\0', 'a\0', 'a', '\uffff', '😀'),
);
const bytes = fc.uint8Array({ maxLength: 4 });
const ids = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new ObjectId(id));
const patterns = fc.string({ maxLength: 3 }).filter((text) => !text.includes('\0'));

const scalars: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: numbers },
  { weight: 3, arbitrary: texts },
  fc.constantFrom<Value>(null, true, false, minKey, maxKey, bsonUndefined),
  ids,
  fc.date({ noInvalidDate: true }),
  fc.tuple(bytes, fc.constantFrom(0, 2, 4, 128)).map(([data, type]) => new Binary(data, type)),
  fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([t, i]) => new Timestamp({ t, i })),
  fc
    .tuple(patterns, fc.constantFrom('', 'i', 'im'))
    .map(([pattern, options]) => new BSONRegExp(pattern, options)),
  texts.map((text) => new Code(text)),
  texts.map((text) => new BSONSymbol(text)),
  texts.map((text) => new CodeWithScope(text, new Map())),
  fc.tuple(texts, ids).map(([namespace, id]) => new DBPointer(namespace, id)),
);

/** Values of every type, some of them in arrays and documents. */
export const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 8, arbitrary: scalars },
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', '1', 'é', ''), tie('value')), { maxLength: 3 })
      .map((fields): Doc => new Map(fields)),
  ),
})).value;

/**
 * A document as a driver would send a plain object: whole numbers as 32-bit integers. `bigint` makes a long, `new bson.Double(1)` a double.
 */
export function doc(fields: bson.Document): Doc {
  return decodeDocument(bson.serialize(fields, { ignoreUndefined: true }));
}
