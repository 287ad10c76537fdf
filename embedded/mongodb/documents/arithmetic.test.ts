import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, divide, multiply, remainder, subtract } from './arithmetic.ts';
import { compareNumbers } from './compare.ts';
import { rootDecimal, roundDecimal } from './decimal-arithmetic.ts';
import { decimalOf, partsOf } from './decimal.ts';
import { Summation } from './summation.ts';
import { Decimal128, int32 } from './value.ts';
import type { Numeric } from './value.ts';

const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
const text = (value: Numeric): string => value.toString();

describe('arithmetic', () => {
  it('of decimals is exact to 34 digits and rounds half to even', () => {
    expect(text(add(decimal('0.1'), decimal('0.2')))).toBe('0.3');
    expect(text(add(decimal('9999999999999999999999999999999999'), decimal('0.5')))).toBe(
      '1.000000000000000000000000000000000E+34',
    );
    expect(text(add(decimal('1E+40'), decimal('1')))).toBe('1.000000000000000000000000000000000E+40');
    expect(text(multiply(decimal('1.10'), decimal('2.0')))).toBe('2.200');
    expect(text(divide(decimal('2'), decimal('3')))).toBe('0.6666666666666666666666666666666667');
    expect(text(divide(decimal('1.00'), decimal('4')))).toBe('0.25');
    expect(text(subtract(decimal('Infinity'), decimal('Infinity')))).toBe('NaN');
    expect(text(remainder(decimal('-7.5'), int32(2)))).toBe('-1.5');
    expect(text(multiply(decimal('9E+6144'), decimal('10')))).toBe('Infinity');
    expect(text(rootDecimal(decimal('0.25')))).toBe('0.5');
    expect(text(roundDecimal(decimal('2.345'), 2, 'half-even'))).toBe('2.34');
  });

  it('of decimals agrees with integers', () => {
    const small = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n });
    const of = (whole: bigint): Decimal128 => decimal(String(whole));
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(compareNumbers(add(of(a), of(b)), of(a + b))).toBe(0);
        expect(compareNumbers(subtract(of(a), of(b)), of(a - b))).toBe(0);
        expect(compareNumbers(multiply(of(a), of(b)), of(a * b))).toBe(0);
        if (b !== 0n) expect(compareNumbers(remainder(of(a), of(b)), of(a % b))).toBe(0);
        expect(text(rootDecimal(of(a * a)))).toBe(String(a < 0n ? -a : a));
      }),
    );
  });

  it('takes decimals apart and together again', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 34n - 1n }),
        fc.integer({ min: -6176, max: 6111 }),
        fc.boolean(),
        (coefficient, exponent, negative) => {
          expect(partsOf(decimalOf({ negative, coefficient, exponent }))).toEqual({
            negative,
            coefficient,
            exponent,
          });
        },
      ),
    );
  });

  it('widens an int that overflows to a long, and a long to a double', () => {
    expect(add(int32(2147483647), int32(1))).toBe(2147483648n);
    expect(multiply(int32(-2147483648), int32(-2147483648))).toBe(2n ** 62n);
    expect(add(2n ** 63n - 1n, int32(1))).toBe(2 ** 63);
    expect(subtract(int32(5), int32(7))).toEqual(int32(-2));
  });

  it('sums in any order to the same', () => {
    const sum = (values: readonly Numeric[]): Numeric => {
      const total = new Summation();
      for (const value of values) total.add(value);
      return total.result();
    };
    expect(sum(new Array<number>(10).fill(0.1))).toBe(1);
    expect(sum([1e100, int32(1), -1e100])).toBe(1);
    expect(sum([2n ** 62n, 2n ** 62n])).toBe(2 ** 63);
    expect(sum([int32(2147483647), int32(1)])).toBe(2147483648n);
    expect(text(sum([decimal('1.10'), int32(1)]))).toBe('2.10');
    expect(text(sum([decimal('0.1'), 0.5]))).toBe('0.6');
  });
});
