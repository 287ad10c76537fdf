// $convert and its short forms, $type, $isNumber. (Manual: "Type Expression Operators".)
import { mongoError } from '../../errors.ts';
import { toDecimal } from '../../documents/arithmetic.ts';
import { decimalOfInteger } from '../../documents/decimal.ts';
import { INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, wholeOf } from '../../documents/integer.ts';
import { bsonType, isTypeNumber, typeByName, typeName, typeOf } from '../../documents/type.ts';
import { Decimal128, int32, isNumeric, ObjectId, Timestamp, toNumber } from '../../documents/value.ts';
import { textOf } from '../text.ts';
import { named, unary } from '../operand.ts';
import { isNullish } from '../truth.ts';
import { parseDate } from '../date/parse.ts';
import type { Numeric, Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

const SUFFIX = ' in $convert with no onError value';

function failed(message: string): never {
  throw mongoError('ConversionFailure', `${message}${SUFFIX}`);
}

function unsupported(value: Value, target: string): never {
  return failed(`Unsupported conversion from ${typeName(value)} to ${target}`);
}

function parseNumber(text: string, pattern: RegExp): string {
  if (text === '') failed(`Failed to parse number '' : Empty string`);
  if (!pattern.test(text)) failed(`Failed to parse number '${text}': Did not consume whole string.`);
  return text;
}

const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;
const INTEGER = /^[+-]?\d+$/;

function parsedDouble(text: string): number {
  const checked = parseNumber(text, DECIMAL).toLowerCase();
  if (checked.includes('nan')) return NaN;
  if (checked.includes('inf')) return checked.startsWith('-') ? -Infinity : Infinity;
  const value = Number(checked);
  if (!Number.isFinite(value)) failed(`Failed to parse number '${text}': Out of range`);
  return value;
}

function toDouble(value: Value): Value {
  if (typeof value === 'number') return value;
  if (isNumeric(value)) {
    const double = toNumber(value);
    if (
      !Number.isFinite(double) &&
      value instanceof Decimal128 &&
      !/^-?(?:inf|nan)/i.test(value.toString())
    ) {
      failed('Conversion would overflow target type');
    }
    return double;
  }
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' ? parsedDouble(value) : unsupported(value, 'double');
}

function inRange(value: Numeric, least: bigint, most: bigint): bigint {
  const double = toNumber(value);
  if (Number.isNaN(double)) failed('Attempt to convert NaN value to integer type');
  if (!Number.isFinite(double)) failed('Attempt to convert infinity value to integer type');
  const whole = wholeOf(value);
  return whole === undefined || whole < least || whole > most
    ? failed(`Conversion would overflow target type: ${textOf(value) ?? ''}`)
    : whole;
}

function integer(value: Value, target: string, least: bigint, most: bigint): bigint {
  if (isNumeric(value)) return inRange(value, least, most);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof Date && target === 'long') return BigInt(value.getTime());
  if (typeof value !== 'string') return unsupported(value, target);
  const whole = BigInt(parseNumber(value, INTEGER).replace('+', ''));
  return whole < least || whole > most ? failed(`Failed to parse number '${value}': Overflow`) : whole;
}

function convertToDecimal(value: Value): Value {
  if (isNumeric(value)) return toDecimal(value);
  if (typeof value === 'boolean') return decimalOfInteger(Number(value));
  if (value instanceof Date) return decimalOfInteger(value.getTime());
  if (typeof value !== 'string') return unsupported(value, 'decimal');
  return Decimal128.fromStringWithRounding(parseNumber(value, DECIMAL));
}

function toDate(value: Value): Value {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date((value.t >>> 0) * 1000);
  if (typeof value === 'string') return parseDate(value);
  if (isNumeric(value) && typeOf(value) !== bsonType.int) {
    const date = new Date(Number(inRange(value, INT64_MIN, INT64_MAX)));
    return Number.isNaN(date.getTime()) ? failed('Conversion would overflow target type') : date;
  }
  return unsupported(value, 'date');
}

function toObjectId(value: Value): Value {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') return unsupported(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value)) {
    failed(
      value.length === 24
        ? `Failed to parse objectId '${value}': Invalid character found in hex string`
        : `Failed to parse objectId '${value}': Invalid string length for parsing to OID, expected 24 but found ${String(value.length)}`,
    );
  }
  return new ObjectId(value);
}

function toText(value: Value): Value {
  const { string } = bsonType;
  return textOf(value) ?? unsupported(value, typeName(String(string)));
}

function toBool(value: Value): Value {
  if (isNumeric(value)) return toNumber(value) !== 0;
  return typeof value === 'boolean' ? value : true;
}

/** Conversions by the number of their target. */
const conversions = new Map<number, (value: Value) => Value>([
  [bsonType.double, toDouble],
  [bsonType.string, toText],
  [bsonType.objectId, toObjectId],
  [bsonType.bool, toBool],
  [bsonType.date, toDate],
  [bsonType.int, (value) => int32(Number(integer(value, 'int', BigInt(INT32_MIN), BigInt(INT32_MAX))))],
  [bsonType.long, (value) => integer(value, 'long', INT64_MIN, INT64_MAX)],
  [bsonType.decimal, convertToDecimal],
]);

function targetOf(to: Value): number {
  if (typeof to === 'string') {
    return (
      typeByName(to) ??
      (() => {
        throw mongoError('BadValue', `Unknown type name: ${to}`);
      })()
    );
  }
  const number = isNumeric(to) ? toNumber(to) : NaN;
  if (!isTypeNumber(number))
    throw mongoError('FailedToParse', `In $convert, numeric 'to' argument is not a valid type`);
  return number;
}

function converted(value: Value, target: number): Value {
  const conversion = conversions.get(target);
  return conversion === undefined
    ? failed(`Unsupported conversion from ${typeName(value)} to type ${String(target)}`)
    : conversion(value);
}

const convert: Compiler = (operand, scope, compile, name) => {
  const given = named(
    name,
    operand,
    { input: 'required', to: 'required', onError: 'optional', onNull: 'optional' },
    9,
  );
  const input = compile(given.get('input') ?? null, scope);
  const to = compile(given.get('to') ?? null, scope);
  const [onError, onNull] = ['onError', 'onNull'].map((part) => {
    const expression = given.get(part);
    return expression === undefined ? undefined : compile(expression, scope);
  });
  return (doc) => {
    const value = input(doc);
    const target = to(doc);
    if (isNullish(value)) return onNull === undefined ? null : onNull(doc);
    if (isNullish(target)) return null;
    const number = targetOf(target);
    try {
      return converted(value, number);
    } catch (error) {
      if (onError !== undefined) return onError(doc);
      throw error;
    }
  };
};

function shortForm(target: number): Compiler {
  return unary((value) => (isNullish(value) ? null : converted(value, target)));
}

export const convertOperators: readonly (readonly [string, Compiler])[] = [
  ['$convert', convert],
  ['$toDouble', shortForm(bsonType.double)],
  ['$toString', shortForm(bsonType.string)],
  ['$toObjectId', shortForm(bsonType.objectId)],
  ['$toBool', shortForm(bsonType.bool)],
  ['$toDate', shortForm(bsonType.date)],
  ['$toInt', shortForm(bsonType.int)],
  ['$toLong', shortForm(bsonType.long)],
  ['$toDecimal', shortForm(bsonType.decimal)],
  ['$type', unary((value) => typeName(value))],
  ['$isNumber', unary((value) => isNumeric(value))],
];
