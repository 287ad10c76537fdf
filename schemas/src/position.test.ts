import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPosition, formatToken, parsePosition, parseToken } from './position.ts';

const position = fc.record({
  topic: fc.constantFrom('orders', 'stock', 'order-archive'),
  partition: fc.nat({ max: 99_999 }),
  offset: fc.nat({ max: 999_999_999_999 }),
});

describe('a position', () => {
  it('is written topic-partition@offset', () => {
    expect(formatPosition({ topic: 'orders', partition: 3, offset: 1841 })).toBe('orders-3@1841');
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(position, (written) => {
        expect(parsePosition(formatPosition(written))).toEqual(written);
      }),
    );
  });

  it.each([
    '',
    'orders',
    'orders-3',
    'orders-3@',
    'orders-@1',
    'orders-3@-1',
    'orders-3@1.5',
    ' orders-3@1',
    'orders-3@1;',
  ])('is not %j', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });
});

describe('a consistency token', () => {
  it('keeps the highest offset of each partition', () => {
    const token = formatToken([
      { topic: 'stock', partition: 0, offset: 7 },
      { topic: 'orders', partition: 3, offset: 9 },
      { topic: 'orders', partition: 3, offset: 12 },
    ]);
    expect(token).toBe('orders-3@12,stock-0@7');
  });

  it('is read back as positions', () => {
    expect(parseToken('orders-3@12,stock-0@7')).toEqual([
      { topic: 'orders', partition: 3, offset: 12 },
      { topic: 'stock', partition: 0, offset: 7 },
    ]);
  });

  it('may name no position: it is empty, and asks for nothing', () => {
    expect(formatToken([])).toBe('');
    expect(parseToken('')).toEqual([]);
  });

  it('is refused when a part of it is no position', () => {
    expect(parseToken('orders-3@12,')).toBeUndefined();
    expect(parseToken('orders-3@12,stock')).toBeUndefined();
  });

  it('is refused when it names more partitions than any command touches', () => {
    expect(
      parseToken(Array.from({ length: 513 }, (_, n) => `orders-${String(n)}@1`).join(',')),
    ).toBeUndefined();
  });
});
