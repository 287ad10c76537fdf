// The order of values: MongoDB's BSON comparison order. Types come first (numbers are one class), then values: numbers by
// what they are worth, exactly, whatever their types; strings by their UTF-8 bytes; documents field by field.
import { compareFinite, exactDouble, partsOf } from './decimal.ts';
import { rankOf } from './type.ts';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  CodeWithScope,
  DBPointer,
  Decimal128,
  Int32,
  ObjectId,
  Timestamp,
} from './value.ts';
import type { Finite } from './decimal.ts';
import type { Doc, Numeric, Value } from './value.ts';

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  const rank = rankOf(a);
  return rank - rankOf(b) || compareSameRank(a, b);
}

/** Whether two values compare equal: 1 and 1.0 do, 0 and -0, NaN and NaN, null and missing do not. */
export function equalValues(a: Value, b: Value): boolean {
  return a === b || compareValues(a, b) === 0;
}

function compareSameRank(a: Value, b: Value): number {
  if (a instanceof Int32) return b instanceof Int32 ? a.value - b.value : compareNumbers(a, b as Numeric);
  if (typeof a === 'number' || typeof a === 'bigint' || a instanceof Decimal128)
    return compareNumbers(a, b as Numeric);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (a instanceof Map) return compareDocuments(a, b as Doc);
  if (Array.isArray(a)) return compareArrays(a, b as Value[]);
  if (a instanceof ObjectId) return Buffer.compare(a.id, (b as ObjectId).id);
  if (a instanceof Date) return a.getTime() - (b as Date).getTime();
  return compareRare(a, b);
}

function compareRare(a: Value, b: Value): number {
  if (typeof a === 'string' || a instanceof BSONSymbol) {
    return compareStrings(a.valueOf(), typeof b === 'string' ? b : (b as BSONSymbol).value);
  }
  if (a instanceof Binary && b instanceof Binary) {
    return a.length() - b.length() || a.sub_type - b.sub_type || Buffer.compare(bytesOf(a), bytesOf(b));
  }
  if (a instanceof Timestamp && b instanceof Timestamp)
    return (a.t >>> 0) - (b.t >>> 0) || (a.i >>> 0) - (b.i >>> 0);
  if (a instanceof BSONRegExp && b instanceof BSONRegExp) {
    return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
  }
  if (a instanceof Code && b instanceof Code) return compareStrings(a.code, b.code);
  if (a instanceof CodeWithScope && b instanceof CodeWithScope) {
    return compareStrings(a.code, b.code) || compareDocuments(a.scope, b.scope);
  }
  if (a instanceof DBPointer && b instanceof DBPointer) {
    return (
      Buffer.byteLength(a.namespace) - Buffer.byteLength(b.namespace) ||
      compareStrings(a.namespace, b.namespace) ||
      Buffer.compare(a.id.id, b.id.id)
    );
  }
  return 0; // null, Undefined, MinKey, MaxKey
}

/** The bytes of binary data, without the room that bson keeps behind them. */
export function bytesOf(binary: Binary): Uint8Array {
  return binary.buffer.length === binary.position
    ? binary.buffer
    : binary.buffer.subarray(0, binary.position);
}

/** By code point, which is the order of the UTF-8 bytes; UTF-16 puts surrogates before U+E000 to U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? afterSurrogates(x) - afterSurrogates(y) : x - y;
  }
  return a.length - b.length;
}

function afterSurrogates(unit: number): number {
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  // NaN comes before every other number and equals itself.
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** Exact over the four types of numbers. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  const x = a instanceof Int32 ? a.value : a;
  const y = b instanceof Int32 ? b.value : b;
  if (typeof x === 'number' && typeof y === 'number') return compareDoubles(x, y);
  if (x instanceof Decimal128 || y instanceof Decimal128) {
    const left = ordered(x);
    const right = ordered(y);
    if (typeof left === 'object' && typeof right === 'object') return compareFinite(left, right);
    return compareDoubles(typeof left === 'object' ? 0 : left, typeof right === 'object' ? 0 : right);
  }
  // JavaScript compares a bigint with a number exactly.
  if (x < y) return -1;
  if (x > y) return 1;
  return Number.isNaN(y) ? 1 : Number.isNaN(x) ? -1 : 0;
}

/** The exact parts of a finite number; NaN or an infinity as a double. */
function ordered(value: number | bigint | Decimal128): Finite | number {
  if (typeof value === 'bigint')
    return { negative: value < 0n, coefficient: value < 0n ? -value : value, exponent: 0 };
  if (typeof value === 'number') return Number.isFinite(value) ? exactDouble(value) : value;
  const parts = partsOf(value);
  return typeof parts === 'object' ? parts : Number(parts);
}

function compareDocuments(a: Doc, b: Doc): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const other = others.next();
    if (other.done === true) return 1;
    const [otherName, otherValue] = other.value;
    const order =
      rankOf(value) - rankOf(otherValue) ||
      compareStrings(name, otherName) ||
      compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return a.size - b.size;
}

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    const order = compareValues(value, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
