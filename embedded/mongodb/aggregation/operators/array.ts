// Arrays as wholes: elements, slices, sizes, ranges, sets. (Manual: "Array Expression Operators", "Set Expression Operators".)
import { mongoError } from '../../errors.ts';
import { compareValues, equalValues } from '../../documents/compare.ts';
import { int32Of } from '../../documents/integer.ts';
import { keyOf } from '../../documents/key.ts';
import { typeName } from '../../documents/type.ts';
import { docOf, int32, isDoc, isNumeric, toNumber } from '../../documents/value.ts';
import { binary, byName, unary, variadic } from '../operand.ts';
import { isNullish, truth } from '../truth.ts';
import type { Doc, Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

type Maybe = Value | undefined;

function fail(code: number, message: string): never {
  throw mongoError(code, message);
}

/** An array and an index that may count from its end. */
const arrayElemAt = binary((array, index) => {
  if (isNullish(array) || isNullish(index)) return null;
  if (!Array.isArray(array))
    return fail(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(array)}`);
  if (!isNumeric(index))
    return fail(28690, `$arrayElemAt's second argument must be a numeric value, but is ${typeName(index)}`);
  const at =
    int32Of(index) ??
    fail(
      28691,
      `$arrayElemAt's second argument must be representable as a 32-bit integer: ${String(toNumber(index))}`,
    );
  return array.at(at);
});

function end(which: 'first' | 'last'): Compiler {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!Array.isArray(value))
      return fail(28689, `${name}'s argument must be an array, but is ${typeName(value)}`);
    return which === 'first' ? value[0] : value.at(-1);
  });
}

const concatArrays = variadic(0, Infinity, (values) => {
  const result: Value[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!Array.isArray(value))
      return fail(28664, `$concatArrays only supports arrays, not ${typeName(value)}`);
    for (const element of value) result.push(element);
  }
  return result;
});

const slice = variadic(2, 3, ([array, second, third]) => {
  if (isNullish(array) || isNullish(second) || (third !== undefined && isNullish(third))) return null;
  if (!Array.isArray(array))
    return fail(28724, `First argument to $slice must be an array, but is of type: ${typeName(array)}`);
  const whole = (value: Maybe, code: number, which: string): number => {
    if (!isNumeric(value))
      return fail(
        code,
        `${which} argument to $slice must be a numeric value, but is of type: ${typeName(value)}`,
      );
    return (
      int32Of(value) ??
      fail(
        code + 1,
        `${which} argument to $slice can't be represented as a 32-bit integer: ${String(toNumber(value))}`,
      )
    );
  };
  const first = whole(second, 28725, 'Second');
  if (third === undefined) return first < 0 ? array.slice(first) : array.slice(0, first);
  const count = whole(third, 28727, 'Third');
  if (count <= 0) fail(28729, `Third argument to $slice must be positive: ${String(count)}`);
  const from = first < 0 ? Math.max(0, array.length + first) : first;
  return array.slice(from, from + count);
});

const inArray = binary((value, array) => {
  if (!Array.isArray(array))
    return fail(40081, `$in requires an array as a second argument, found: ${typeName(array)}`);
  return value !== undefined && array.some((element) => equalValues(element, value));
});

const indexOfArray = variadic(2, 4, ([array, value, start, stop]) => {
  if (isNullish(array)) return null;
  if (!Array.isArray(array))
    return fail(40090, `$indexOfArray requires an array as a first argument, found: ${typeName(array)}`);
  const bound = (given: Maybe, missing: number): number => {
    if (given === undefined) return missing;
    const number =
      int32Of(given) ??
      fail(
        40096,
        `$indexOfArray requires an integral starting or ending index, found a value of type: ${typeName(given)}`,
      );
    return number < 0
      ? fail(40097, `$indexOfArray requires a nonnegative starting or ending index, found: ${String(number)}`)
      : number;
  };
  const to = Math.min(bound(stop, array.length), array.length);
  for (let at = bound(start, 0); at < to; at++) {
    const element = array[at];
    if (element !== undefined && value !== undefined && equalValues(element, value)) return int32(at);
  }
  return int32(-1);
});

/** Longest list that $range makes; 64 MB, MongoDB's own limit, would be more. */
const LONGEST_RANGE = 4_000_000;

