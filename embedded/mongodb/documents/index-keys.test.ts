import { describe, expect, it } from 'vitest';
import { indexKeys } from './index-keys.ts';
import { doc } from './testing.ts';
import { bsonUndefined, int32 } from './value.ts';
import type * as bson from 'bson';
import type { Value } from './value.ts';

const one = int32(1);
const two = int32(2);

describe('the keys of a document in an index', () => {
  const values = (fields: bson.Document, ...paths: string[]): Value[][] =>
    indexKeys(
      doc(fields),
      paths.map((path) => [path, 1]),
    ).values;

  it.each<[string, bson.Document, string[], Value[][]]>([
    ['a missing field is null', {}, ['a'], [[null]]],
    ['an array has a key for each element', { a: [1, 2, 1] }, ['a'], [[one], [two]]],
    ['an empty array is undefined', { a: [] }, ['a'], [[bsonUndefined]]],
    ['below an empty array is null', { a: [] }, ['a.b'], [[null]]],
    ['an array in an array is kept whole', { a: [[1, 2]] }, ['a'], [[[one, two]]]],
    [
      'a path goes into the documents of an array',
      { a: [{ b: 1 }, { b: [2] }, 5] },
      ['a.b'],
      [[one], [two], [null]],
    ],
    ['a number names an element', { a: [1, 2] }, ['a.1'], [[two]]],
    [
      'paths through the same array go together',
      {
        a: [
          { b: 1, c: 2 },
          { b: 2, c: 1 },
        ],
      },
      ['a.b', 'a.c'],
      [
        [one, two],
        [two, one],
      ],
    ],
    [
      'an array beside a plain value',
      { a: [1, 2], b: 2 },
      ['a', 'b'],
      [
        [one, two],
        [two, two],
      ],
    ],
  ])('%s', (_name, fields, paths, expected) => {
    expect(values(fields, ...paths)).toEqual(expected);
  });

  it('are refused for two arrays side by side, also when one is empty or gone into by a number', () => {
    for (const fields of [
      { a: [1], b: [2] },
      { a: [], b: [1] },
    ]) {
      expect(() => values(fields, 'a', 'b')).toThrow(expect.objectContaining({ code: 171 }));
      expect(() => values(fields, 'b', 'a.0.b')).toThrow(expect.objectContaining({ code: 171 }));
    }
  });

  it('tell whether an array was met, and whether all is missing', () => {
    expect(indexKeys(doc({ a: [1] }), [['a', 1]])).toMatchObject({ multikey: true, allMissing: false });
    expect(
      indexKeys(doc({ b: 1 }), [
        ['a', 1],
        ['b', 1],
      ]),
    ).toMatchObject({ multikey: false, allMissing: false });
    expect(
      indexKeys(doc({ c: 1 }), [
        ['a', 1],
        ['b', 1],
      ]),
    ).toMatchObject({ allMissing: true });
  });
});
