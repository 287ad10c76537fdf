// Generated pipelines: stages in any order, accumulators and the expressions that views use. What comes out is sorted at the end
// where the pipeline itself does not decide the order.
import type { Document } from 'bson';
import fc, { type Arbitrary } from 'fast-check';
import { filters, projections, sorts } from './filters.ts';
import { paths, scalars, type Palette } from './values.ts';

const fieldPaths = fc.constantFrom('$a', '$b', '$c', '$d', '$a.b', '$b.a', '$_id');

function expressions(palette: Palette): Arbitrary<unknown> {
  const operand = fc.oneof(
    { arbitrary: fieldPaths, weight: 3 },
    { arbitrary: scalars(palette).map(($literal) => ({ $literal })), weight: 1 },
  );
  const pairs = (...operators: string[]): Arbitrary<Document> =>
    fc
      .tuple(fc.constantFrom(...operators), operand, operand)
      .map(([operator, x, y]) => ({ [operator]: [x, y] }));
  return fc.oneof(
    { arbitrary: fieldPaths, weight: 3 },
    { arbitrary: pairs('$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$cmp'), weight: 3 },
    { arbitrary: pairs('$add', '$subtract', '$multiply'), weight: 2 },
    { arbitrary: pairs('$ifNull', '$and', '$or'), weight: 2 },
    { arbitrary: operand.map((x) => ({ $not: [x] })), weight: 1 },
    { arbitrary: fc.tuple(operand, operand, operand).map((list) => ({ $cond: list })), weight: 1 },
    { arbitrary: operand.map((x) => ({ $type: x })), weight: 1 },
    { arbitrary: operand.map((x) => ({ $isArray: [x] })), weight: 1 },
    { arbitrary: fc.tuple(operand, operand).map(([x, y]) => ({ p: x, q: y })), weight: 1 },
  );
}

const accumulators = (palette: Palette): Arbitrary<Document> =>
  fc.oneof(
    fc.constant<Document>({ $sum: 1 }),
    fc
      .tuple(
        fc.constantFrom('$sum', '$avg', '$min', '$max', '$first', '$last', '$push'),
        expressions(palette),
      )
      .map(([operator, x]): Document => ({ [operator]: x })),
  );

/** Pipelines of which each part sees its documents in the order of `_id`. */
export function pipelines(palette: Palette): Arbitrary<Document[]> {
  const expression = expressions(palette);
  const byId: Document = { $sort: { _id: 1 } };
  const stage: Arbitrary<Document[]> = fc.oneof(
    { arbitrary: filters(palette).map(($match) => [{ $match }]), weight: 4 },
    { arbitrary: projections.map(($project) => [{ $project }]), weight: 2 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('x', 'a', 'b.c'), expression)
        .map(([name, x]) => [{ $addFields: { [name]: x } }]),
      weight: 3,
    },
    {
      arbitrary: sorts.chain((sort) =>
        fc.integer({ min: 1, max: 5 }).map((n) => [{ $sort: sort }, { $limit: n }]),
      ),
      weight: 2,
    },
    { arbitrary: fc.integer({ min: 0, max: 3 }).map((n) => [byId, { $skip: n }]), weight: 1 },
    { arbitrary: paths.map((path) => [{ $unset: path }]), weight: 1 },
  );
  // Several documents have one _id afterwards: no later stage may depend on their order.
  const unwind: Arbitrary<Document[]> = fc
    .tuple(fc.constantFrom('$a', '$b', '$c'), fc.boolean())
    .map(([path, keep]) => [{ $unwind: { path, preserveNullAndEmptyArrays: keep } }]);
  const unwound = fc.oneof(
    { arbitrary: fc.constant<Document[]>([]), weight: 3 },
    { arbitrary: unwind, weight: 1 },
  );
  const end: Arbitrary<Document[]> = fc.oneof(
    { arbitrary: fc.constant<Document[]>([]), weight: 5 },
    {
      arbitrary: fc
        .tuple(fc.oneof(expression, fc.constant(null)), accumulators(palette))
        .map(([_id, n]) => [byId, { $group: { _id, n } }]),
      weight: 5,
    },
    { arbitrary: fc.constant<Document[]>([{ $count: 'n' }]), weight: 1 },
  );
  return fc
    .tuple(fc.array(stage, { maxLength: 3 }), unwound, end)
    .map(([stages, unwinding, last]) => [byId, ...stages.flat(), ...unwinding, ...last]);
}
