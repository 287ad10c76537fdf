// Values as MongoDB writes them in error messages and in the bounds of explain: `{ a: 1, b: "x" }`.
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  BsonUndefined,
  Code,
  Decimal128,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from './value.ts';
import type { Doc, Value } from './value.ts';

/** A value as text; a double always has a point or an exponent. */
export function show(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `"${value}"`;
    case 'number':
      return showDouble(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      break;
  }
  if (value === null) return 'null';
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Map) return showDocument(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(show).join(', ')} ]`;
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${String(value.getTime())})`;
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof Timestamp) return `Timestamp(${String(value.t >>> 0)}, ${String(value.i >>> 0)})`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Binary)
    return `BinData(${String(value.sub_type)}, ${value.toString('hex').toUpperCase()})`;
  if (value instanceof BsonUndefined) return 'undefined';
  if (value instanceof MinKey) return 'MinKey';
  if (value instanceof MaxKey) return 'MaxKey';
  if (value instanceof Code) return value.code;
  if (value instanceof BSONSymbol) return `"${value.value}"`;
  return 'code or pointer';
}

export function showDocument(doc: Doc): string {
  if (doc.size === 0) return '{}';
  return `{ ${Array.from(doc, ([name, value]) => `${name}: ${show(value)}`).join(', ')} }`;
}

/** A double as `std::ostream` would with MongoDB's additions: 1.0, 1.5, 1e+300, inf, nan.0. */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan.0';
  if (!Number.isFinite(value)) return value > 0 ? 'inf.0' : '-inf.0';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