const range = variadic(2, 3, ([start, stop, step]) => {
  const whole = (value: Maybe, code: number, which: string): number => {
    if (!isNumeric(value))
      return fail(code, `$range requires a numeric ${which} value, found value of type: ${typeName(value)}`);
    return (
      int32Of(value) ??
      fail(
        code + 1,
        `$range requires a ${which} value that can be represented as a 32-bit integer, found value: ${String(toNumber(value))}`,
      )
    );
  };
  const from = whole(start, 34443, 'starting');
  const to = whole(stop, 34445, 'ending');
  const by = step === undefined ? 1 : whole(step, 34447, 'step');
  if (by === 0) fail(34449, '$range requires a non-zero step value');
  if ((to - from) / by > LONGEST_RANGE) fail(146, '$range would use too much memory');
  const result: Value[] = [];
  for (let value = from; by > 0 ? value < to : value > to; value += by) result.push(int32(value));
  return result;
});

const reverseArray = unary((value) => {
  if (isNullish(value)) return null;
  return Array.isArray(value)
    ? value.toReversed()
    : fail(34435, `The argument to $reverseArray must be an array, but was of type: ${typeName(value)}`);
});

const size = unary((value) =>
  Array.isArray(value)
    ? int32(value.length)
    : fail(17124, `The argument to $size must be an array, but was of type: ${typeName(value)}`),
);

const zip = byName(
  { inputs: 'required', useLongestLength: 'optional', defaults: 'optional' },
  34464,
  ({ inputs, useLongestLength, defaults }) => {
    if (isNullish(inputs)) return null;
    if (!Array.isArray(inputs))
      return fail(34461, `inputs must be an array of expressions, found ${typeName(inputs)}`);
    const arrays: Value[][] = [];
    for (const array of inputs) {
      if (isNullish(array)) return null;
      arrays.push(
        Array.isArray(array)
          ? array
          : fail(34468, `$zip found a non-array expression in input: ${typeName(array)}`),
      );
    }
    const longest = useLongestLength === true;
    if (defaults !== undefined && !longest)
      fail(34466, 'cannot specify defaults unless useLongestLength is true');
    const lengths = arrays.map((array) => array.length);
    const length = longest ? Math.max(0, ...lengths) : Math.min(...lengths);
    const fallback = Array.isArray(defaults) ? defaults : [];
    return Array.from({ length }, (_, at) =>
      arrays.map(
        (array, index) => (at < array.length ? array : fallback)[at < array.length ? at : index] ?? null,
      ),
    );
  },
);

