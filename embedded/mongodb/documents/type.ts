// The types of BSON: their numbers on the wire, their names as `$type` gives and takes them, and the class in which MongoDB compares
// them (all numbers are one class, strings and symbols another), in the order of those classes.
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  BsonUndefined,
  Code,
  CodeWithScope,
  DBPointer,
  Decimal128,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from './value.ts';
import type { Value } from './value.ts';

/** The number of each type (bsonspec.org). */
export const bsonType = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const;

export type TypeName = keyof typeof bsonType;
export type TypeNumber = (typeof bsonType)[TypeName];

const nameOfType = new Map<number, TypeName>(
  (Object.entries(bsonType) as [TypeName, TypeNumber][]).map(([name, number]) => [number, name]),
);

/** The number of a value's type. */
export function typeOf(value: Value): TypeNumber {
  switch (typeof value) {
    case 'string':
      return bsonType.string;
    case 'number':
      return bsonType.double;
    case 'bigint':
      return bsonType.long;
    case 'boolean':
      return bsonType.bool;
    default:
      break;
  }
  if (value === null) return bsonType.null;
  if (value instanceof Int32) return bsonType.int;
  if (value instanceof Map) return bsonType.object;
  if (Array.isArray(value)) return bsonType.array;
  if (value instanceof ObjectId) return bsonType.objectId;
  if (value instanceof Date) return bsonType.date;
  if (value instanceof Decimal128) return bsonType.decimal;
  if (value instanceof Binary) return bsonType.binData;
  if (value instanceof Timestamp) return bsonType.timestamp;
  if (value instanceof BSONRegExp) return bsonType.regex;
  if (value instanceof BsonUndefined) return bsonType.undefined;
  if (value instanceof MinKey) return bsonType.minKey;
  if (value instanceof MaxKey) return bsonType.maxKey;
  if (value instanceof Code) return bsonType.javascript;
  if (value instanceof CodeWithScope) return bsonType.javascriptWithScope;
  if (value instanceof BSONSymbol) return bsonType.symbol;
  return value instanceof DBPointer ? bsonType.dbPointer : bsonType.undefined;
}

/** The name of a value's type, as `$type` of aggregation gives it; `missing` when there is no value. */
export function typeName(value: Value | undefined): TypeName | 'missing' {
  return value === undefined ? 'missing' : (nameOfType.get(typeOf(value)) ?? 'undefined');
}

/** The type that a number or an alias names in `$type` and `$convert`; undefined when there is none. */
export function typeByName(name: string): TypeNumber | undefined {
  return Object.hasOwn(bsonType, name) ? bsonType[name as TypeName] : undefined;
}

/** Whether a number is that of a type. */
export function isTypeNumber(number: number): number is TypeNumber {
  return nameOfType.has(number);
}

/** The place of a type in the comparison order; types with the same place compare by value (BSON comparison order, MongoDB's manual). */
export function typeRank(type: TypeNumber): number {
  return ranks[type + 1] ?? 0;
}

// Indexed by the type's number plus one.
const ranks: number[] = [];
for (const [number, rank] of [
  [bsonType.minKey, 1],
  [bsonType.undefined, 2],
  [bsonType.null, 5],
  [bsonType.double, 10],
  [bsonType.int, 10],
  [bsonType.long, 10],
  [bsonType.decimal, 10],
  [bsonType.string, 15],
  [bsonType.symbol, 15],
  [bsonType.object, 20],
  [bsonType.array, 25],
  [bsonType.binData, 30],
  [bsonType.objectId, 35],
  [bsonType.bool, 40],
  [bsonType.date, 45],
  [bsonType.timestamp, 47],
  [bsonType.regex, 50],
  [bsonType.dbPointer, 55],
  [bsonType.javascript, 60],
  [bsonType.javascriptWithScope, 65],
  [bsonType.maxKey, 127],
] as const) {
  ranks[number + 1] = rank;
}
for (let at = 0; at < ranks.length; at++) ranks[at] ??= 0;

/** The place of a value's type in the comparison order. */
export function rankOf(value: Value): number {
  switch (typeof value) {
    case 'string':
      return 15;
    case 'number':
    case 'bigint':
      return 10;
    case 'boolean':
      return 40;
    default:
      return typeRank(typeOf(value));
  }
}
