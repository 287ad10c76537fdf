import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../documents/write.ts';
import { doc, values } from '../documents/testing.ts';
import { docOf, int32 } from '../documents/value.ts';
import { compileFilter } from '../query/filter.ts';
import { compileUpdate } from './update.ts';
import type { Doc, Value } from '../documents/value.ts';

type Plain = bson.Document;

/** The update of a driver: operators, a replacement, or a pipeline. */
function given(update: Plain | Plain[]): Doc | Value[] {
  return Array.isArray(update) ? update.map((stage: Plain) => doc(stage)) : doc(update);
}

function updated(
  before: Plain,
  update: Plain | Plain[],
  filter: Plain = {},
  arrayFilters: Plain[] = [],
): Plain {
  const source = doc(before);
  const bytes = encodeDocument(source);
  const compiled = compileUpdate(given(update), compileFilter(doc(filter)), {
    arrayFilters: arrayFilters.map(doc),
  });
  const { doc: after, changed } = compiled.apply(source);
  expect(encodeDocument(source).equals(bytes)).toBe(true);
  expect(changed).toBe(!encodeDocument(after).equals(bytes));
  return bson.deserialize(encodeDocument(after), { promoteLongs: false });
}

const plain = (value: Doc): Plain => bson.deserialize(encodeDocument(value));
const { Long, Double, Decimal128 } = bson;

