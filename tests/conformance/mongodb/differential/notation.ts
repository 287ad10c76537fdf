// Values as a person reads them, types kept: 1 is an int, 1L a long, 1.0 a double, 1m a decimal. Two values that differ read
// differently. The driver and `bson` may be two copies of the classes: they are told by their `_bsontype`.
import type { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';

type BsonValue = Int32 | Double | Long | Timestamp | Decimal128 | ObjectId | Binary | MinKey | MaxKey;

const isBson = (value: object): value is BsonValue => '_bsontype' in value;

const double = (value: number): string => {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
};

function showBson(value: BsonValue): string {
  switch (value._bsontype) {
    case 'Int32':
      return String(value.value);
    case 'Double':
      return double(value.value);
    case 'Long':
      return `${value.toString()}L`;
    case 'Timestamp':
      return `Timestamp(${String(value.t)}, ${String(value.i)})`;
    case 'Decimal128':
      return `${value.toString()}m`;
    case 'ObjectId':
      return `ObjectId(${value.toHexString()})`;
    case 'Binary':
      return `Binary(${String(value.sub_type)}, ${value.toString('hex')})`;
    case 'MinKey':
    case 'MaxKey':
      return value._bsontype;
  }
}

/** A value in a notation near to the shell's. */
export function show(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isBson(value)) return showBson(value);
  if (value instanceof Date) return `Date(${value.toISOString()})`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, field]) => `${name}: ${show(field)}`)
    .join(', ')}}`;
}
