// Projections: inclusion, exclusion, arrays, positions and computed fields, in find as in the manual's page "Project Fields to
// Return from Query" and the pages of the projection operators.
import type { Document } from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, errorCode, exactly, itHolds } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('projection');

/** The sentence, the document (its `_id` is 1), the projection, what comes out; the filter is `{}` unless given. */
type Case = readonly [string, Document, Document, Document, Document?];

const cases: readonly Case[] = [
  ['inclusion keeps _id', { a: 1, b: 2 }, { a: 1 }, { _id: 1, a: 1 }],
  ['inclusion without _id', { a: 1, b: 2 }, { a: 1, _id: 0 }, { a: 1 }],
  ['inclusion keeps the order of the document', { a: 1, b: 2, c: 3 }, { c: 1, a: 1 }, { _id: 1, a: 1, c: 3 }],
  ['exclusion', { a: 1, b: 2 }, { a: 0 }, { _id: 1, b: 2 }],
  ['exclusion of _id alone', { a: 1 }, { _id: 0 }, { a: 1 }],
  ['_id alone', { a: 1 }, { _id: 1 }, { _id: 1 }],
  ['an empty projection keeps all', { a: 1 }, {}, { _id: 1, a: 1 }],
  ['any number and true include', { a: 1, b: 2, c: 3 }, { a: true, b: 5.5 }, { _id: 1, a: 1, b: 2 }],
  ['a nested field by its path', { a: { b: 1, c: 2 } }, { 'a.b': 1 }, { _id: 1, a: { b: 1 } }],
  ['a nested field by a document', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, { _id: 1, a: { b: 1 } }],
  ['a nested field excluded', { a: { b: 1, c: 2 } }, { 'a.b': 0 }, { _id: 1, a: { c: 2 } }],
  ['a field of documents in an array', { a: [{ b: 1, c: 2 }, { c: 3 }, 5] }, { 'a.b': 1 }, { _id: 1, a: [{ b: 1 }, {}] }],
  ['a field of documents in an array excluded', { a: [{ b: 1, c: 2 }, 5] }, { 'a.b': 0 }, { _id: 1, a: [{ c: 2 }, 5] }],
  ['a path through a plain value includes nothing', { a: 1, b: 2 }, { 'a.b': 1 }, { _id: 1 }],
  ['a missing field', { a: 1 }, { b: 1 }, { _id: 1 }],
  ['$slice takes the first', { a: [1, 2, 3], b: 1 }, { a: { $slice: 2 } }, { _id: 1, a: [1, 2], b: 1 }],
  ['$slice takes the last', { a: [1, 2, 3] }, { a: { $slice: -2 } }, { _id: 1, a: [2, 3] }],
  ['$slice skips', { a: [1, 2, 3, 4] }, { a: { $slice: [1, 2] } }, { _id: 1, a: [2, 3] }],
  ['$slice skips from the end', { a: [1, 2, 3, 4] }, { a: { $slice: [-3, 2] } }, { _id: 1, a: [2, 3] }],
  ['$slice with an inclusion', { a: [1, 2, 3], b: 1, c: 1 }, { b: 1, a: { $slice: 1 } }, { _id: 1, a: [1], b: 1 }],
  ['$slice of no array', { a: 5 }, { a: { $slice: 1 } }, { _id: 1, a: 5 }],
  ['$elemMatch keeps the first that matches', { a: [{ x: 1 }, { x: 2, y: 1 }, { x: 2 }], b: 1 }, { a: { $elemMatch: { x: 2 } } }, { _id: 1, a: [{ x: 2, y: 1 }] }],
  ['$elemMatch without a match leaves the field out', { a: [{ x: 1 }], b: 1 }, { a: { $elemMatch: { x: 2 } } }, { _id: 1 }],
  ['$elemMatch on plain values', { a: [1, 5, 9] }, { a: { $elemMatch: { $gt: 3 } } }, { _id: 1, a: [5] }],
  ['$ keeps the element that the filter found', { a: [1, 5, 9] }, { 'a.$': 1 }, { _id: 1, a: [5] }, { a: { $gt: 3 } }],
  ['$ on documents', { a: [{ x: 1 }, { x: 2, y: 3 }] }, { 'a.$': 1 }, { _id: 1, a: [{ x: 2, y: 3 }] }, { 'a.x': 2 }],
  ['a computed field', { a: 2, b: 3 }, { c: { $add: ['$a', '$b'] } }, { _id: 1, c: 5 }],
  ['a path of another field', { a: { b: 2 } }, { c: '$a.b' }, { _id: 1, c: 2 }],
  ['a literal', { a: 1 }, { a: 1, b: { $literal: 1 } }, { _id: 1, a: 1, b: 1 }],
  ['an array of expressions', { a: 1 }, { b: ['$a', '$z'] }, { _id: 1, b: [1, null] }],
]; // prettier-ignore

const refused: readonly (readonly [string, Document, number, Document?])[] = [
  ['an exclusion in an inclusion', { a: 1, b: 0 }, 31254],
  ['an inclusion in an exclusion', { a: 0, b: 1 }, 31253],
  ['a path and one below it', { a: 1, 'a.b': 1 }, 31249],
  ['$ without a filter on the array', { 'a.$': 1 }, 51246],
  ['$elemMatch without a document', { a: { $elemMatch: 1 } }, 31274],
  ['$slice with three numbers', { a: { $slice: [1, 2, 3] } }, 28724],
  ['an empty path', { '': 1 }, 40352],
];

describe.each(servers)('on $product', (server) => {
  const { db } = server;
  for (const [says, document, projection, wanted, filter = {}] of cases)
    itHolds(server, 'projection', says, async () => {
      const name = await collectionOf(db, [{ _id: 1, ...document }]);
      const [found] = await documentsFrom(db, { find: name, filter, projection });
      expect(exactly(found)).toBe(exactly(wanted));
    });

  describe('refuses', () => {
    for (const [says, projection, code] of refused)
      itHolds(server, 'projection refused', says, async () => {
        const name = await collectionOf(db, [{ _id: 1, a: [1] }]);
        expect(await errorCode(documentsFrom(db, { find: name, filter: {}, projection }))).toBe(code);
      });
  });
});
