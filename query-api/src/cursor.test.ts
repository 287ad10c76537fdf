import { ProblemError } from '@comptoir/service';
import { describe, expect, it } from 'vitest';
import { after, formatCursor, parseCursor, sortOrder } from './cursor.ts';

const newest = sortOrder('-placedAt');

const refusal = (text: string): string | undefined => {
  try {
    parseCursor(text, newest);
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error.code;
    throw error;
  }
};

describe('a cursor', () => {
  it.for([new Date(1_764_000_000_123), 'lamp', 42, ''])('brings back the page end %o', (key) => {
    const text = formatCursor(newest, { key, id: 'order-1' });
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(parseCursor(text, newest)).toEqual({ key, id: 'order-1' });
  });

  it('belongs to one order of the list', () => {
    const text = formatCursor(sortOrder('placedAt'), { key: 1, id: 'order-1' });
    expect(refusal(text)).toBe('invalid-cursor');
  });

  it.for([
    'nonsense',
    '',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["-placedAt","a",{"$gt":""}]').toString('base64url'),
    Buffer.from('["-placedAt",{"$ne":1},"a"]').toString('base64url'),
    Buffer.from('["-placedAt","a","x","date"]').toString('base64url'),
    'x'.repeat(2_000),
  ])('that is none of ours is refused: %s', (text) => {
    expect(refusal(text)).toBe('invalid-cursor');
  });
});

describe('the filter after a page', () => {
  it('goes on beyond the key, and among equal keys beyond the id', () => {
    expect(after(newest, { key: 7, id: 'b' })).toEqual({
      placedAt: { $lte: 7 },
      $or: [{ placedAt: { $lt: 7 } }, { _id: { $lt: 'b' } }],
    });
    expect(after(sortOrder('placedAt'), { key: 7, id: 'b' })).toEqual({
      placedAt: { $gte: 7 },
      $or: [{ placedAt: { $gt: 7 } }, { _id: { $gt: 'b' } }],
    });
  });

  it('needs the id alone when the list is in the order of ids', () => {
    expect(after({ name: 'sku', field: '_id', direction: 1 }, { key: 'b', id: 'b' })).toEqual({
      _id: { $gt: 'b' },
    });
  });
});
