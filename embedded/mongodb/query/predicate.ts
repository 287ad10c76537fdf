// The operators that say something of one value: what they accept, whether they look into an array's elements, and the intervals of keys
// that they allow. (Manual: "Comparison Query Operators", "Element", "Evaluation" and "Array Query Operators".)
import { mongoError } from '../errors.ts';
import { compareValues, equalValues } from '../documents/compare.ts';
import { keyOf } from '../documents/key.ts';
import { matchesAt } from '../documents/path.ts';
import { show } from '../documents/show.ts';
import { isTypeNumber, rankOf, typeByName, typeOf } from '../documents/type.ts';
import {
  BSONRegExp,
  BSONSymbol,
  BsonUndefined,
  isNumeric,
  MaxKey,
  MinKey,
  toNumber,
} from '../documents/value.ts';
import { union } from './bounds.ts';
import { allRegularExpressions, allStrings, comparison, equality, prefix } from './intervals.ts';
import { literalPrefix, regularExpression } from './regex.ts';
import type { Test } from '../documents/path.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Condition } from './bounds.ts';
import type { Comparison } from './intervals.ts';

/** A condition on the value at some path. */
export interface Predicate {
  /** On one value, without looking into it. */
  readonly test: Test;
  /** On a document, at a path. */
  readonly at: (path: string) => (doc: Doc) => boolean;
  /** What it says of the keys at the path; none when an index cannot tell. */
  readonly conditions: readonly Condition[];
  /** Conditions at paths below, of $elemMatch. */
  readonly below?: ReadonlyMap<string, readonly Condition[]>;
  /** Whether the conditions say all. */
  readonly complete: boolean;
  /** The value that it fixes, for an upsert. */
  readonly equals?: Value;
}

export function bad(message: string): never {
  throw mongoError('BadValue', message);
}

/** A predicate from a test. */
export function leaf(test: Test, elements: boolean, condition?: Condition): Predicate {
  return {
    test,
    at: (path) => matchesAt(path, elements, test),
    conditions: condition === undefined ? [] : [condition],
    complete: condition?.exact ?? false,
  };
}

/** The opposite of some predicates together: no index can serve it. */
export function negation(predicates: readonly Predicate[]): Predicate {
  return {
    test: (value) => !predicates.every(({ test }) => test(value)),
    at: (path) => {
      const tests = predicates.map(({ at }) => at(path));
      return (doc) => !tests.every((test) => test(doc));
    },
    conditions: [],
    complete: false,
  };
}

export function equal(value: Value): Predicate {
  if (value instanceof BsonUndefined) bad('cannot compare to undefined');
  return { ...leaf(equalTest(value), true, equality(value)), equals: value };
}

function equalTest(value: Value): Test {
  if (value === null)
    return (found) => found === undefined || found === null || found instanceof BsonUndefined;
  if (typeof value === 'string') {
    return (found) => found === value || (found instanceof BSONSymbol && found.value === value);
  }
  if (typeof value === 'boolean') return (found) => found === value;
  return (found) => found !== undefined && equalValues(found, value);
}

const isRegex = (value: Value): value is BSONRegExp => value instanceof BSONRegExp;

export function compared(operator: Comparison, value: Value, path: string): Predicate {
  if (isRegex(value)) bad(`Can't have RegEx as arg to predicate over field '${path}'.`);
  if (value instanceof BsonUndefined) bad('cannot compare to undefined');
  return leaf(comparedTest(operator, value), true, comparison(operator, value));
}

function comparedTest(operator: Comparison, value: Value): Test {
  const inclusive = operator === '$gte' || operator === '$lte';
  const upwards = operator === '$gt' || operator === '$gte';
  const right = (order: number): boolean => (order === 0 ? inclusive : upwards ? order > 0 : order < 0);
  if (value === null) return inclusive ? equalTest(null) : () => false;
  if (value instanceof MinKey || value instanceof MaxKey) {
    const all = upwards === value instanceof MinKey;
    return (found) => (found !== undefined && rankOf(found) === rankOf(value) ? inclusive : all);
  }
  if (isNumeric(value)) {
    if (Number.isNaN(toNumber(value))) {
      return (found) => inclusive && isNumeric(found) && Number.isNaN(toNumber(found));
    }
    return (found) =>
      isNumeric(found) && right(compareValues(found, value)) && !Number.isNaN(toNumber(found));
  }
  const rank = rankOf(value);
  return (found) => found !== undefined && rankOf(found) === rank && right(compareValues(found, value));
}

const FEW = 8;

