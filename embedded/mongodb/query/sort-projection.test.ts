import * as bson from 'bson';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../documents/write.ts';
import { doc } from '../documents/testing.ts';
import { compileFilter } from './filter.ts';
import { compileProjection } from './projection.ts';
import { compileSort } from './sort.ts';
import type { Doc } from '../documents/value.ts';

const plain = (value: Doc): bson.Document => bson.deserialize(encodeDocument(value));

describe('a sort', () => {
  const ids = (docs: readonly bson.Document[], spec: bson.Document, limit?: number): unknown[] =>
    compileSort(doc(spec))
      .sort(docs.map(doc), limit)
      .map((each): unknown => plain(each)._id);

  it('takes an array by its least element upwards, by its greatest downwards', () => {
    const docs = [
      { _id: 1, a: [5, 1] },
      { _id: 2, a: 3 },
      { _id: 3, a: [2, 9] },
      { _id: 4, a: [] },
      { _id: 5 },
    ];
    expect(ids(docs, { a: 1 })).toEqual([4, 5, 1, 3, 2]);
    expect(ids(docs, { a: -1 })).toEqual([3, 1, 2, 5, 4]);
  });

  it('goes by one field after the other, and keeps the order of equals', () => {
    const docs = [
      { _id: 1, a: 1, b: 1 },
      { _id: 2, a: 1, b: 2 },
      { _id: 3, a: 0, b: 2 },
      { _id: 4, a: 1, b: 2 },
    ];
    expect(ids(docs, { a: 1, b: -1 })).toEqual([3, 2, 4, 1]);
    expect(ids(docs, { a: 1, b: -1 }, 2)).toEqual([3, 2]);
  });

  it('with a limit gives what the whole sort begins with', () => {
    const docs = Array.from({ length: 5000 }, (_, at) => ({ _id: at, a: (at * 7919) % 1009 }));
    expect(ids(docs, { a: 1, _id: 1 }, 40)).toEqual(ids(docs, { a: 1, _id: 1 }).slice(0, 40));
  });

  it('refuses two arrays side by side, and directions other than 1 and -1', () => {
    expect(() => ids([{ _id: 1, a: [1], b: [2] }], { a: 1, b: 1 })).toThrow('parallel arrays');
    expect(() => ids([], { a: 2 })).toThrow(expect.objectContaining({ code: 15975 }));
  });
});

describe('a projection', () => {
  const source = {
    _id: 1,
    a: 1,
    b: { c: 2, d: 3 },
    list: [{ x: 1, y: 2 }, { x: 3 }, 5, [{ x: 4 }]],
    n: [1, 2, 3, 4],
  };

  it.each<[string, bson.Document, bson.Document]>([
    ['includes in the order of the document', { n: 1, a: true }, { _id: 1, a: 1, n: [1, 2, 3, 4] }],
    ['leaves _id out', { a: 1, _id: 0 }, { a: 1 }],
    [
      'includes paths, through arrays',
      { 'b.c': 1, 'list.x': 1 },
      { _id: 1, b: { c: 2 }, list: [{ x: 1 }, { x: 3 }, [{ x: 4 }]] },
    ],
    ['includes by documents', { b: { d: 1 } }, { _id: 1, b: { d: 3 } }],
    ['excludes', { list: 0, b: 0, _id: 0 }, { a: 1, n: [1, 2, 3, 4] }],
    [
      'excludes paths, through arrays',
      { 'list.x': 0, n: 0, b: { c: 0 } },
      { _id: 1, a: 1, b: { d: 3 }, list: [{ y: 2 }, {}, 5, [{}]] },
    ],
    ['only _id', { _id: 1 }, { _id: 1 }],
    ['all', {}, source],
    ['$slice keeps the others', { n: { $slice: -2 }, list: 0, b: 0 }, { _id: 1, a: 1, n: [3, 4] }],
    ['$slice with a place, among included', { a: 1, n: { $slice: [1, 2] } }, { _id: 1, a: 1, n: [2, 3] }],
    ['$elemMatch gives the first', { list: { $elemMatch: { x: { $gt: 1 } } } }, { _id: 1, list: [{ x: 3 }] }],
    ['computes', { a: 1, z: '$b.d', t: 'text' }, { _id: 1, a: 1, z: 3, t: 'text' }],
    ['computes below', { b: { e: '$a' } }, { _id: 1, b: { e: 1 } }],
  ])('%s', (_name, spec, expected) => {
    const result = plain(compileProjection(doc(spec)).apply(doc(source)));
    expect(result).toEqual(expected);
    expect(Object.keys(result)).toEqual(Object.keys(expected));
  });

  it('gives the element that the query matched', () => {
    const filter = compileFilter(doc({ 'list.x': 3 }));
    expect(plain(compileProjection(doc({ 'list.$': 1 }), filter).apply(doc(source)))).toEqual({
      _id: 1,
      list: [{ x: 3 }],
    });
  });

  it.each<[bson.Document, number]>([
    [{ a: 1, b: 0 }, 31254],
    [{ a: 0, b: 1 }, 31253],
    [{ a: 1, 'a.b': 1 }, 31249],
    [{ 'a.b': 1, a: 1 }, 31250],
    [{ a: {} }, 51270],
    [{ 'a..b': 1 }, 15998],
    [{ 'a.$': 1, 'b.$': 1 }, 31276],
    [{ a: { $foo: 1 } }, 31325],
    [{ a: { $slice: [1, 2, 3] } }, 28724],
    [{ a: { b: { $abs: { $foo: 1 } } } }, 168],
  ])('%j is refused', (spec, code) => {
    expect(() => compileProjection(doc(spec))).toThrow(expect.objectContaining({ code }));
  });
});
