// The intervals of keys in which the values lie that fulfil a comparison. Comparisons see values of their own type only (type bracketing).
import { rankOf, typeOf, bsonType } from '../documents/type.ts';
import { keyOf } from '../documents/key.ts';
import { isNumeric, toNumber } from '../documents/value.ts';
import { after, before } from './bounds.ts';
import { show } from '../documents/show.ts';
import type { Value } from '../documents/value.ts';
import type { Condition, Interval, Place } from './bounds.ts';

const NULL_RANK = 5;
const UNDEFINED_RANK = 2;

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

function rankPlace(rank: number, text: string): Place {
  return { key: Uint8Array.of(rank), after: false, text };
}

/** How explain names the end of a type's values: the least value of the next type, or the greatest of this one. */
const ends = new Map<number, readonly [string, string]>([
  [10, ['-inf.0', 'inf.0']],
  [15, ['""', '{}']],
  [20, ['{}', '[]']],
  [25, ['[]', 'BinData(0, )']],
  [30, ['BinData(0, )', "ObjectId('000000000000000000000000')"]],
  [35, ["ObjectId('000000000000000000000000')", "ObjectId('ffffffffffffffffffffffff')"]],
  [40, ['false', 'true']],
  [45, ['new Date(-9223372036854775808)', 'new Date(9223372036854775807)']],
  [47, ['Timestamp(0, 0)', 'Timestamp(4294967295, 4294967295)']],
]);

function bracket(rank: number): Interval {
  const [low = 'MinKey', high = 'MaxKey'] = ends.get(rank) ?? [];
  if (rank === 10) return { low: after(NaN, low), high: after(Infinity, high), point: false };
  return { low: rankPlace(rank, low), high: rankPlace(rank + 1, high), point: false };
}

/** One value. */
export function pointOf(value: Value): Interval {
  const text = show(value);
  const low = before(value, text);
  return { low, high: { ...low, after: true }, point: true };
}

/** Values equal to one. Null is also missing and undefined; an array is also an element; neither can be told from the keys alone. */
export function equality(value: Value): Condition {
  if (value === null) {
    return {
      intervals: [
        {
          low: rankPlace(UNDEFINED_RANK, 'undefined'),
          high: rankPlace(UNDEFINED_RANK + 1, 'undefined'),
          point: true,
        },
        { low: rankPlace(NULL_RANK, 'null'), high: rankPlace(NULL_RANK + 1, 'null'), point: true },
      ],
      exact: false,
    };
  }
  if (!Array.isArray(value)) return { intervals: [pointOf(value)], exact: true };
  // An array is stored as its elements, an empty one as undefined; an array in an array as itself.
  const [first] = value;
  const element = first === undefined ? equality(null).intervals.slice(0, 1) : [pointOf(first)];
  return {
    intervals: [...element, pointOf(value)].sort((a, b) => Buffer.compare(a.low.key, b.low.key)),
    exact: false,
  };
}

/** Values on one side of another; undefined when an index cannot tell. */
export function comparison(operator: Comparison, value: Value): Condition | undefined {
  const type = typeOf(value);
  if (type === bsonType.array || type === bsonType.minKey || type === bsonType.maxKey) return undefined;
  const inclusive = operator === '$gte' || operator === '$lte';
  if (value === null) return inclusive ? equality(null) : { intervals: [], exact: true };
  if (isNumeric(value) && Number.isNaN(toNumber(value)))
    return { intervals: inclusive ? [pointOf(NaN)] : [], exact: true };
  const text = show(value);
  const whole = bracket(rankOf(value));
  const upwards = operator === '$gt' || operator === '$gte';
  const end: Place = { key: keyOf([value]), after: operator === '$gt' || operator === '$lte', text };
  const interval: Interval = upwards ? { ...whole, low: end } : { ...whole, high: end };
  return { intervals: [interval], exact: true };
}

/** Strings that begin with a text, and regular expressions, which match themselves. */
export function prefix(text: string): Interval[] {
  const key = keyOf([text]).subarray(0, -2);
  const shown = show(text);
  return [
    {
      low: { key, after: false, text: shown },
      high: { key, after: true, text: `${shown.slice(0, -1)}…"` },
      point: false,
    },
  ];
}

/** The places of all strings, and those of regular expressions. */
export const allStrings: Interval = bracket(15);
export const allRegularExpressions: Interval = {
  low: rankPlace(50, '/.*/'),
  high: rankPlace(51, '/.*/'),
  point: false,
};
