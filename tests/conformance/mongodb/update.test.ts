// Updates: every operator, paths through arrays, conflicts and errors, upserts, replacements and update pipelines. The
// expectations are those of the manual's pages on update operators and on the update command.
import { Decimal128, Double, Int32, Long, MongoServerError, Timestamp, type Document } from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, errorCode, exactly, itHolds } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('update');

const greatest = Long.fromString('9223372036854775807');
const decimal = (text: string): Decimal128 => Decimal128.fromString(text);

/** The sentence, the document before, the update, the document after; the filter is `{}` unless given. */
type Case = readonly [
  says: string,
  before: Document,
  update: Document | Document[],
  after: Document,
  more?: { filter?: Document; arrayFilters?: Document[] },
];

const fields: readonly Case[] = [
  ['$set replaces a value', { a: 1 }, { $set: { a: 'x' } }, { a: 'x' }],
  [
    '$set adds new fields in the order of their names',
    { a: 1 },
    { $set: { z: 1, b: 2 } },
    { a: 1, b: 2, z: 1 },
  ],
  ['$set makes the documents on its path', { a: 1 }, { $set: { 'b.c.d': 1 } }, { a: 1, b: { c: { d: 1 } } }],
  ['$set at a position of an array', { a: [1, 2] }, { $set: { 'a.1': 9 } }, { a: [1, 9] }],
  ['$set past the end fills with null', { a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
  ['$set with a number on a document is a name', { a: {} }, { $set: { 'a.0': 1 } }, { a: { 0: 1 } }],
  [
    '$set makes documents, not arrays, for a number in a new path',
    {},
    { $set: { 'a.0': 1 } },
    { a: { 0: 1 } },
  ],
  [
    '$set changes the type of a number',
    { a: 1 },
    { $set: { a: Long.fromNumber(1) } },
    { a: Long.fromNumber(1) },
  ],
  ['numeric names are ordered as numbers', {}, { $set: { 10: 1, 9: 2 } }, { 9: 2, 10: 1 }],
  ['$unset removes a field', { a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
  ['$unset in an array leaves null', { a: [1, 2] }, { $unset: { 'a.0': '' } }, { a: [null, 2] }],
  ['$unset through a plain value changes nothing', { a: 1 }, { $unset: { 'a.b': '' } }, { a: 1 }],
  ['$unset of what is missing changes nothing', { a: 1 }, { $unset: { 'b.c': '' } }, { a: 1 }],
  ['$rename moves a field to the end', { a: 1, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: 1 }],
  ['$rename replaces what is at the new name', { a: 1, b: 2 }, { $rename: { a: 'b' } }, { b: 1 }],
  ['$rename into a document', { a: 1, b: {} }, { $rename: { a: 'b.c' } }, { b: { c: 1 } }],
  ['$rename of what is missing changes nothing', { b: 2 }, { $rename: { a: 'c' } }, { b: 2 }],
  [
    '$setOnInsert does nothing to what exists',
    { a: 1 },
    { $setOnInsert: { b: 1 }, $set: { c: 1 } },
    { a: 1, c: 1 },
  ],
  ['an empty $set changes nothing', { a: 1 }, { $set: {} }, { a: 1 }],
];

const numbers: readonly Case[] = [
  ['$inc adds', { a: 1 }, { $inc: { a: 2 } }, { a: 3 }],
  ['$inc of a missing field sets it', {}, { $inc: { a: Long.fromNumber(2) } }, { a: Long.fromNumber(2) }],
  ['$inc keeps an int with an int', { a: new Int32(1) }, { $inc: { a: new Int32(1) } }, { a: new Int32(2) }],
  [
    '$inc of an int past its range gives a long',
    { a: 2147483647 },
    { $inc: { a: 1 } },
    { a: Long.fromNumber(2147483648) },
  ],
  ['$inc by a long gives a long', { a: 1 }, { $inc: { a: Long.fromNumber(1) } }, { a: Long.fromNumber(2) }],
  ['$inc by a double gives a double', { a: 1 }, { $inc: { a: new Double(1) } }, { a: new Double(2) }],
  ['$inc by a decimal gives a decimal', { a: 1 }, { $inc: { a: decimal('0.1') } }, { a: decimal('1.1') }],
  ['$inc of a nested field', { a: { b: 1 } }, { $inc: { 'a.b': 1, 'a.c': 1 } }, { a: { b: 2, c: 1 } }],
  ['$mul multiplies', { a: 3 }, { $mul: { a: 2 } }, { a: 6 }],
  [
    '$mul of a missing field gives a zero of the multiplier’s type',
    {},
    { $mul: { a: new Double(2) } },
    { a: new Double(0) },
  ],
  [
    '$mul of ints past their range gives a long',
    { a: 2147483647 },
    { $mul: { a: 2 } },
    { a: Long.fromNumber(4294967294) },
  ],
  ['$mul of a decimal keeps its digits', { a: decimal('1.10') }, { $mul: { a: 2 } }, { a: decimal('2.20') }],
  ['$min keeps the lower', { a: 5, b: 1 }, { $min: { a: 3, b: 3 } }, { a: 3, b: 1 }],
  ['$max keeps the higher', { a: 5, b: 1 }, { $max: { a: 3, b: 3 } }, { a: 5, b: 3 }],
  ['$min compares across types in BSON order', { a: 'x' }, { $min: { a: 3 } }, { a: 3 }],
  ['$max of a missing field sets it', {}, { $max: { a: 3 } }, { a: 3 }],
  ['$min of equal numbers keeps the type', { a: 1 }, { $min: { a: new Double(1) } }, { a: 1 }],
  ['$min with null', { a: 1 }, { $min: { a: null } }, { a: null }],
  ['$bit and', { a: 13 }, { $bit: { a: { and: 10 } } }, { a: 8 }],
  ['$bit or', { a: 3 }, { $bit: { a: { or: 5 } } }, { a: 7 }],
  [
    '$bit xor with a long gives a long',
    { a: 1 },
    { $bit: { a: { xor: Long.fromNumber(5) } } },
    { a: Long.fromNumber(4) },
  ],
];

const arrays: readonly Case[] = [
  ['$push appends', { a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  ['$push makes the array', {}, { $push: { a: 1 } }, { a: [1] }],
  ['$push of an array appends it whole', { a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
  ['$push with $each', { a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
  ['$push with nothing in $each makes the array', {}, { $push: { a: { $each: [] } } }, { a: [] }],
  [
    '$push with $position',
    { a: [1, 4] },
    { $push: { a: { $each: [2, 3], $position: 1 } } },
    { a: [1, 2, 3, 4] },
  ],
  [
    '$push with a $position from the end',
    { a: [1, 4] },
    { $push: { a: { $each: [3], $position: -1 } } },
    { a: [1, 3, 4] },
  ],
  [
    '$push with a $position past the end',
    { a: [1] },
    { $push: { a: { $each: [2], $position: 9 } } },
    { a: [1, 2] },
  ],
  [
    '$push with $slice keeps the first',
    { a: [1] },
    { $push: { a: { $each: [2, 3], $slice: 2 } } },
    { a: [1, 2] },
  ],
  [
    '$push with a negative $slice keeps the last',
    { a: [1] },
    { $push: { a: { $each: [2, 3], $slice: -2 } } },
    { a: [2, 3] },
  ],
  ['$push with $slice 0 empties', { a: [1] }, { $push: { a: { $each: [2], $slice: 0 } } }, { a: [] }],
  ['$push with $sort', { a: [3] }, { $push: { a: { $each: [1, 2], $sort: 1 } } }, { a: [1, 2, 3] }],
  [
    '$push with $sort by a field, then $slice',
    { a: [{ x: 3 }] },
    { $push: { a: { $each: [{ x: 5 }, { x: 1 }], $sort: { x: -1 }, $slice: 2 } } },
    { a: [{ x: 5 }, { x: 3 }] },
  ],
  [
    '$push with $sort across types',
    { a: ['b'] },
    { $push: { a: { $each: [2, null], $sort: 1 } } },
    { a: [null, 2, 'b'] },
  ],
  ['$addToSet adds what is not there', { a: [1] }, { $addToSet: { a: 2 } }, { a: [1, 2] }],
  [
    '$addToSet knows equal numbers of other types',
    { a: [1] },
    { $addToSet: { a: new Double(1) } },
    { a: [1] },
  ],
  ['$addToSet with $each', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
  [
    '$addToSet tells documents apart by the order of fields',
    { a: [{ x: 1, y: 2 }] },
    { $addToSet: { a: { y: 2, x: 1 } } },
    {
      a: [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
    },
  ],
  ['$addToSet makes the array', {}, { $addToSet: { a: 1 } }, { a: [1] }],
  ['$pop takes the last', { a: [1, 2] }, { $pop: { a: 1 } }, { a: [1] }],
  ['$pop takes the first', { a: [1, 2] }, { $pop: { a: -1 } }, { a: [2] }],
  ['$pop of an empty array', { a: [] }, { $pop: { a: 1 } }, { a: [] }],
  ['$pull takes equal values', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
  ['$pull with a condition', { a: [1, 5, 9] }, { $pull: { a: { $gt: 4 } } }, { a: [1] }],
  ['$pull with $in', { a: ['x', 'y', 'z'] }, { $pull: { a: { $in: ['x', 'z'] } } }, { a: ['y'] }],
  [
    '$pull of documents looks at the named fields',
    { a: [{ x: 1, y: 1 }, { x: 2 }] },
    { $pull: { a: { x: 1 } } },
    { a: [{ x: 2 }] },
  ],
  [
    '$pull of documents by a condition',
    { a: [{ x: 1 }, { x: 5 }] },
    { $pull: { a: { x: { $gte: 5 } } } },
    { a: [{ x: 1 }] },
  ],
  [
    '$pull of a whole array wants the same array',
    {
      a: [
        [1, 2],
        [2, 1],
      ],
    },
    { $pull: { a: [1, 2] } },
    { a: [[2, 1]] },
  ],
  ['$pull of what is missing changes nothing', { b: 1 }, { $pull: { a: 1 } }, { b: 1 }],
  ['$pullAll', { a: [1, 2, 3, 1] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  [
    '$pullAll of documents wants them whole',
    { a: [{ x: 1, y: 1 }, { x: 1 }] },
    { $pullAll: { a: [{ x: 1 }] } },
    { a: [{ x: 1, y: 1 }] },
  ],
];

const positions: readonly Case[] = [
  [
    '$ is the element that the filter found',
    { a: [1, 5, 9] },
    { $set: { 'a.$': 0 } },
    { a: [1, 0, 9] },
    { filter: { a: { $gt: 3 } } },
  ],
  [
    '$ and then a field',
    { a: [{ x: 1 }, { x: 2 }] },
    { $set: { 'a.$.y': 7 } },
    { a: [{ x: 1 }, { x: 2, y: 7 }] },
    { filter: { 'a.x': 2 } },
  ],
  [
    '$ with $elemMatch',
    {
      a: [
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
    },
    { $inc: { 'a.$.x': 1 } },
    {
      a: [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
    },
    { filter: { a: { $elemMatch: { x: 1, y: 2 } } } },
  ],
  [
    '$ with $in',
    { a: [3, 4, 5] },
    { $unset: { 'a.$': '' } },
    { a: [3, null, 5] },
    { filter: { a: { $in: [4] } } },
  ],
  ['$[] is every element', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
  [
    '$[] and then a field',
    { a: [{ x: 1 }, { x: 2 }] },
    { $set: { 'a.$[].y': 0 } },
    {
      a: [
        { x: 1, y: 0 },
        { x: 2, y: 0 },
      ],
    },
  ],
  ['$[] of $[]', { a: [[1, 2], [3]] }, { $mul: { 'a.$[].$[]': 2 } }, { a: [[2, 4], [6]] }],
  [
    '$[name] is what its filter finds',
    { a: [1, 5, 9] },
    { $set: { 'a.$[big]': 0 } },
    { a: [1, 0, 0] },
    { arrayFilters: [{ big: { $gte: 5 } }] },
  ],
  [
    '$[name] finds an array by its elements, as a query does',
    { a: [[7], 1, [2], 8] },
    { $set: { 'a.$[big]': 0 } },
    { a: [0, 1, [2], 0] },
    { arrayFilters: [{ big: { $gte: 5 } }] },
  ],
  [
    '$[name] looks into documents',
    { a: [{ x: 1 }, { x: 2 }] },
    { $set: { 'a.$[e].y': 1 } },
    { a: [{ x: 1 }, { x: 2, y: 1 }] },
    { arrayFilters: [{ 'e.x': 2 }] },
  ],
  [
    'two names at once',
    { a: [{ b: [1, 2] }, { b: [3] }] },
    { $inc: { 'a.$[i].b.$[j]': 10 } },
    { a: [{ b: [1, 12] }, { b: [3] }] },
    { arrayFilters: [{ 'i.b': 1 }, { j: 2 }] },
  ],
  [
    '$push into the found element',
    { a: [{ x: 1, b: [] }] },
    { $push: { 'a.$.b': 1 } },
    { a: [{ x: 1, b: [1] }] },
    { filter: { 'a.x': 1 } },
  ],
];

const pipelines: readonly Case[] = [
  [
    '$set computes from other fields',
    { a: 1, b: 2 },
    [{ $set: { c: { $add: ['$a', '$b'] } } }],
    { a: 1, b: 2, c: 3 },
  ],
  [
    'stages see what earlier ones did',
    { a: 1 },
    [{ $set: { b: 2 } }, { $set: { c: '$b' } }],
    { a: 1, b: 2, c: 2 },
  ],
  ['$unset', { a: 1, b: 2 }, [{ $unset: 'a' }], { b: 2 }],
  ['$project keeps _id', { a: 1, b: 2 }, [{ $project: { b: 1 } }], { b: 2 }],
  ['$replaceWith keeps _id', { a: { x: 1 } }, [{ $replaceWith: '$a' }], { x: 1 }],
  [
    '$addFields with a condition',
    { a: 5 },
    [{ $addFields: { b: { $cond: [{ $gt: ['$a', 3] }, 'big', 'small'] } } }],
    { a: 5, b: 'big' },
  ],
];

/** The sentence, the document, the update, MongoDB's code; the filter is `{}` unless given. */
type Refused = readonly [
  string,
  Document,
  Document,
  number,
  { filter?: Document; arrayFilters?: Document[] }?,
];

const refused: readonly Refused[] = [
  ['two operators on one path', { a: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  ['a path below another one', { a: {} }, { $set: { a: 1, 'a.b': 2 } }, 40],
  ['a change of _id', { a: 1 }, { $set: { _id: 99 } }, 66],
  ['a path through a plain value', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
  ['a name on an array', { a: [1] }, { $set: { 'a.b': 1 } }, 28],
  ['$inc of a string', { a: 'x' }, { $inc: { a: 1 } }, 14],
  ['$inc by a string', { a: 1 }, { $inc: { a: 'x' } }, 14],
  ['$inc of null', { a: null }, { $inc: { a: 1 } }, 14],
  ['$inc past the range of a long', { a: greatest }, { $inc: { a: 1 } }, 2],
  ['$mul of a string', { a: 'x' }, { $mul: { a: 2 } }, 14],
  ['$push onto a plain value', { a: 1 }, { $push: { a: 2 } }, 2],
  ['$push with an unknown modifier', { a: [] }, { $push: { a: { $each: [1], $what: 1 } } }, 2],
  ['$addToSet onto a plain value', { a: 1 }, { $addToSet: { a: 2 } }, 2],
  ['$pop of a plain value', { a: 1 }, { $pop: { a: 1 } }, 14],
  ['$pop by 2', { a: [1] }, { $pop: { a: 2 } }, 9],
  ['$pull of a plain value', { a: 1 }, { $pull: { a: 1 } }, 2],
  ['$pullAll without an array', { a: [1] }, { $pullAll: { a: 1 } }, 2],
  ['$rename to itself', { a: 1 }, { $rename: { a: 'a' } }, 2],
  ['$rename to what is no string', { a: 1 }, { $rename: { a: 1 } }, 2],
  ['$pull through a plain value', { a: 1 }, { $pull: { 'a.b': 1 } }, 28],
  ['$pullAll through a plain value', { a: 1 }, { $pullAll: { 'a.b': [1] } }, 28],
  ['$pop through a plain value', { a: 1 }, { $pop: { 'a.b': 1 } }, 28],
  ['$pull through an array by a name', { a: [{ b: [1] }] }, { $pull: { 'a.b': 1 } }, 28],
  ['$rename from below a plain value', { a: 1 }, { $rename: { 'a.b': 'c' } }, 28],
  ['$rename from below an array', { a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, 28],
  ['$rename of an element', { a: [1] }, { $rename: { 'a.0': 'c' } }, 2],
  ['$rename into an element', { a: [1], b: 2 }, { $rename: { b: 'a.0' } }, 2],
  ['$bit of null', { a: null }, { $bit: { a: { or: 1 } } }, 2],
  ['$bit on a double', { a: new Double(1.5) }, { $bit: { a: { and: 1 } } }, 2],
  ['$bit with a double', { a: 1 }, { $bit: { a: { and: new Double(1) } } }, 2],
  ['an unknown operator', { a: 1 }, { $foo: { a: 1 } }, 9],
  ['operators and fields together', { a: 1 }, { $set: { a: 1 }, b: 2 }, 9],
  ['an empty name in a path', { a: {} }, { $set: { 'a.': 1 } }, 56],
  ['$ without an array in the filter', { a: [1] }, { $set: { 'a.$': 1 } }, 2],
  ['$[] of a plain value', { a: 1 }, { $set: { 'a.$[]': 1 } }, 2],
  ['$[name] without its filter', { a: [1] }, { $set: { 'a.$[e]': 1 } }, 2],
  ['an array filter that is not used', { a: [1] }, { $set: { b: 1 } }, 9, { arrayFilters: [{ e: 1 }] }],
  ['$currentDate of an unknown type', {}, { $currentDate: { a: { $type: 'year' } } }, 2],
];

const withId = (document: Document): Document => ({ _id: 1, ...document });

describe.each(servers)('on $product', (server) => {
  const { db } = server;

  const groups = { fields, numbers, arrays, positions, pipelines };
  describe.each(Object.entries(groups))('%s', (_, cases) => {
    for (const [says, before, update, after, { filter = {}, ...rest } = {}] of cases)
      itHolds(server, 'update', says, async () => {
        const name = await collectionOf(db, [withId(before)]);
        const { n, nModified } = await db.command({
          update: name,
          updates: [{ q: filter, u: update, ...rest }],
        });
        const [found] = await documentsFrom(db, { find: name });
        expect(exactly(found)).toBe(exactly(withId(after)));
        const changes = exactly(before) === exactly(after) ? 0 : 1;
        expect([n, nModified]).toEqual([1, changes]);
      });
  });

  describe('refuses', () => {
    for (const [says, before, update, code, { filter = {}, ...rest } = {}] of refused)
      itHolds(server, 'update refused', says, async () => {
        const name = await collectionOf(db, [withId(before)]);
        const reply: Document = await db
          .command({ update: name, updates: [{ q: filter, u: update, ...rest }] })
          .catch((error: unknown) => ({ writeErrors: [error] }));
        expect(reply.writeErrors).toMatchObject([{ code }]);
        const [found] = await documentsFrom(db, { find: name });
        expect(exactly(found)).toBe(exactly(withId(before)));
      });
  });

  describe('inserts with upsert', () => {
    const upserts: readonly (readonly [string, Document, Document, Document])[] = [
      [
        'the equalities of the filter and the update',
        { _id: 1, a: 2, b: { $gt: 5 } },
        { $set: { c: 3 } },
        { _id: 1, a: 2, c: 3 },
      ],
      [
        'what $setOnInsert says',
        { _id: 1 },
        { $setOnInsert: { a: 1 }, $set: { b: 2 } },
        { _id: 1, a: 1, b: 2 },
      ],
      ['equalities below $and', { $and: [{ _id: 1 }, { a: 2 }] }, { $set: { b: 1 } }, { _id: 1, a: 2, b: 1 }],
      [
        'an equality of one value in $in',
        { _id: 1, a: { $in: [7] } },
        { $set: { b: 1 } },
        { _id: 1, a: 7, b: 1 },
      ],
      [
        'an equality by $eq',
        { _id: { $eq: 1 }, a: { $eq: 'x' } },
        { $set: { b: 1 } },
        { _id: 1, a: 'x', b: 1 },
      ],
      ['a dotted equality', { _id: 1, 'a.b': 2 }, { $set: { c: 1 } }, { _id: 1, a: { b: 2 }, c: 1 }],
      ['the sum from nothing', { _id: 1, a: 5 }, { $inc: { a: 1, n: 1 } }, { _id: 1, a: 6, n: 1 }],
      ['an array from nothing', { _id: 1 }, { $push: { a: 1 } }, { _id: 1, a: [1] }],
      ['a replacement with the filter’s _id', { _id: 1, a: 2 }, { b: 3 }, { _id: 1, b: 3 }],
    ];
    for (const [says, q, u, after] of upserts)
      itHolds(server, 'upsert', says, async () => {
        const name = await collectionOf(db, []);
        const reply = await db.command({ update: name, updates: [{ q, u, upsert: true }] });
        const [found] = await documentsFrom(db, { find: name });
        expect(exactly(found)).toBe(exactly(after));
        expect(reply).toMatchObject({ n: 1, nModified: 0, upserted: [{ index: 0, _id: 1 }] });
      });

    itHolds(server, 'upsert', 'an object id where the filter names no _id', async () => {
      const name = await collectionOf(db, []);
      const reply = await db.command({
        update: name,
        updates: [{ q: { a: 1 }, u: { $set: { b: 1 } }, upsert: true }],
      });
      const [found] = await documentsFrom(db, { find: name });
      expect(Object.keys(found ?? {})).toEqual(['_id', 'a', 'b']);
      expect((reply as { upserted: { _id: unknown }[] }).upserted[0]?._id).toEqual(found?._id);
    });
    itHolds(server, 'upsert', 'an update pipeline', async () => {
      const name = await collectionOf(db, []);
      await db.command({
        update: name,
        updates: [{ q: { _id: 1, a: 2 }, u: [{ $set: { b: '$a' } }], upsert: true }],
      });
      expect(exactly(await documentsFrom(db, { find: name }))).toBe(exactly([{ _id: 1, a: 2, b: 2 }]));
    });
    itHolds(server, 'upsert', 'not two values for one field', async () => {
      const name = await collectionOf(db, []);
      const q = { $and: [{ a: 1 }, { a: 2 }] };
      const reply = db.command({ update: name, updates: [{ q, u: { $set: { b: 1 } }, upsert: true }] });
      expect(await errorCode(reply.then(firstWriteError))).toBe(54);
    });
    itHolds(server, 'upsert', 'nothing when something matches', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      const reply = await db.command({
        update: name,
        updates: [{ q: { a: 1 }, u: { $set: { a: 1 } }, upsert: true }],
      });
      expect(reply).toMatchObject({ n: 1, nModified: 0 });
      expect(reply.upserted).toBeUndefined();
    });
  });

  describe('replaces', () => {
    itHolds(server, 'replace', 'the whole document but its _id', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1, b: 2 }]);
      await db.command({ update: name, updates: [{ q: { _id: 1 }, u: { c: 3 } }] });
      expect(exactly(await documentsFrom(db, { find: name }))).toBe(exactly([{ _id: 1, c: 3 }]));
    });
    itHolds(server, 'replace', 'puts _id first', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      await db.command({ update: name, updates: [{ q: { _id: 1 }, u: { c: 3, _id: 1 } }] });
      const [found] = await documentsFrom(db, { find: name });
      expect(Object.keys(found ?? {})).toEqual(['_id', 'c']);
    });
    itHolds(server, 'replace', 'not with another _id', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      const reply = db.command({ update: name, updates: [{ q: { _id: 1 }, u: { _id: 2 } }] });
      expect(await errorCode(reply.then(firstWriteError))).toBe(66);
    });
    itHolds(server, 'replace', 'not many at once', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      const reply = db.command({ update: name, updates: [{ q: {}, u: { b: 2 }, multi: true }] });
      expect(await errorCode(reply.then(firstWriteError))).toBe(9);
    });
    itHolds(server, 'replace', 'an empty timestamp in a replacement becomes the current one', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.command({
        update: name,
        updates: [{ q: { _id: 1 }, u: { t: new Timestamp({ t: 0, i: 0 }) } }],
      });
      const [found] = await documentsFrom(db, { find: name });
      expect((found?.t as Timestamp).t).toBeGreaterThan(1_600_000_000);
    });
  });

  describe('many', () => {
    itHolds(server, 'update many', 'multi changes all that match', async () => {
      const name = await collectionOf(db, [{ a: 1 }, { a: 1 }, { a: 2 }]);
      const updates = [{ q: { a: 1 }, u: { $set: { b: 1 } }, multi: true }];
      expect(await db.command({ update: name, updates })).toMatchObject({ n: 2, nModified: 2 });
    });
    itHolds(server, 'update many', 'without multi one is changed', async () => {
      const name = await collectionOf(db, [{ a: 1 }, { a: 1 }]);
      const updates = [{ q: { a: 1 }, u: { $set: { b: 1 } } }];
      expect(await db.command({ update: name, updates })).toMatchObject({ n: 1, nModified: 1 });
    });
    itHolds(server, 'update many', 'nModified counts changes only', async () => {
      const name = await collectionOf(db, [{ a: 1, b: 1 }, { a: 1 }]);
      const updates = [{ q: { a: 1 }, u: { $set: { b: 1 } }, multi: true }];
      expect(await db.command({ update: name, updates })).toMatchObject({ n: 2, nModified: 1 });
    });
    itHolds(server, 'update many', '$currentDate sets a date and a timestamp', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const u = { $currentDate: { a: true, b: { $type: 'timestamp' } } };
      await db.command({ update: name, updates: [{ q: {}, u }] });
      const [found] = await documentsFrom(db, { find: name });
      expect(Math.abs((found?.a as Date).getTime() - Date.now())).toBeLessThan(60_000);
      expect((found?.b as Document)._bsontype).toBe('Timestamp');
    });
  });

  describe('findAndModify', () => {
    const three = [
      { _id: 1, a: 3 },
      { _id: 2, a: 1 },
      { _id: 3, a: 2 },
    ];
    itHolds(server, 'findAndModify', 'answers the document before', async () => {
      const name = await collectionOf(db, three);
      const reply = await db.command({ findAndModify: name, query: { _id: 2 }, update: { $inc: { a: 1 } } });
      expect(reply).toMatchObject({
        value: { _id: 2, a: 1 },
        lastErrorObject: { n: 1, updatedExisting: true },
      });
    });
    itHolds(server, 'findAndModify', 'answers the document after with new', async () => {
      const name = await collectionOf(db, three);
      const reply = await db.command({
        findAndModify: name,
        query: { _id: 2 },
        update: { $inc: { a: 1 } },
        new: true,
      });
      expect(reply.value).toEqual({ _id: 2, a: 2 });
    });
    itHolds(server, 'findAndModify', 'takes the first by its sort', async () => {
      const name = await collectionOf(db, three);
      const reply = await db.command({
        findAndModify: name,
        query: {},
        sort: { a: 1 },
        update: { $set: { b: 1 } },
      });
      expect((reply.value as Document)._id).toBe(2);
    });
    itHolds(server, 'findAndModify', 'removes', async () => {
      const name = await collectionOf(db, three);
      const reply = await db.command({ findAndModify: name, query: {}, sort: { a: -1 }, remove: true });
      expect(reply).toMatchObject({ value: { _id: 1 }, lastErrorObject: { n: 1 } });
      expect((await db.command({ count: name })).n).toBe(2);
    });
    itHolds(server, 'findAndModify', 'answers null when nothing matches', async () => {
      const name = await collectionOf(db, three);
      const reply = await db.command({ findAndModify: name, query: { _id: 9 }, update: { $set: { a: 1 } } });
      expect(reply).toMatchObject({ value: null, lastErrorObject: { n: 0, updatedExisting: false } });
    });
    itHolds(server, 'findAndModify', 'upserts', async () => {
      const name = await collectionOf(db, three);
      const reply = await db.command({
        findAndModify: name,
        query: { _id: 9 },
        update: { $set: { a: 1 } },
        upsert: true,
        new: true,
      });
      expect(reply).toMatchObject({
        value: { _id: 9, a: 1 },
        lastErrorObject: { n: 1, updatedExisting: false, upserted: 9 },
      });
    });
    itHolds(server, 'findAndModify', 'projects', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1, b: 2 }]);
      const reply = await db.command({
        findAndModify: name,
        query: {},
        update: { $set: { a: 5 } },
        fields: { a: 1 },
        new: true,
      });
      expect(reply.value).toEqual({ _id: 1, a: 5 });
    });
    itHolds(server, 'findAndModify', 'takes a positional update', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: [1, 2] }]);
      const reply = await db.command({
        findAndModify: name,
        query: { a: 2 },
        update: { $set: { 'a.$': 9 } },
        new: true,
      });
      expect(reply.value).toEqual({ _id: 1, a: [1, 9] });
    });
    itHolds(server, 'findAndModify', 'refuses update and remove together', async () => {
      const name = await collectionOf(db, three);
      expect(
        await errorCode(db.command({ findAndModify: name, query: {}, remove: true, update: { a: 1 } })),
      ).toBe(9);
    });
    itHolds(server, 'findAndModify', 'refuses neither update nor remove', async () => {
      const name = await collectionOf(db, three);
      expect(await errorCode(db.command({ findAndModify: name, query: {} }))).toBe(9);
    });
  });
});

/** Throws the first error that a write reported, in the form of a command's error. */
function firstWriteError(reply: Document): void {
  const [first] = (reply as { writeErrors?: { code: number; errmsg: string }[] }).writeErrors ?? [];
  if (first !== undefined) throw new MongoServerError({ message: first.errmsg, code: first.code });
}
