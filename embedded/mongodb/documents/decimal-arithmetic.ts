// Arithmetic on Decimal128, exact before it is rounded once to 34 digits, half to even (IEEE 754-2008).
import {
  compareFinite,
  decimalInfinity,
  decimalNaN,
  decimalNegativeInfinity,
  decimalOf,
  digitsOf,
  partsOf,
  powerOfTen,
} from './decimal.ts';
import type { Finite, Parts } from './decimal.ts';
import type { Decimal128 } from './value.ts';

/** Digits that a division is carried to before it is rounded. */
const DIVISION_DIGITS = 38;

const isNegative = (parts: Parts): boolean =>
  typeof parts === 'string' ? parts === '-Infinity' : parts.negative;
const isZero = (parts: Parts): boolean => typeof parts === 'object' && parts.coefficient === 0n;
const infinity = (negative: boolean): Decimal128 => (negative ? decimalNegativeInfinity : decimalInfinity);
const signed = ({ negative, coefficient }: Finite): bigint => (negative ? -coefficient : coefficient);

function finite(whole: bigint, exponent: number, negativeZero = false): Finite {
  return {
    negative: whole === 0n ? negativeZero : whole < 0n,
    coefficient: whole < 0n ? -whole : whole,
    exponent,
  };
}

/** Further apart than this, the smaller of two numbers only says on which side of the larger one the sum lies. */
const FAR = 80;

function sum(a: Finite, b: Finite): Decimal128 {
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a];
  const apart = high.exponent - low.exponent;
  if (apart > FAR && high.coefficient !== 0n && digitsOf(low.coefficient) < apart) {
    if (low.coefficient === 0n)
      return decimalOf(finite(signed(high) * powerOfTen(FAR / 2), high.exponent - FAR / 2));
    const nudge = low.negative ? -1n : 1n;
    return decimalOf(finite(signed(high) * powerOfTen(FAR) + nudge, high.exponent - FAR));
  }
  if (apart > FAR && high.coefficient === 0n) return decimalOf(low);
  const total = signed(high) * powerOfTen(apart) + signed(low);
  return decimalOf(finite(total, low.exponent, a.negative && b.negative));
}

export function addDecimals(x: Decimal128, y: Decimal128): Decimal128 {
  const a = partsOf(x);
  const b = partsOf(y);
  if (typeof a === 'object' && typeof b === 'object') return sum(a, b);
  if (a === 'NaN' || b === 'NaN') return decimalNaN;
  if (typeof a === 'string' && typeof b === 'string' && a !== b) return decimalNaN;
  return typeof a === 'string' ? infinity(a === '-Infinity') : infinity(b === '-Infinity');
}

export function negateDecimal(x: Decimal128): Decimal128 {
  const parts = partsOf(x);
  if (typeof parts === 'string') return parts === 'NaN' ? x : infinity(parts === 'Infinity');
  return decimalOf({ ...parts, negative: !parts.negative });
}

export function absoluteDecimal(x: Decimal128): Decimal128 {
  return isNegative(partsOf(x)) ? negateDecimal(x) : x;
}

export function multiplyDecimals(x: Decimal128, y: Decimal128): Decimal128 {
  const a = partsOf(x);
  const b = partsOf(y);
  const negative = isNegative(a) !== isNegative(b);
  if (typeof a === 'object' && typeof b === 'object') {
    return decimalOf({
      negative,
      coefficient: a.coefficient * b.coefficient,
      exponent: a.exponent + b.exponent,
    });
  }
  return a === 'NaN' || b === 'NaN' || isZero(a) || isZero(b) ? decimalNaN : infinity(negative);
}

export function divideDecimals(x: Decimal128, y: Decimal128): Decimal128 {
  const a = partsOf(x);
  const b = partsOf(y);
  const negative = isNegative(a) !== isNegative(b);
  if (a === 'NaN' || b === 'NaN') return decimalNaN;
  if (typeof a === 'string') return typeof b === 'string' ? decimalNaN : infinity(negative);
  if (typeof b === 'string') return decimalOf({ negative, coefficient: 0n, exponent: -6176 });
  if (b.coefficient === 0n) return a.coefficient === 0n ? decimalNaN : infinity(negative);
  const scale = Math.max(0, DIVISION_DIGITS + digitsOf(b.coefficient) - digitsOf(a.coefficient));
  const dividend = a.coefficient * powerOfTen(scale);
  let coefficient = dividend / b.coefficient;
  let exponent = a.exponent - b.exponent - scale;
  const inexact = dividend % b.coefficient !== 0n;
  // An exact quotient is written as close to the exponent of its operands as its digits allow.
  const ideal = a.exponent - b.exponent;
  while (!inexact && exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return decimalOf({ negative, coefficient, exponent }, inexact);
}

/** The remainder with the sign of the dividend. */
export function remainderDecimals(x: Decimal128, y: Decimal128): Decimal128 {
  const a = partsOf(x);
  const b = partsOf(y);
  if (typeof a === 'string' || b === 'NaN' || isZero(b)) return decimalNaN;
  if (typeof b === 'string') return x;
  if (compareFinite({ ...a, negative: false }, { ...b, negative: false }) < 0) return x;
  const exponent = Math.min(a.exponent, b.exponent);
  const rest =
    (a.coefficient * powerOfTen(a.exponent - exponent)) % (b.coefficient * powerOfTen(b.exponent - exponent));
  return decimalOf({ negative: a.negative, coefficient: rest, exponent });
}

export type Rounding = 'half-even' | 'down' | 'floor' | 'ceiling';

/** Rounds to a number of digits after the point; negative counts before it. */
export function roundDecimal(x: Decimal128, places: number, rounding: Rounding): Decimal128 {
  const parts = partsOf(x);
  if (typeof parts === 'string' || parts.exponent >= -places) return x;
  const { negative, coefficient, exponent } = parts;
  const divisor = powerOfTen(-places - exponent);
  const quotient = coefficient / divisor;
  const rest = coefficient % divisor;
  const twice = rest * 2n;
  const up =
    rounding === 'half-even'
      ? twice > divisor || (twice === divisor && (quotient & 1n) === 1n)
      : rest !== 0n && ((rounding === 'floor' && negative) || (rounding === 'ceiling' && !negative));
  return decimalOf({ negative, coefficient: up ? quotient + 1n : quotient, exponent: -places });
}

/** The square root of a number that is not negative. */
export function rootDecimal(x: Decimal128): Decimal128 {
  const parts = partsOf(x);
  if (typeof parts === 'string' || parts.coefficient === 0n) return x;
  let scale = Math.max(0, 2 * DIVISION_DIGITS - digitsOf(parts.coefficient));
  if ((parts.exponent - scale) % 2 !== 0) scale++;
  const square = parts.coefficient * powerOfTen(scale);
  let root = BigInt(Math.floor(Math.sqrt(Number(square))));
  for (let last = -1n; root !== last;) {
    last = root;
    root = (root + square / root) >> 1n;
    if (root - last === 1n || last - root === 1n) break;
  }
  while (root * root > square) root--;
  while ((root + 1n) * (root + 1n) <= square) root++;
  let exponent = (parts.exponent - scale) / 2;
  const inexact = root * root !== square;
  while (!inexact && exponent < Math.trunc(parts.exponent / 2) && root % 10n === 0n) {
    root /= 10n;
    exponent++;
  }
  return decimalOf({ negative: false, coefficient: root, exponent }, inexact);
}