/** $in: any of some values; regular expressions among them match as $regex does. */
export function among(operand: Value): Predicate {
  if (!Array.isArray(operand)) return bad('$in needs an array');
  const regexes: Predicate[] = [];
  const plain: Value[] = [];
  for (const value of operand) {
    if (value instanceof Map && [...value.keys()][0]?.startsWith('$') === true && !value.has('$ref')) {
      bad('cannot nest $ under $in');
    }
    if (value instanceof BsonUndefined) bad('cannot compare to undefined');
    if (isRegex(value)) regexes.push(regex(value.pattern, value.options));
    else plain.push(value);
  }
  const conditions = [...plain.map(equality), ...regexes.flatMap((predicate) => predicate.conditions)];
  const condition: Condition = {
    intervals: union(conditions.flatMap(({ intervals }) => intervals)),
    exact: conditions.every(({ exact }) => exact),
  };
  const isPlain = anyOf(plain);
  const test: Test =
    regexes.length === 0
      ? isPlain
      : (value) => isPlain(value) || regexes.some((predicate) => predicate.test(value));
  const predicate = leaf(test, true, condition);
  const [only] = plain;
  return only !== undefined && operand.length === 1 ? { ...predicate, equals: only } : predicate;
}

function anyOf(values: readonly Value[]): Test {
  if (values.length <= FEW) {
    const tests = values.map(equalTest);
    return (found) => tests.some((test) => test(found));
  }
  const keys = new Set(values.map((value) => keyOf([value]).toString('latin1')));
  const orMissing = values.includes(null);
  return (found) => {
    if (found === undefined || found instanceof BsonUndefined) return orMissing;
    return keys.has(keyOf([found]).toString('latin1'));
  };
}

/** $regex, and a regular expression as a value. */
export function regex(pattern: string, options: string): Predicate {
  const expression = regularExpression(pattern, options);
  const test: Test = (value) => {
    if (typeof value === 'string') return expression.test(value);
    if (value instanceof BSONSymbol) return expression.test(value.value);
    return value instanceof BSONRegExp && value.pattern === pattern && value.options === sorted(options);
  };
  const start = literalPrefix(pattern, options);
  const strings = start === undefined ? [allStrings] : prefix(start);
  return leaf(test, true, { intervals: [...strings, allRegularExpressions], exact: false });
}

function sorted(options: string): string {
  return Array.from(options).sort().join('');
}

/** The predicate of `$regex` with the `$options` beside it. */
export function regexOperator(operand: Value, options: Value | undefined): Predicate {
  if (options !== undefined && typeof options !== 'string') return bad('$options has to be a string');
  if (isRegex(operand)) {
    if (options !== undefined && options !== '' && operand.options !== '') {
      throw mongoError(51075, 'options set in both $regex and $options');
    }
    return regex(operand.pattern, options === undefined || options === '' ? operand.options : options);
  }
  if (typeof operand !== 'string') return bad('$regex has to be a string');
  if (operand.includes('\0'))
    throw mongoError(51109, 'Regular expression cannot contain an embedded null byte');
  return regex(operand, options ?? '');
}

/** Whether a value counts as true where a flag is asked for. */
export function truthy(value: Value): boolean {
  if (isNumeric(value)) return toNumber(value) !== 0;
  return value !== false && value !== null && !(value instanceof BsonUndefined);
}

export function exists(operand: Value): Predicate {
  const present = leaf((value) => value !== undefined, false);
  return truthy(operand) ? present : negation([present]);
}

/** The types that `$type` names: numbers, aliases, `number`, or a list of them. */
export function typesOf(operand: Value, where: string): ReadonlySet<number> {
  const types = new Set<number>();
  for (const name of Array.isArray(operand) ? operand : [operand]) {
    if (typeof name === 'string') {
      if (name === 'number') for (const type of [1, 16, 18, 19]) types.add(type);
      else types.add(typeByName(name) ?? bad(`Unknown type name alias: ${name}`));
    } else if (isNumeric(name)) {
      const number = toNumber(name);
      if (number === 0) bad('Invalid numerical type code: 0. Instead use {$exists:false}.');
      types.add(isTypeNumber(number) ? number : bad(`Invalid numerical type code: ${show(name)}`));
    } else throw mongoError('TypeMismatch', 'type must be represented as a number or a string');
  }
  if (types.size === 0) throw mongoError('FailedToParse', `${where} must match at least one type`);
  return types;
}

export function ofType(operand: Value): Predicate {
  const types = typesOf(operand, '$type');
  return leaf((value) => value !== undefined && types.has(typeOf(value)), true);
}

export function ofSize(operand: Value): Predicate {
  const shown = `$size: ${show(operand)}`;
  if (!isNumeric(operand)) return bad(`Failed to parse $size. Expected a number in: ${shown}`);
  const size = toNumber(operand);
  if (!Number.isInteger(size)) bad(`Failed to parse $size. Expected an integer: ${shown}`);
  if (size < 0) bad(`Failed to parse $size. Expected a non-negative number in: ${shown}`);
  return leaf((value) => Array.isArray(value) && value.length === size, false);
}
