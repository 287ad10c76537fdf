// $add, $subtract, $multiply, $divide, $mod and the functions of one number. (Manual: "Arithmetic Expression Operators".)
import { mongoError } from '../../errors.ts';
import { divide, multiply, remainder, subtract, toDecimal } from '../../documents/arithmetic.ts';
import { absoluteDecimal, rootDecimal, roundDecimal } from '../../documents/decimal-arithmetic.ts';
import { decimalOf, decimalOfDouble, exactDouble } from '../../documents/decimal.ts';
import {
  int32Of,
  integerOf,
  INT32_MAX,
  INT32_MIN,
  INT64_MAX,
  INT64_MIN,
  isWhole,
} from '../../documents/integer.ts';
import { Summation } from '../../documents/summation.ts';
import { typeName } from '../../documents/type.ts';
import { Decimal128, Int32, int32, isNumeric, toNumber } from '../../documents/value.ts';
import { binary, unary, variadic } from '../operand.ts';
import { isNullish } from '../truth.ts';
import type { Rounding } from '../../documents/decimal-arithmetic.ts';
import type { Numeric, Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

type Maybe = Value | undefined;

const add = variadic(0, Infinity, (values) => {
  const sum = new Summation();
  let date: Date | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (isNumeric(value)) sum.add(value);
    else if (value instanceof Date) {
      if (date !== undefined) throw mongoError(16612, 'only one date allowed in an $add expression');
      date = value;
    } else {
      throw mongoError('TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
    }
  }
  return date === undefined ? sum.result() : dateOf(date.getTime() + Math.round(toNumber(sum.result())));
});

/** A date from milliseconds. @throws Overflow (15) outside what a date can hold */
export function dateOf(milliseconds: number): Date {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) throw mongoError('Overflow', 'date overflow');
  return date;
}

const subtraction = binary((left, right) => {
  if (isNullish(left) || isNullish(right)) return null;
  if (isNumeric(left) && isNumeric(right)) return subtract(left, right);
  if (left instanceof Date) {
    if (right instanceof Date) return BigInt(left.getTime() - right.getTime());
    if (isNumeric(right)) return dateOf(left.getTime() - Math.round(toNumber(right)));
  }
  throw mongoError('TypeMismatch', `can't $subtract ${typeName(right)} from ${typeName(left)}`);
});

const multiplication = variadic(0, Infinity, (values) => {
  let product: Numeric = int32(1);
  let missing = false;
  for (const value of values) {
    if (isNullish(value)) missing = true;
    else if (isNumeric(value)) product = multiply(product, value);
    else throw mongoError('TypeMismatch', `$multiply only supports numeric types, not ${typeName(value)}`);
  }
  return missing ? null : product;
});

const division = binary((left, right) => {
  if (isNullish(left) || isNullish(right)) return null;
  if (!isNumeric(left) || !isNumeric(right)) {
    throw mongoError(
      'TypeMismatch',
      `$divide only supports numeric types, not ${typeName(left)} and ${typeName(right)}`,
    );
  }
  if (toNumber(right) === 0) throw mongoError('BadValue', "can't $divide by zero");
  return divide(left, right);
});

const modulo = binary((left, right) => {
  if (isNullish(left) || isNullish(right)) return null;
  if (!isNumeric(left) || !isNumeric(right)) {
    throw mongoError(16611, `$mod only supports numeric types, not ${typeName(left)} and ${typeName(right)}`);
  }
  if (toNumber(right) === 0) throw mongoError(16610, "can't $mod by zero");
  return remainder(left, right);
});

/** A function of one number; null for what is missing. */
function ofNumber(apply: (value: Numeric) => Value): Compiler {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumeric(value))
      throw mongoError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
    return apply(value);
  });
}

/** A function that has doubles only: a decimal goes through the nearest double, and so has 15 digits instead of 34. */
function ofDouble(
  apply: (value: number) => number,
  allowed: (value: number) => boolean,
  domain: string,
): Compiler {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumeric(value))
      throw mongoError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
    const number = toNumber(value);
    if (!allowed(number) && !Number.isNaN(number))
      throw mongoError(domainCodes.get(name) ?? 50989, `${name}${domain}, found: ${String(number)}`);
    return value instanceof Decimal128 ? decimalOfDouble(apply(number)) : apply(number);
  });
}

const domainCodes = new Map([
  ['$ln', 28766],
  ['$log10', 28761],
  ['$sqrt', 28714],
]);

const anything = (): boolean => true;

