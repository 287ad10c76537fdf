// Generated updates: every operator on the generated paths, positions in arrays, array filters, replacements.
import { Int32, type Document } from 'bson';
import fc, { type Arbitrary } from 'fast-check';
import { bodies, paths, scalars, values, type Palette } from './values.ts';

/** An update and what belongs to it. */
export interface Update {
  readonly u: Document;
  readonly arrayFilters?: Document[];
}

const tops = fc.constantFrom('a', 'b', 'c', 'd');

function operators(palette: Palette): Arbitrary<Document> {
  const value = values(palette);
  const scalar = scalars(palette);
  const numbers = scalar;
  const on = (operator: string, path: Arbitrary<string>, operand: Arbitrary<unknown>): Arbitrary<Document> =>
    fc.tuple(path, operand).map(([p, x]) => ({ [operator]: { [p]: x } }));
  const pushed = fc
    .record(
      {
        $each: fc.array(scalar, { maxLength: 3 }),
        $slice: fc.integer({ min: -3, max: 3 }).map((n) => new Int32(n)),
        $position: fc.integer({ min: -2, max: 3 }).map((n) => new Int32(n)),
        $sort: fc.constantFrom(1, -1).map((n) => new Int32(n)),
      },
      { requiredKeys: ['$each'] },
    )
    .map((modifiers) => modifiers as Document);
  const bits = fc
    .tuple(fc.constantFrom('and', 'or', 'xor'), fc.integer({ min: 0, max: 7 }))
    .map(([operator, n]) => ({ [operator]: new Int32(n) }));
  const pulled = fc.oneof(
    scalar,
    fc
      .tuple(fc.constantFrom('$gt', '$lte', '$in', '$eq'), scalar)
      .map(([operator, x]) => ({ [operator]: operator === '$in' ? [x] : x })),
    fc.tuple(fc.constantFrom('a', 'b', 'c'), scalar).map(([name, x]) => ({ [name]: x })),
  );
  return fc.oneof(
    { arbitrary: on('$set', paths, value), weight: 6 },
    {
      arbitrary: fc.tuple(paths, value, paths, value).map(([p, x, q, y]) => ({ $set: { [p]: x, [q]: y } })),
      weight: 2,
    },
    { arbitrary: on('$unset', paths, fc.constant('')), weight: 3 },
    { arbitrary: on('$inc', paths, numbers), weight: 4 },
    { arbitrary: on('$mul', paths, numbers), weight: 2 },
    { arbitrary: on('$min', paths, value), weight: 2 },
    { arbitrary: on('$max', paths, value), weight: 2 },
    { arbitrary: on('$rename', paths, paths), weight: 2 },
    { arbitrary: on('$push', paths, fc.oneof(value, pushed)), weight: 4 },
    {
      arbitrary: on(
        '$addToSet',
        paths,
        fc.oneof(
          value,
          fc.array(scalar, { maxLength: 3 }).map(($each) => ({ $each })),
        ),
      ),
      weight: 3,
    },
    {
      arbitrary: on(
        '$pop',
        paths,
        fc.constantFrom(1, -1).map((n) => new Int32(n)),
      ),
      weight: 2,
    },
    { arbitrary: on('$pull', paths, pulled), weight: 3 },
    { arbitrary: on('$pullAll', paths, fc.array(scalar, { maxLength: 2 })), weight: 1 },
    { arbitrary: on('$bit', paths, bits), weight: 1 },
    { arbitrary: on('$setOnInsert', tops, scalar), weight: 1 },
    { arbitrary: fc.tuple(tops, scalar).map(([name, x]) => ({ $set: { [`${name}.$[]`]: x } })), weight: 1 },
  );
}

/** Updates by operators; replacements are apart, since they are not for many documents. */
export function updates(palette: Palette): Arbitrary<Update> {
  const operator = operators(palette);
  const two = fc.tuple(operator, operator).map(([x, y]) => ({ ...x, ...y }));
  const filtered = fc
    .tuple(tops, fc.constantFrom('$gt', '$lte', '$eq'), scalars(palette), scalars(palette))
    .map(([name, comparison, bound, x]): Update => ({
      u: { $set: { [`${name}.$[e]`]: x } },
      arrayFilters: [{ e: { [comparison]: bound } }],
    }));
  return fc.oneof(
    { arbitrary: operator.map((u): Update => ({ u })), weight: 8 },
    { arbitrary: two.map((u): Update => ({ u })), weight: 3 },
    { arbitrary: filtered, weight: 1 },
  );
}

/** Whole documents that replace others. */
export const replacements = (palette: Palette): Arbitrary<Update> => bodies(palette).map((u) => ({ u }));
