// Values as text, as $toString and the operators that coerce give it.
import { Decimal128, Int32, ObjectId, BSONSymbol, Timestamp } from '../documents/value.ts';
import type { Value } from '../documents/value.ts';

/** Undefined for types that have no text. */
export function textOf(value: Value): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return doubleText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      break;
  }
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof BSONSymbol) return value.value;
  if (value instanceof Timestamp) return `Timestamp(${String(value.t >>> 0)}, ${String(value.i >>> 0)})`;
  return undefined;
}

/** A double as MongoDB writes it: 1, 1.5, 1e+20, 1e-05, NaN, Infinity. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0';
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -5 && exponent < 17) {
    const text = String(value);
    if (!text.includes('e')) return text;
  }
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