const arrayToObject = unary((value) => {
  if (isNullish(value)) return null;
  if (!Array.isArray(value))
    return fail(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
  const result: Doc = new Map();
  for (const entry of value) {
    const [key, field] = isDoc(entry) ? [entry.get('k'), entry.get('v')] : Array.isArray(entry) ? entry : [];
    const size = isDoc(entry) ? entry.size : Array.isArray(entry) ? entry.length : 0;
    if (size !== 2 || field === undefined)
      fail(40392, "$arrayToObject requires an object keys of 'k' and 'v', or an array of two");
    if (typeof key !== 'string')
      return fail(
        40395,
        `$arrayToObject requires an array of pairs, where the key must be of type string. Found key type: ${typeName(key)}`,
      );
    result.set(key, field ?? null);
  }
  return result;
});

const objectToArray = unary((value) => {
  if (isNullish(value)) return null;
  if (!isDoc(value))
    return fail(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
  return Array.from(value, ([k, v]) => docOf({ k, v }));
});

const sortArray = byName({ input: 'required', sortBy: 'required' }, 2942500, ({ input, sortBy }) => {
  if (isNullish(input)) return null;
  if (!Array.isArray(input))
    return fail(
      2942504,
      `The input argument to $sortArray must be an array, but was of type: ${typeName(input)}`,
    );
  if (isNumeric(sortBy)) {
    const direction = toNumber(sortBy);
    return [...input].sort((a, b) => compareValues(a, b) * direction);
  }
  if (!isDoc(sortBy)) return fail(2942505, '$sortArray requires sortBy to be a number or an object');
  const order = Array.from(sortBy, ([path, direction]) => ({
    path: path.split('.'),
    direction: isNumeric(direction) ? toNumber(direction) : 1,
  }));
  const at = (value: Value, path: readonly string[]): Value =>
    path.reduce<Maybe>((inner, part) => (isDoc(inner) ? inner.get(part) : undefined), value) ?? null;
  return [...input].sort((a, b) => {
    for (const { path, direction } of order) {
      const result = compareValues(at(a, path), at(b, path));
      if (result !== 0) return result * direction;
    }
    return 0;
  });
});

function elementKey(value: Value): string {
  return keyOf([value]).toString('latin1');
}

/** A set of values, in the order in which they come first. */
function setOf(values: readonly Value[]): Map<string, Value> {
  const set = new Map<string, Value>();
  for (const value of values) {
    const key = elementKey(value);
    if (!set.has(key)) set.set(key, value);
  }
  return set;
}

const inOrder = (values: Iterable<Value>): Value[] => [...values].sort(compareValues);

function setArray(value: Maybe, name: string, code: number): Value[] {
  return Array.isArray(value)
    ? value
    : fail(code, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`);
}

const setUnion = variadic(0, Infinity, (values, name) => {
  if (values.some(isNullish)) return null;
  return inOrder(setOf(values.flatMap((value) => setArray(value, name, 17043))).values());
});

const setIntersection = variadic(0, Infinity, (values, name) => {
  if (values.some(isNullish)) return null;
  const [first, ...others] = values.map((value) => setOf(setArray(value, name, 17047)));
  if (first === undefined) return [];
  return inOrder(
    [...first].filter(([key]) => others.every((other) => other.has(key))).map(([, value]) => value),
  );
});

const setDifference = binary((left, right) => {
  if (isNullish(left) || isNullish(right)) return null;
  if (!Array.isArray(left))
    return fail(
      17048,
      `both operands of $setDifference must be arrays. First argument is of type: ${typeName(left)}`,
    );
  if (!Array.isArray(right))
    return fail(
      17049,
      `both operands of $setDifference must be arrays. Second argument is of type: ${typeName(right)}`,
    );
  const gone = setOf(right);
  return [...setOf(left)].filter(([key]) => !gone.has(key)).map(([, value]) => value);
});

const setEquals = variadic(2, Infinity, (values, name) => {
  const [first, ...others] = values.map((value) => setOf(setArray(value, name, 17044)));
  return others.every(
    (other) => other.size === first?.size && [...other.keys()].every((key) => first.has(key)),
  );
});

const setIsSubset = binary((left, right) => {
  if (!Array.isArray(left))
    return fail(
      17046,
      `both operands of $setIsSubset must be arrays. First argument is of type: ${typeName(left)}`,
    );
  if (!Array.isArray(right))
    return fail(
      17042,
      `both operands of $setIsSubset must be arrays. Second argument is of type: ${typeName(right)}`,
    );
  const all = setOf(right);
  return left.every((value) => all.has(elementKey(value)));
});

const allElementsTrue = unary((value, name) =>
  Array.isArray(value)
    ? value.every(truth)
    : fail(17040, `${name}'s argument must be an array, but is ${typeName(value)}`),
);
const anyElementTrue = unary((value, name) =>
  Array.isArray(value)
    ? value.some(truth)
    : fail(17041, `${name}'s argument must be an array, but is ${typeName(value)}`),
);

export const arrayOperators: readonly (readonly [string, Compiler])[] = [
  ['$arrayElemAt', arrayElemAt],
  ['$first', end('first')],
  ['$last', end('last')],
  ['$concatArrays', concatArrays],
  ['$slice', slice],
  ['$in', inArray],
  ['$indexOfArray', indexOfArray],
  ['$isArray', unary((value) => Array.isArray(value))],
  ['$range', range],
  ['$reverseArray', reverseArray],
  ['$size', size],
  ['$zip', zip],
  ['$arrayToObject', arrayToObject],
  ['$objectToArray', objectToArray],
  ['$sortArray', sortArray],
  ['$setUnion', setUnion],
  ['$setIntersection', setIntersection],
  ['$setDifference', setDifference],
  ['$setEquals', setEquals],
  ['$setIsSubset', setIsSubset],
  ['$allElementsTrue', allElementsTrue],
  ['$anyElementTrue', anyElementTrue],
];
