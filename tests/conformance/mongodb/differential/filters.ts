// Generated filters: every operator of queries over the generated paths and values, and sorts and projections.
import { Int32, type Document } from 'bson';
import fc, { type Arbitrary } from 'fast-check';
import { paths, scalars, values, type Palette } from './values.ts';

const kinds = [
  'int',
  'long',
  'double',
  'number',
  'string',
  'object',
  'array',
  'bool',
  'date',
  'null',
  'objectId',
];

/** What may stand beside a path: a value or operators. */
export function conditions(palette: Palette): Arbitrary<unknown> {
  const value = values(palette);
  const scalar = scalars(palette);
  const comparison = fc.tuple(
    fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'),
    fc.oneof({ arbitrary: scalar, weight: 4 }, { arbitrary: value, weight: 1 }),
  );
  const single: Arbitrary<Document> = fc.oneof(
    { arbitrary: comparison.map(([operator, operand]) => ({ [operator]: operand })), weight: 8 },
    {
      arbitrary: fc.tuple(comparison, comparison).map(([[a, x], [b, y]]) => ({ [a]: x, [b]: y })),
      weight: 2,
    },
    {
      arbitrary: fc
        .tuple(
          fc.constantFrom('$in', '$nin'),
          fc.array(fc.oneof({ arbitrary: scalar, weight: 3 }, { arbitrary: value, weight: 1 }), {
            maxLength: 4,
          }),
        )
        .map(([operator, list]) => ({ [operator]: list })),
      weight: 3,
    },
    { arbitrary: fc.boolean().map((there) => ({ $exists: there })), weight: 1 },
    { arbitrary: fc.constantFrom(...kinds).map((kind) => ({ $type: kind })), weight: 1 },
    { arbitrary: fc.integer({ min: 0, max: 3 }).map((size) => ({ $size: new Int32(size) })), weight: 1 },
    { arbitrary: fc.array(scalar, { minLength: 1, maxLength: 2 }).map((all) => ({ $all: all })), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 }))
        .map(([divisor, rest]) => ({ $mod: [new Int32(divisor), new Int32(rest)] })),
      weight: 1,
    },
    {
      arbitrary: fc.constantFrom('^a', 'b$', '^$', '1', '^B').map((pattern) => ({ $regex: pattern })),
      weight: 1,
    },
    {
      arbitrary: comparison.map(([operator, operand]) => ({ $elemMatch: { [operator]: operand } })),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('a', 'b', 'c'), scalar)
        .map(([name, operand]) => ({ $elemMatch: { [name]: operand } })),
      weight: 1,
    },
  );
  return fc.oneof(
    { arbitrary: value, weight: 4 },
    { arbitrary: single, weight: 10 },
    { arbitrary: single.map((condition) => ({ $not: condition })), weight: 2 },
  );
}

/** Filters of one to a few conditions. */
export function filters(palette: Palette): Arbitrary<Document> {
  const condition = conditions(palette);
  const leaf = fc.oneof(
    {
      arbitrary: fc.tuple(paths, condition).map(([path, wanted]): Document => ({ [path]: wanted })),
      weight: 8,
    },
    {
      arbitrary: fc
        .tuple(paths, condition, paths, condition)
        .map(([p, x, q, y]): Document => ({ [p]: x, [q]: y })),
      weight: 2,
    },
    {
      arbitrary: fc.integer({ min: 0, max: 9 }).map((_id): Document => ({ _id: new Int32(_id) })),
      weight: 1,
    },
    {
      arbitrary: fc.integer({ min: 0, max: 9 }).map((_id): Document => ({ _id: { $gt: new Int32(_id) } })),
      weight: 1,
    },
  );
  const several = fc.array(leaf, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { arbitrary: leaf, weight: 8 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('$and', '$or', '$nor'), several)
        .map(([operator, list]): Document => ({ [operator]: list })),
      weight: 3,
    },
    { arbitrary: fc.constant<Document>({}), weight: 1 },
  );
}

const direction = fc.constantFrom(1, -1);

/** Sorts that decide the order wholly: `_id` is the last of their fields. */
export const sorts: Arbitrary<Document> = fc
  .tuple(
    fc.uniqueArray(fc.tuple(paths, direction), { maxLength: 2, selector: ([path]) => path.split('.')[0] }),
    direction,
  )
  .map(([fields, last]) => ({ ...Object.fromEntries(fields), _id: last }));

const included = fc.uniqueArray(paths, {
  minLength: 1,
  maxLength: 3,
  selector: (path) => path.split('.')[0],
});

/** Projections by inclusion, by exclusion, and of parts of arrays. */
export const projections: Arbitrary<Document> = fc.oneof(
  {
    arbitrary: included.map((list): Document => Object.fromEntries(list.map((path) => [path, 1]))),
    weight: 3,
  },
  {
    arbitrary: included.map((list): Document => Object.fromEntries(list.map((path) => [path, 0]))),
    weight: 3,
  },
  {
    arbitrary: included.map((list): Document => ({
      ...Object.fromEntries(list.map((path) => [path, 1])),
      _id: 0,
    })),
    weight: 2,
  },
  {
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -2, max: 2 }))
      .map(([name, n]): Document => ({ [name]: { $slice: n } })),
    weight: 1,
  },
);
