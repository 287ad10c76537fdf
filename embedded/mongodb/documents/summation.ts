// Sums of numbers of any type: whole numbers exactly, doubles with the error of each addition carried along, so that the order of the numbers
// does not matter and ten times 0.1 is 1 (MongoDB sums likewise). The result has the narrowest type that all of them allow.
import { addDecimals } from './decimal-arithmetic.ts';
import {
  decimalInfinity,
  decimalNaN,
  decimalNegativeInfinity,
  decimalOf,
  decimalOfInteger,
  exactDouble,
} from './decimal.ts';
import { INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN } from './integer.ts';
import { Int32, int32 } from './value.ts';
import type { Numeric, Decimal128 } from './value.ts';

export class Summation {
  /** Sum of 32-bit integers while it is exact in a double, then moved to `large`. */
  private small = 0;
  private large = 0n;
  private double = 0;
  private lost = 0;
  private decimal: Decimal128 | undefined;
  private widest: 'int' | 'long' | 'double' = 'int';

  add(value: Numeric): void {
    if (value instanceof Int32) {
      this.small += value.value;
      if (!Number.isSafeInteger(this.small)) this.settle();
    } else if (typeof value === 'number') {
      this.widest = 'double';
      this.addDouble(value);
    } else if (typeof value === 'bigint') {
      this.large += value;
      if (this.widest === 'int') this.widest = 'long';
    } else this.decimal = this.decimal === undefined ? value : addDecimals(this.decimal, value);
  }

  private settle(): void {
    this.large += BigInt(this.small);
    this.small = 0;
  }

  private addDouble(value: number): void {
    const sum = this.double + value;
    // Neumaier: what the rounding of this addition lost.
    this.lost +=
      Math.abs(this.double) >= Math.abs(value) ? this.double - sum + value : value - sum + this.double;
    this.double = sum;
  }

  private whole(): bigint {
    return this.large + BigInt(this.small);
  }

  result(): Numeric {
    if (this.decimal !== undefined) return addDecimals(this.decimal, this.asDecimal());
    if (this.widest === 'double') return this.toDouble();
    if (this.widest === 'int' && this.large === 0n && this.small <= INT32_MAX && this.small >= INT32_MIN) {
      return int32(this.small);
    }
    const whole = this.whole();
    return whole > INT64_MAX || whole < INT64_MIN ? Number(whole) : whole;
  }

  /** The sum as a double, or as a decimal when one was among the numbers. */
  resultAsFraction(): number | Decimal128 {
    return this.decimal === undefined ? this.toDouble() : addDecimals(this.decimal, this.asDecimal());
  }

  private toDouble(): number {
    const whole = this.whole();
    if (whole === 0n) return Number.isFinite(this.double) ? this.double + this.lost : this.double;
    const high = Number(whole);
    const copy = new Summation();
    copy.double = this.double;
    copy.lost = this.lost;
    copy.addDouble(high);
    copy.addDouble(Number(whole - BigInt(high)));
    return Number.isFinite(copy.double) ? copy.double + copy.lost : copy.double;
  }

  private asDecimal(): Decimal128 {
    const whole = decimalOfInteger(this.whole());
    if (Number.isNaN(this.double)) return decimalNaN;
    if (!Number.isFinite(this.double)) return this.double > 0 ? decimalInfinity : decimalNegativeInfinity;
    const parts = [this.double, this.lost].filter((part) => part !== 0);
    return parts.map(shortest).reduce(addDecimals, whole);
  }
}

/** The decimal of a finite double to 34 digits, without zeros at its end. */
function shortest(double: number): Decimal128 {
  const { negative, ...rest } = exactDouble(double);
  let { coefficient, exponent } = rest;
  while (exponent < 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return decimalOf({ negative, coefficient, exponent });
}
