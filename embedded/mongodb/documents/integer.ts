// Numbers of any type as whole numbers: what operators do that take a count, a position or a mask.
import { partsOf, powerOfTen } from './decimal.ts';
import { Decimal128, Int32, isNumeric, toNumber } from './value.ts';
import type { Numeric, Value } from './value.ts';

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);
export const INT32_MAX = 2 ** 31 - 1;
export const INT32_MIN = -(2 ** 31);

/** The whole part of a number, cut off towards zero; undefined for NaN, infinities and what 64 bits cannot hold. */
export function integerOf(value: Numeric): bigint | undefined {
  const whole = wholeOf(value);
  return whole === undefined || whole > INT64_MAX || whole < INT64_MIN ? undefined : whole;
}

/** The whole part of a number of any size; undefined for NaN and infinities, and for decimals of more than 400 digits. */
export function wholeOf(value: Numeric): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  const parts = partsOf(value);
  if (typeof parts === 'string' || parts.exponent > 400) return undefined;
  const { negative, coefficient, exponent } = parts;
  const magnitude =
    exponent >= 0
      ? coefficient * powerOfTen(exponent)
      : exponent < -40
        ? 0n
        : coefficient / powerOfTen(-exponent);
  return negative ? -magnitude : magnitude;
}

/** Whether a number has no fraction (NaN and infinities have none to speak of: false). */
export function isWhole(value: Numeric): boolean {
  if (typeof value === 'bigint' || value instanceof Int32) return true;
  if (typeof value === 'number') return Number.isInteger(value);
  const parts = partsOf(value);
  if (typeof parts === 'string') return false;
  if (parts.exponent >= 0 || parts.coefficient === 0n) return true;
  return parts.exponent >= -40 && parts.coefficient % powerOfTen(-parts.exponent) === 0n;
}

/** A number that is whole and fits 32 bits, as a JavaScript number; undefined for everything else. */
export function int32Of(value: Value | undefined): number | undefined {
  if (value instanceof Int32) return value.value;
  if (!isNumeric(value) || !isWhole(value)) return undefined;
  const number = value instanceof Decimal128 ? Number(integerOf(value) ?? NaN) : toNumber(value);
  return number >= INT32_MIN && number <= INT32_MAX ? number : undefined;
}
