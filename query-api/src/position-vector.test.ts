import { describe, expect, it } from 'vitest';
import { formatVector, parseVector } from './position-vector.ts';

describe('a position vector', () => {
  it('names the next offset of every partition', () => {
    const vector = new Map([
      ['stock-1', 7],
      ['orders-3', 1842],
    ]);
    expect(formatVector(vector)).toBe('orders-3@1842,stock-1@7');
    expect(parseVector('orders-3@1842,stock-1@7')).toEqual(vector);
  });

  it('of a reader that has read nothing is the beginning', () => {
    expect(formatVector(new Map())).toBe('beginning');
    expect(parseVector('beginning')).toEqual(new Map());
  });

  it.for(['', 'orders', 'orders-3', 'orders-3@', 'orders-3@1,', 'orders-3@1;stock-1@2', '$where@1'])(
    'is not read from %s',
    (text) => {
      expect(parseVector(text)).toBeUndefined();
    },
  );
});