function absolute(value: Numeric): Value {
  if (value instanceof Int32)
    return value.value === INT32_MIN ? BigInt(-INT32_MIN) : int32(Math.abs(value.value));
  if (typeof value === 'number') return Math.abs(value);
  if (value instanceof Decimal128) return absoluteDecimal(value);
  if (value === INT64_MIN) throw mongoError(28680, "can't take $abs of long long min");
  return value < 0n ? -value : value;
}

function toWhole(rounding: Rounding, ofDoubles: (value: number) => number): Compiler {
  return ofNumber((value) => {
    if (typeof value === 'number') return ofDoubles(value);
    return value instanceof Decimal128 ? roundDecimal(value, 0, rounding) : value;
  });
}

const LEAST_PLACE = -20;
const MOST_PLACE = 100;

/** $round and $trunc to a number of places, which may be negative. */
function toPlaces(rounding: Rounding): Compiler {
  return variadic(1, 2, ([value, place], name) => {
    if (isNullish(value) || (place !== undefined && isNullish(place))) return null;
    if (!isNumeric(value))
      throw mongoError(51081, `${name} only supports numeric types, not ${typeName(value)}`);
    const places = place === undefined ? 0 : int32Of(place);
    if (places === undefined)
      throw mongoError(51082, 'precision argument to  ' + `${name} must be a integral value`);
    if (places < LEAST_PLACE || places > MOST_PLACE) {
      throw mongoError(
        51083,
        `cannot apply ${name} with precision value ${String(places)} value must be in [-20, 100]`,
      );
    }
    return roundTo(value, places, rounding);
  });
}

function roundTo(value: Numeric, places: number, rounding: Rounding): Value {
  if (value instanceof Decimal128) return roundDecimal(value, places, rounding);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return value;
    const rounded = Number(roundDecimal(decimalOf(exactDouble(value)), places, rounding).toString());
    return Object.is(value, -0) || (rounded === 0 && value < 0) ? -0 : rounded;
  }
  if (places >= 0) return value;
  const whole = integerOf(roundDecimal(toDecimal(value), places, rounding));
  if (whole === undefined)
    throw mongoError(51080, 'invalid conversion from Decimal128 result in $round resulting from arguments');
  return value instanceof Int32 && whole <= BigInt(INT32_MAX) && whole >= BigInt(INT32_MIN)
    ? int32(Number(whole))
    : whole;
}

const power = binary((base, exponent) => {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumeric(base)) throw mongoError(28762, `$pow's base must be numeric, not ${typeName(base)}`);
  if (!isNumeric(exponent))
    throw mongoError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`);
  const [b, e] = [toNumber(base), toNumber(exponent)];
  if (b === 0 && e < 0) throw mongoError(28764, '$pow cannot take a base of 0 and a negative exponent');
  if (base instanceof Decimal128 || exponent instanceof Decimal128) return decimalPower(base, exponent);
  if (typeof base === 'number' || typeof exponent === 'number' || e < 0) return b ** e;
  const whole =
    e > 64 && Math.abs(b) > 1 ? undefined : BigInt(base.valueOf()) ** BigInt(Math.min(e, 64 + (e % 2)));
  if (whole === undefined || whole > INT64_MAX || whole < INT64_MIN) return b ** e;
  const fits = whole <= BigInt(INT32_MAX) && whole >= BigInt(INT32_MIN);
  return fits && base instanceof Int32 && exponent instanceof Int32 ? int32(Number(whole)) : whole;
});

const LARGEST_EXACT_POWER = 1000;

function decimalPower(base: Numeric, exponent: Numeric): Value {
  const times = toNumber(exponent);
  if (!isWhole(exponent) || times < 0 || times > LARGEST_EXACT_POWER)
    return decimalOfDouble(toNumber(base) ** times);
  let product: Numeric = toDecimal(int32(1));
  for (let count = 0; count < times; count++) product = multiply(product, toDecimal(base));
  return product;
}

const logarithm = binary((value, base) => {
  if (isNullish(value) || isNullish(base)) return null;
  if (!isNumeric(value)) throw mongoError(28756, `$log's argument must be numeric, not ${typeName(value)}`);
  if (!isNumeric(base)) throw mongoError(28757, `$log's base must be numeric, not ${typeName(base)}`);
  const [v, b] = [toNumber(value), toNumber(base)];
  if (v <= 0) throw mongoError(28758, `$log's argument must be a positive number, but is ${String(v)}`);
  if (b <= 0 || b === 1)
    throw mongoError(28759, `$log's base must be a positive number not equal to 1, but is ${String(b)}`);
  const result = Math.log(v) / Math.log(b);
  return value instanceof Decimal128 || base instanceof Decimal128 ? decimalOfDouble(result) : result;
});

