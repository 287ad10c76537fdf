// The values of BSON in memory. A double is a `number`, a 64-bit integer a `bigint`, a 32-bit integer an `Int32`: every number
// keeps its type. A document is a `Map`, whose insertion order is the order of its fields, whatever their names. The other types
// are the classes of `bson`. JavaScript's `undefined` never is a value: it says that a field is missing; BSON's deprecated
// type Undefined is `BsonUndefined`.
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';

export { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp };

/** A document: fields in order. */
export type Doc = Map<string, Value>;

/** Any value of BSON. */
export type Value =
  | number
  | bigint
  | Int32
  | Decimal128
  | string
  | boolean
  | null
  | Doc
  | Value[]
  | ObjectId
  | Date
  | Binary
  | Timestamp
  | BSONRegExp
  | Code
  | CodeWithScope
  | DBPointer
  | BSONSymbol
  | MinKey
  | MaxKey
  | BsonUndefined;

/** The deprecated type Undefined (6). */
export class BsonUndefined {
  readonly _bsontype = 'Undefined';
}
export const bsonUndefined = new BsonUndefined();

/** JavaScript code with its scope, a deprecated type (15); code without a scope is bson's `Code`. */
export class CodeWithScope {
  readonly code: string;
  readonly scope: Doc;
  constructor(code: string, scope: Doc) {
    this.code = code;
    this.scope = scope;
  }
}

/** A reference to a document of a collection, a deprecated type (12). */
export class DBPointer {
  readonly namespace: string;
  readonly id: ObjectId;
  constructor(namespace: string, id: ObjectId) {
    this.namespace = namespace;
    this.id = id;
  }
}

export const minKey = new MinKey();
export const maxKey = new MaxKey();

const SMALLEST_KEPT = -128;
const LARGEST_KEPT = 1023;
const kept = Array.from(
  { length: LARGEST_KEPT - SMALLEST_KEPT + 1 },
  (_, at) => new Int32(at + SMALLEST_KEPT),
);

/** The `Int32` of an integer that fits; small ones are shared. */
export function int32(value: number): Int32 {
  return (
    (value >= SMALLEST_KEPT && value <= LARGEST_KEPT ? kept[value - SMALLEST_KEPT] : undefined) ??
    new Int32(value)
  );
}

/** A document from a plain object, for constants and answers whose names are not numbers; fields that are `undefined` are left out. */
export function docOf(fields: Readonly<Record<string, Value | undefined>>): Doc {
  const doc: Doc = new Map();
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) doc.set(name, value);
  }
  return doc;
}

export function isDoc(value: unknown): value is Doc {
  return value instanceof Map;
}

export type Numeric = number | bigint | Int32 | Decimal128;

export function isNumeric(value: Value | undefined): value is Numeric {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return true;
    case 'object':
      return value instanceof Int32 || value instanceof Decimal128;
    default:
      return false;
  }
}

/** The JavaScript number nearest to a number of any type. */
export function toNumber(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  return Number(typeof value === 'bigint' ? value : value.toString());
}