describe('an update', () => {
  it.each<[string, Plain, Plain | Plain[], Plain]>([
    [
      '$set replaces in place and adds in the order of names',
      { _id: 1, b: 1 },
      { $set: { z: 1, b: 2, c: 3 } },
      { _id: 1, b: 2, c: 3, z: 1 },
    ],
    ['$set makes documents on its way', { _id: 1 }, { $set: { 'a.b.c': 1 } }, { _id: 1, a: { b: { c: 1 } } }],
    [
      '$set fills an array with nulls',
      { _id: 1, a: [1] },
      { $set: { 'a.3': 4 } },
      { _id: 1, a: [1, null, null, 4] },
    ],
    [
      '$set takes numeric names in the order of numbers',
      { _id: 1, a: {} },
      { $set: { 'a.10': 1, 'a.2': 2 } },
      { _id: 1, a: { 2: 2, 10: 1 } },
    ],
    [
      '$unset takes away',
      { _id: 1, a: 1, b: { c: 1, d: 2 } },
      { $unset: { a: '', 'b.c': '', x: 1, 'b.d.y': 1 } },
      { _id: 1, b: { d: 2 } },
    ],
    [
      '$unset leaves null in an array',
      { _id: 1, a: [1, 2] },
      { $unset: { 'a.0': 1 } },
      { _id: 1, a: [null, 2] },
    ],
    [
      '$inc adds, and makes what is missing',
      { _id: 1, a: 1 },
      { $inc: { a: 2, b: -1 } },
      { _id: 1, a: 3, b: -1 },
    ],
    [
      '$inc widens an int that overflows',
      { _id: 1, a: 2147483647 },
      { $inc: { a: 1 } },
      { _id: 1, a: Long.fromNumber(2147483648) },
    ],
    [
      '$inc takes the wider type',
      { _id: 1, a: 1 },
      { $inc: { a: Decimal128.fromString('0.1') } },
      { _id: 1, a: Decimal128.fromString('1.1') },
    ],
    [
      '$mul makes zero of what is missing',
      { _id: 1, a: 2 },
      { $mul: { a: 1.5, b: 5 } },
      { _id: 1, a: 3, b: 0 },
    ],
    [
      '$min and $max compare across types',
      { _id: 1, a: 5, b: 5 },
      { $min: { a: 'x' }, $max: { b: 'x', c: 1 } },
      { _id: 1, a: 5, b: 'x', c: 1 },
    ],
    [
      '$rename moves to the end',
      { _id: 1, a: 1, b: 2 },
      { $rename: { a: 'c', x: 'y.z' } },
      { _id: 1, b: 2, c: 1 },
    ],
    ['$rename moves null too', { _id: 1, a: null, b: 2 }, { $rename: { a: 'b' } }, { _id: 1, b: null }],
    ['$rename without a source does nothing', { _id: 1, a: 1 }, { $rename: { b: 'c.d' } }, { _id: 1, a: 1 }],
    ['$setOnInsert makes nothing on its way either', { _id: 1 }, { $setOnInsert: { 'a.b': 1 } }, { _id: 1 }],
    ['$rename replaces', { _id: 1, a: 1, b: 2 }, { $rename: { a: 'b' } }, { _id: 1, b: 1 }],
    [
      '$setOnInsert does nothing to what is there',
      { _id: 1 },
      { $setOnInsert: { a: 1 }, $set: { b: 1 } },
      { _id: 1, b: 1 },
    ],
    [
      '$bit',
      { _id: 1, a: 13 },
      { $bit: { a: { and: 10, or: 1 }, b: { xor: Long.fromNumber(5) } } },
      { _id: 1, a: 9, b: Long.fromNumber(5) },
    ],
    ['$push appends', { _id: 1, a: [1] }, { $push: { a: [2], b: 1 } }, { _id: 1, a: [1, [2]], b: [1] }],
    [
      '$push places, sorts, cuts',
      { _id: 1, a: [3, 1] },
      { $push: { a: { $each: [2, 5], $position: 0, $sort: -1, $slice: 3 } } },
      { _id: 1, a: [5, 3, 2] },
    ],
    [
      '$push sorts by fields',
      { _id: 1, a: [{ x: 2 }] },
      { $push: { a: { $each: [{ x: 1 }, {}], $sort: { x: 1 }, $slice: -2 } } },
      { _id: 1, a: [{ x: 1 }, { x: 2 }] },
    ],
    [
      '$addToSet adds what is not there yet',
      { _id: 1, a: [1, 2] },
      { $addToSet: { a: { $each: [new Double(2), 3, 3] }, b: 1 } },
      { _id: 1, a: [1, 2, 3], b: [1] },
    ],
    ['$pop', { _id: 1, a: [1, 2], b: [1, 2] }, { $pop: { a: 1, b: -1, c: 1 } }, { _id: 1, a: [1], b: [2] }],
    [
      '$pull by value, condition and filter',
      { _id: 1, a: [1, 2, 1], b: [1, 5, 9], c: [{ x: 1, y: 1 }, { x: 2 }] },
      { $pull: { a: 1, b: { $gte: 5 }, c: { x: 1 } } },
      { _id: 1, a: [2], b: [1], c: [{ x: 2 }] },
    ],
    ['$pullAll', { _id: 1, a: [1, 2, 3, 1] }, { $pullAll: { a: [1, 3] } }, { _id: 1, a: [2] }],
    ['a replacement keeps _id and puts it first', { _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
    [
      'a pipeline computes',
      { _id: 1, a: 2 },
      [{ $set: { b: '$a', c: { d: '$a' } } }, { $unset: 'a' }],
      { _id: 1, b: 2, c: { d: 2 } },
    ],
    [
      'a pipeline replaces and keeps _id',
      { _id: 1, a: { x: 1 } },
      [{ $replaceWith: '$a' }],
      { _id: 1, x: 1 },
    ],
    ['$[] is every element', { _id: 1, a: [1, 2] }, { $inc: { 'a.$[]': 1 } }, { _id: 1, a: [2, 3] }],
    [
      '$[] goes into documents',
      { _id: 1, a: [{ x: 1 }, {}] },
      { $set: { 'a.$[].x': 5 } },
      { _id: 1, a: [{ x: 5 }, { x: 5 }] },
    ],
  ])('%s', (_name, before, update, after) => {
    expect(updated(before, update)).toEqual(after);
    expect(Object.keys(updated(before, update))).toEqual(Object.keys(after));
  });

  it('goes to the element that the filter matched', () => {
    expect(updated({ _id: 1, a: [1, 5, 7] }, { $set: { 'a.$': 0 } }, { a: { $gt: 4 } })).toEqual({
      _id: 1,
      a: [1, 0, 7],
    });
    expect(updated({ _id: 1, a: [{ x: 1 }, { x: 2 }] }, { $inc: { 'a.$.n': 1 } }, { 'a.x': 2 })).toEqual({
      _id: 1,
      a: [{ x: 1 }, { x: 2, n: 1 }],
    });
  });

  it('goes to the elements that array filters take', () => {
    expect(updated({ _id: 1, a: [1, 5, 7] }, { $set: { 'a.$[big]': 0 } }, {}, [{ big: { $gt: 4 } }])).toEqual(
      { _id: 1, a: [1, 0, 0] },
    );
    expect(
      updated(
        {
          _id: 1,
          a: [
            { k: 'x', n: [1, 2] },
            { k: 'y', n: [1] },
          ],
        },
        { $inc: { 'a.$[d].n.$[one]': 10 } },
        {},
        [{ 'd.k': 'x' }, { one: 1 }],
      ),
    ).toEqual({
      _id: 1,
      a: [
        { k: 'x', n: [11, 2] },
        { k: 'y', n: [1] },
      ],
    });
  });

  it.each<[Plain, Plain | Plain[], number, string]>([
    [
      { _id: 1, a: 'x' },
      { $inc: { a: 1 } },
      14,
      "Cannot apply $inc to a value of non-numeric type. { _id: 1 } has the field 'a' of non-numeric type string",
    ],
    [{ _id: 1 }, { $inc: { a: 'x' } }, 14, 'Cannot increment with non-numeric argument: {a: "x"}'],
    [
      { _id: 1, a: Long.MAX_VALUE },
      { $inc: { a: 1 } },
      2,
      'Failed to apply $inc operations to current value',
    ],
    [{ _id: 1 }, { $set: { a: 1, 'a.b': 2 } }, 40, "Updating the path 'a.b' would create a conflict at 'a'"],
    [
      { _id: 1 },
      { $set: { a: 1 }, $inc: { a: 2 } },
      40,
      "Updating the path 'a' would create a conflict at 'a'",
    ],
    [
      { _id: 1 },
      { $set: { _id: 2 } },
      66,
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    ],
    [{ _id: 1 }, { _id: 2 }, 66, "the (immutable) field '_id' was found to have been altered to _id: 2"],
    [{ _id: 1, a: 1 }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: 1}"],
    [{ _id: 1, a: [1] }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: [ 1 ]}"],
    [
      { _id: 1, a: 1 },
      { $push: { a: 1 } },
      2,
      "The field 'a' must be an array but is of type int in document { _id: 1 }",
    ],
    [
      { _id: 1, a: [] },
      { $set: { 'a.$': 1 } },
      2,
      'The positional operator did not find the match needed from the query.',
    ],
    [
      { _id: 1 },
      { $set: { 'a.$[]': 1 } },
      2,
      "The path 'a' must exist in the document in order to apply array updates.",
    ],
    [{ _id: 1 }, { $set: { 'a.$[x]': 1 } }, 2, "No array filter found for identifier 'x' in path 'a.$[x]'"],
    [{ _id: 1, a: null }, { $bit: { a: { or: 3 } } }, 2, 'Cannot apply $bit to a value of non-integral type'],
    [{ _id: 1 }, { $pop: { 'a.c': -1 }, $set: { 'a.$[]': 1 } }, 40, "would create a conflict at 'a'"],
    [{ _id: 1 }, { $foo: { a: 1 } }, 9, 'Unknown modifier: $foo'],
    [{ _id: 1 }, { $set: 5 }, 9, 'Modifiers operate on fields but we found type int instead'],
    [{ _id: 1 }, { $set: { '': 1 } }, 56, 'An empty update path is not valid.'],
    [{ _id: 1, a: 1 }, { $pop: { a: 1 } }, 14, "Path 'a' contains an element of non-array type 'int'"],
    [{ _id: 1 }, { $pop: { a: 2 } }, 9, '$pop expects 1 or -1, found: 2'],
    [{ _id: 1 }, [{ $match: {} }], 72, '$match is not allowed to be used within an update'],
    [{ _id: 1, a: [{}] }, { $rename: { 'a.0': 'c' } }, 2, 'The source field cannot be an array element'],
    [
      { _id: 1, a: [{}] },
      { $rename: { 'a.b': 'c' } },
      28,
      'cannot use the part (a of a.b) to traverse the element ({a: [ {} ]})',
    ],
    [
      { _id: 1, a: 1 },
      { $pull: { 'a.b': 1 } },
      28,
      'Cannot use the part (b) of (a.b) to traverse the element ({a: 1})',
    ],
  ])('of %j by %j fails with %i', (before, update, code, message) => {
    const act = () => updated(before, update);
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ code }));
  });

  it('that sets what is there already changes nothing', () => {
    fc.assert(
      fc.property(values, (value) => {
        const before = docOf({ _id: int32(1), a: value });
        const all = compileFilter(new Map());
        for (const update of [
          docOf({ $set: docOf({ a: value }) }),
          docOf({ $min: docOf({ a: value }) }),
          docOf({ a: value }),
        ]) {
          expect(compileUpdate(update, all).apply(before)).toEqual({ doc: before, changed: false });
        }
        const set = compileUpdate(docOf({ $set: docOf({ b: value }) }), all);
        const once = set.apply(before).doc;
        expect(set.apply(once)).toEqual({ doc: once, changed: false });
      }),
    );
  });

  it('knows 1 from 1.0', () => {
    const { changed } = compileUpdate(docOf({ $set: docOf({ a: 1 }) }), compileFilter(new Map())).apply(
      docOf({ a: int32(1) }),
    );
    expect(changed).toBe(true);
  });
});

