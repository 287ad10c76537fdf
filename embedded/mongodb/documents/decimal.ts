// Decimal128 taken apart and put together (IEEE 754-2008, binary integer decimal): a sign, an integer of up to 34 digits and a power of
// ten, as BigInt, so that arithmetic on it is exact and rounds once, half to even, as MongoDB does.
import { Decimal128 } from './value.ts';

/** A finite number: `(-1)^negative × coefficient × 10^exponent`. */
export interface Finite {
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** A Decimal128's parts. */
export type Parts = Finite | 'NaN' | 'Infinity' | '-Infinity';

const DIGITS = 34;
const BIAS = 6176;
const LOWEST_EXPONENT = -BIAS;
const HIGHEST_EXPONENT = 6111;
const LIMIT = 10n ** BigInt(DIGITS);
const MASK_49 = (1n << 49n) - 1n;

export const decimalNaN = Decimal128.fromString('NaN');
export const decimalInfinity = Decimal128.fromString('Infinity');
export const decimalNegativeInfinity = Decimal128.fromString('-Infinity');

export function partsOf(decimal: Decimal128): Parts {
  const { buffer, byteOffset } = decimal.bytes;
  const view = new DataView(buffer, byteOffset, 16);
  const high = view.getBigUint64(8, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 31n);
  if (combination === 31) return 'NaN';
  if (combination === 30) return negative ? '-Infinity' : 'Infinity';
  // A combination from 24 on stands for a coefficient past 34 digits, which counts as zero.
  if (combination >= 24)
    return { negative, coefficient: 0n, exponent: Number((high >> 47n) & 0x3fffn) - BIAS };
  const coefficient = ((high & MASK_49) << 64n) | view.getBigUint64(0, true);
  return {
    negative,
    coefficient: coefficient < LIMIT ? coefficient : 0n,
    exponent: Number((high >> 49n) & 0x3fffn) - BIAS,
  };
}

/** How many decimal digits a positive integer has; 0 has one. */
export function digitsOf(integer: bigint): number {
  return integer.toString().length;
}

export function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** Divides by a power of ten and rounds half to even. `inexact` says that something was lost before. */
function dropDigits(coefficient: bigint, count: number, inexact: boolean): bigint {
  const divisor = powerOfTen(count);
  const quotient = coefficient / divisor;
  const rest = (coefficient % divisor) * 2n;
  const up = rest > divisor || (rest === divisor && (inexact || (quotient & 1n) === 1n));
  return up ? quotient + 1n : quotient;
}

/**
 * The Decimal128 nearest to a number.
 *
 * @param inexact whether the true number is a little larger in magnitude than the one given, by less than a unit of its last digit
 */
export function decimalOf(number: Finite, inexact = false): Decimal128 {
  const { negative } = number;
  let { coefficient, exponent } = number;
  const surplus = Math.max(
    coefficient < LIMIT ? 0 : digitsOf(coefficient) - DIGITS,
    LOWEST_EXPONENT - exponent,
  );
  if (surplus > 0) {
    coefficient = surplus > DIGITS + digitsOf(coefficient) ? 0n : dropDigits(coefficient, surplus, inexact);
    exponent += surplus;
    if (coefficient === LIMIT) {
      coefficient /= 10n;
      exponent++;
    }
  }
  if (exponent > HIGHEST_EXPONENT) {
    if (coefficient !== 0n) {
      const padding = exponent - HIGHEST_EXPONENT;
      if (padding > DIGITS || digitsOf(coefficient) + padding > DIGITS) {
        return negative ? decimalNegativeInfinity : decimalInfinity;
      }
      coefficient *= powerOfTen(padding);
    }
    exponent = HIGHEST_EXPONENT;
  }
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, coefficient & 0xffff_ffff_ffff_ffffn, true);
  view.setBigUint64(
    8,
    ((negative ? 1n : 0n) << 63n) | (BigInt(exponent + BIAS) << 49n) | (coefficient >> 64n),
    true,
  );
  return new Decimal128(bytes);
}

export function decimalOfInteger(integer: bigint | number): Decimal128 {
  const whole = BigInt(integer);
  return decimalOf({ negative: whole < 0n, coefficient: whole < 0n ? -whole : whole, exponent: 0 });
}

/** The decimal of a double, to 15 significant digits, as MongoDB converts a double that meets a decimal. */
export function decimalOfDouble(double: number): Decimal128 {
  if (Number.isNaN(double)) return decimalNaN;
  if (!Number.isFinite(double)) return double > 0 ? decimalInfinity : decimalNegativeInfinity;
  if (double === 0) return decimalOf({ negative: Object.is(double, -0), coefficient: 0n, exponent: 0 });
  const [mantissa = '0', power = '0'] = Math.abs(double).toExponential(14).split('e');
  return decimalOf({
    negative: double < 0,
    coefficient: BigInt(mantissa.replace('.', '')),
    exponent: Number(power) - 14,
  });
}

/** A double as it is, without rounding: finite doubles are sums of powers of two, which have finite decimals. */
export function exactDouble(double: number): Finite {
  bits.setFloat64(0, double);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & ((1n << 52n) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const power = (biased === 0 ? 1 : biased) - 1075;
  const negative = double < 0;
  return power >= 0
    ? { negative, coefficient: mantissa << BigInt(power), exponent: 0 }
    : { negative, coefficient: mantissa * 5n ** BigInt(-power), exponent: power };
}

const bits = new DataView(new ArrayBuffer(8));

/** Compares two finite numbers without regard to how they are written. */
export function compareFinite(a: Finite, b: Finite): number {
  const signA = a.coefficient === 0n ? 0 : a.negative ? -1 : 1;
  const signB = b.coefficient === 0n ? 0 : b.negative ? -1 : 1;
  if (signA !== signB || signA === 0) return signA - signB;
  return signA > 0 ? compareMagnitudes(a, b) : compareMagnitudes(b, a);
}

function compareMagnitudes(a: Finite, b: Finite): number {
  const sizes = a.exponent + digitsOf(a.coefficient) - (b.exponent + digitsOf(b.coefficient));
  if (sizes !== 0) return sizes;
  const apart = a.exponent - b.exponent;
  const left = apart > 0 ? a.coefficient * powerOfTen(apart) : a.coefficient;
  const right = apart < 0 ? b.coefficient * powerOfTen(-apart) : b.coefficient;
  return left < right ? -1 : left > right ? 1 : 0;
}