const root = unary((value) => {
  if (isNullish(value)) return null;
  if (!isNumeric(value)) throw mongoError(28765, `$sqrt only supports numeric types, not ${typeName(value)}`);
  const number = toNumber(value);
  if (number < 0) throw mongoError(28714, "$sqrt's argument must be greater than or equal to 0");
  return value instanceof Decimal128 ? rootDecimal(value) : Math.sqrt(number);
});

/** Bits of integers. */
function bitwise(start: bigint, apply: (a: bigint, b: bigint) => bigint): Compiler {
  return variadic(0, Infinity, (values, name) => {
    let result = start;
    let long = false;
    for (const value of values) {
      if (isNullish(value)) return null;
      if (typeof value !== 'bigint' && !(value instanceof Int32)) {
        throw mongoError('TypeMismatch', `${name} only supports int and long operands.`);
      }
      long ||= typeof value === 'bigint';
      result = apply(result, BigInt(value.valueOf()));
    }
    return long ? result : int32(Number(result));
  });
}

const bitNot = unary((value, name) => {
  if (isNullish(value)) return null;
  if (value instanceof Int32) return int32(~value.value);
  if (typeof value === 'bigint') return ~value;
  throw mongoError('TypeMismatch', `${name} only supports int and long, not: ${typeName(value)}.`);
});

const radians = Math.PI / 180;
const inUnit = (value: number): boolean => value >= -1 && value <= 1;
const UNIT = ' only supports values in [-1, 1]';

export const arithmeticOperators: readonly (readonly [string, Compiler])[] = [
  ['$add', add],
  ['$subtract', subtraction],
  ['$multiply', multiplication],
  ['$divide', division],
  ['$mod', modulo],
  ['$abs', ofNumber(absolute)],
  ['$ceil', toWhole('ceiling', Math.ceil)],
  ['$floor', toWhole('floor', Math.floor)],
  ['$round', toPlaces('half-even')],
  ['$trunc', toPlaces('down')],
  ['$pow', power],
  ['$log', logarithm],
  ['$sqrt', root],
  ['$exp', ofDouble(Math.exp, anything, '')],
  ['$ln', ofDouble(Math.log, (value) => value > 0, "'s argument must be a positive number")],
  ['$log10', ofDouble(Math.log10, (value) => value > 0, "'s argument must be a positive number")],
  ['$sin', ofDouble(Math.sin, Number.isFinite, ' cannot take infinity')],
  ['$cos', ofDouble(Math.cos, Number.isFinite, ' cannot take infinity')],
  ['$tan', ofDouble(Math.tan, Number.isFinite, ' cannot take infinity')],
  ['$asin', ofDouble(Math.asin, inUnit, UNIT)],
  ['$acos', ofDouble(Math.acos, inUnit, UNIT)],
  ['$atan', ofDouble(Math.atan, anything, '')],
  ['$sinh', ofDouble(Math.sinh, anything, '')],
  ['$cosh', ofDouble(Math.cosh, anything, '')],
  ['$tanh', ofDouble(Math.tanh, anything, '')],
  ['$asinh', ofDouble(Math.asinh, anything, '')],
  ['$acosh', ofDouble(Math.acosh, (value) => value >= 1, ' only supports values of 1 and more')],
  ['$atanh', ofDouble(Math.atanh, inUnit, UNIT)],
  ['$degreesToRadians', ofDouble((value) => value * radians, anything, '')],
  ['$radiansToDegrees', ofDouble((value) => value / radians, anything, '')],
  [
    '$atan2',
    binary((y: Maybe, x: Maybe) => {
      if (isNullish(y) || isNullish(x)) return null;
      if (!isNumeric(y) || !isNumeric(x)) {
        throw mongoError(51044, `$atan2 only supports numeric types, not ${typeName(y)} and ${typeName(x)}`);
      }
      return Math.atan2(toNumber(y), toNumber(x));
    }),
  ],
  ['$rand', () => () => Math.random()],
  ['$bitAnd', bitwise(-1n, (a, b) => a & b)],
  ['$bitOr', bitwise(0n, (a, b) => a | b)],
  ['$bitXor', bitwise(0n, (a, b) => a ^ b)],
  ['$bitNot', bitNot],
];
