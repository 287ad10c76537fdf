// Arithmetic over the four types of numbers. The result has the widest type of its operands (int, long, double, decimal); an int that
// overflows becomes a long. A long that overflows becomes a double in expressions and is an error in updates. (Manual: "$add", "$inc".)
import {
  addDecimals,
  divideDecimals,
  multiplyDecimals,
  negateDecimal,
  remainderDecimals,
} from './decimal-arithmetic.ts';
import { decimalOfDouble, decimalOfInteger } from './decimal.ts';
import { INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN } from './integer.ts';
import { Decimal128, Int32, int32, toNumber } from './value.ts';
import type { Numeric } from './value.ts';

interface Operation {
  readonly doubles: (a: number, b: number) => number;
  readonly integers: (a: bigint, b: bigint) => bigint;
  readonly decimals: (a: Decimal128, b: Decimal128) => Decimal128;
}

const addition: Operation = { doubles: (a, b) => a + b, integers: (a, b) => a + b, decimals: addDecimals };
const multiplication: Operation = {
  doubles: (a, b) => a * b,
  integers: (a, b) => a * b,
  decimals: multiplyDecimals,
};
const subtraction: Operation = {
  doubles: (a, b) => a - b,
  integers: (a, b) => a - b,
  decimals: (a, b) => addDecimals(a, negateDecimal(b)),
};

export function toDecimal(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  return typeof value === 'number' ? decimalOfDouble(value) : decimalOfInteger(toBigInt(value));
}

function toBigInt(value: bigint | Int32): bigint {
  return typeof value === 'bigint' ? value : BigInt(value.value);
}

/** Undefined when a long overflows. */
function apply(operation: Operation, a: Numeric, b: Numeric): Numeric | undefined {
  if (a instanceof Int32 && b instanceof Int32) {
    const result = operation.doubles(a.value, b.value);
    // Products of 32-bit integers may pass 2^53, where doubles are no longer exact.
    if (result <= INT32_MAX && result >= INT32_MIN) return int32(result);
    return operation.integers(BigInt(a.value), BigInt(b.value));
  }
  if (a instanceof Decimal128 || b instanceof Decimal128)
    return operation.decimals(toDecimal(a), toDecimal(b));
  if (typeof a === 'number' || typeof b === 'number') return operation.doubles(toNumber(a), toNumber(b));
  const whole = operation.integers(toBigInt(a), toBigInt(b));
  return whole > INT64_MAX || whole < INT64_MIN ? undefined : whole;
}

/** For updates: undefined when a long overflows. */
export function addExactly(a: Numeric, b: Numeric): Numeric | undefined {
  return apply(addition, a, b);
}

/** For updates: undefined when a long overflows. */
export function multiplyExactly(a: Numeric, b: Numeric): Numeric | undefined {
  return apply(multiplication, a, b);
}

export function add(a: Numeric, b: Numeric): Numeric {
  return apply(addition, a, b) ?? toNumber(a) + toNumber(b);
}

export function multiply(a: Numeric, b: Numeric): Numeric {
  return apply(multiplication, a, b) ?? toNumber(a) * toNumber(b);
}

export function subtract(a: Numeric, b: Numeric): Numeric {
  return apply(subtraction, a, b) ?? toNumber(a) - toNumber(b);
}

/** Always a double or a decimal. The divisor must not be zero. */
export function divide(a: Numeric, b: Numeric): Numeric {
  if (a instanceof Decimal128 || b instanceof Decimal128) return divideDecimals(toDecimal(a), toDecimal(b));
  return toNumber(a) / toNumber(b);
}

/** The remainder with the sign of the dividend. The divisor must not be zero. */
export function remainder(a: Numeric, b: Numeric): Numeric {
  if (a instanceof Decimal128 || b instanceof Decimal128)
    return remainderDecimals(toDecimal(a), toDecimal(b));
  if (typeof a === 'number' || typeof b === 'number') return toNumber(a) % toNumber(b);
  const rest = toBigInt(a) % toBigInt(b);
  return a instanceof Int32 && b instanceof Int32 ? int32(Number(rest)) : rest;
}