describe('an upsert', () => {
  const upserted = (filter: Plain, update: Plain): Plain =>
    plain(compileUpdate(given(update), compileFilter(doc(filter))).forUpsert());

  it('takes the equalities of its filter', () => {
    expect(
      upserted(
        { _id: 7, a: { $eq: 1 }, b: { $gt: 5 }, $and: [{ 'c.d': 2 }] },
        { $set: { x: 1 }, $setOnInsert: { y: 2 } },
      ),
    ).toEqual({
      _id: 7,
      a: 1,
      c: { d: 2 },
      x: 1,
      y: 2,
    });
  });

  it('makes an _id when none is given, and puts it first', () => {
    const made = upserted({ a: 1 }, { $set: { b: 1 } });
    expect(Object.keys(made)).toEqual(['_id', 'a', 'b']);
    expect(made._id).toBeInstanceOf(bson.ObjectId);
    expect(Object.keys(upserted({ a: 1 }, { $set: { _id: 5 } }))).toEqual(['_id', 'a']);
  });

  it('takes single values of $in, $all and $or', () => {
    const filter = { _id: 1, a: { $in: [7] }, b: { $all: [8] }, $or: [{ c: 9 }] };
    expect(upserted(filter, { $set: { d: 1 } })).toEqual({ _id: 1, a: 7, b: 8, c: 9, d: 1 });
  });

  it('takes only _id for a replacement', () => {
    expect(upserted({ _id: 3, a: 1 }, { b: 2 })).toEqual({ _id: 3, b: 2 });
  });

  it('fails when a field is matched twice, or its _id would change', () => {
    expect(() => upserted({ $and: [{ a: 1 }, { a: 2 }] }, { $set: { b: 1 } })).toThrow(
      expect.objectContaining({ code: 54 }),
    );
    expect(() => upserted({ _id: 1 }, { $set: { _id: 2 } })).toThrow(expect.objectContaining({ code: 66 }));
    expect(() => upserted({}, { $set: { _id: [1] } })).toThrow(expect.objectContaining({ code: 53 }));
  });
});
