import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareValues, equalValues } from './compare.ts';
import { keyOf } from './key.ts';
import { numbers, values } from './testing.ts';
import {
  Binary,
  bsonUndefined,
  BSONRegExp,
  Code,
  Decimal128,
  docOf,
  int32,
  maxKey,
  minKey,
  ObjectId,
  Timestamp,
} from './value.ts';
import type { Value } from './value.ts';

describe('the order of values', () => {
  it('goes by type, then by value', () => {
    const ordered: Value[] = [
      minKey,
      bsonUndefined,
      null,
      NaN,
      -Infinity,
      -1,
      Decimal128.fromString('-0.5'),
      0,
      5e-324,
      int32(1),
      2n ** 53n,
      2n ** 53n + 1n,
      Decimal128.fromString('9007199254740993.5'),
      2n ** 53n + 2n,
      1e300,
      Decimal128.fromString('1E+400'),
      Infinity,
      '',
      'Z',
      'a',
      'a\0',
      'ab',
      '\uffff',
      '😀',
      docOf({}),
      docOf({ a: 2 }),
      docOf({ a: 2, b: 1 }),
      docOf({ b: 1 }),
      docOf({ a: 'x' }),
      [],
      [null],
      [1, 2],
      [2],
      new Binary(Buffer.from([9]), 0),
      new Binary(Buffer.from([1]), 5),
      new Binary(Buffer.from([1, 1]), 0),
      new ObjectId('000000000000000000000001'),
      false,
      true,
      new Date(-1),
      new Date(0),
      new Timestamp({ t: 1, i: 2 }),
      new Timestamp({ t: 4_000_000_000, i: 0 }),
      new BSONRegExp('a', 'i'),
      new Code('f'),
      maxKey,
    ];
    for (const [at, value] of ordered.entries()) {
      for (const [other, another] of ordered.entries()) {
        expect([at, other, Math.sign(compareValues(value, another))]).toEqual([
          at,
          other,
          Math.sign(at - other),
        ]);
      }
    }
  });

  it('has numbers equal across types', () => {
    const ones: Value[] = [1, 1n, int32(1), Decimal128.fromString('1.00')];
    for (const one of ones) for (const other of ones) expect(equalValues(one, other)).toBe(true);
    expect(equalValues(0, -0)).toBe(true);
    expect(equalValues(NaN, Decimal128.fromString('NaN'))).toBe(true);
    expect(equalValues(0.1, Decimal128.fromString('0.1'))).toBe(false);
  });

  it('is a total order', () => {
    for (const kind of [values, numbers]) {
      fc.assert(
        fc.property(kind, kind, kind, (a, b, c) => {
          expect(compareValues(a, a)).toBe(0);
          expect(Math.sign(compareValues(a, b))).toBe(0 - Math.sign(compareValues(b, a)));
          const [low = a, middle = b, high = c] = [a, b, c].sort(compareValues);
          expect(compareValues(low, middle)).toBeLessThanOrEqual(0);
          expect(compareValues(middle, high)).toBeLessThanOrEqual(0);
          expect(compareValues(low, high)).toBeLessThanOrEqual(0);
        }),
        { numRuns: 2000 },
      );
    }
  });
});

describe('keys', () => {
  it('order as the values do, upwards and downwards', () => {
    for (const kind of [values, numbers]) {
      fc.assert(
        fc.property(kind, kind, (a, b) => {
          const order = Math.sign(compareValues(a, b));
          expect(Buffer.compare(keyOf([a]), keyOf([b]))).toBe(order);
          expect(Buffer.compare(keyOf([a], [-1]), keyOf([b], [-1]))).toBe(0 - order);
        }),
        { numRuns: 4000 },
      );
    }
  });

  it('order by one field after the other when compound', () => {
    fc.assert(
      fc.property(
        fc.tuple(values, values),
        fc.tuple(values, values),
        fc.constantFrom<1 | -1>(1, -1),
        fc.constantFrom<1 | -1>(1, -1),
        ([a, b], [c, d], first, second) => {
          const order = compareValues(a, c) * first || compareValues(b, d) * second;
          expect(Buffer.compare(keyOf([a, b], [first, second]), keyOf([c, d], [first, second]))).toBe(
            Math.sign(order),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('begin with a byte from 1 to 254 and never are the beginning of another', () => {
    fc.assert(
      fc.property(values, values, fc.constantFrom<1 | -1>(1, -1), (a, b, direction) => {
        const x = keyOf([a], [direction]);
        const y = keyOf([b], [direction]);
        expect(x[0]).toBeGreaterThan(0);
        expect(x[0]).toBeLessThan(255);
        if (!x.equals(y)) expect(y.subarray(0, x.length).equals(x)).toBe(false);
      }),
    );
  });
});
