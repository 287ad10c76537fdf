// Accumulators: what $group, $bucket and their like gather from the documents of a group. (Manual: "Accumulators ($group)".)
import { mongoError } from '../errors.ts';
import { divide } from '../documents/arithmetic.ts';
import { compareValues } from '../documents/compare.ts';
import { integerOf } from '../documents/integer.ts';
import { keyOf } from '../documents/key.ts';
import { approximateSize } from '../documents/size.ts';
import { Summation } from '../documents/summation.ts';
import { typeName } from '../documents/type.ts';
import { Decimal128, int32, isDoc, isNumeric, toNumber } from '../documents/value.ts';
import { compileSort } from '../query/sort.ts';
import { isNullish } from './truth.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Compile, Expression, Scope } from './scope.ts';

/** What one group gathers. `held` is about how many bytes it holds. */
export interface Accumulation {
  readonly add: (value: Value | undefined, doc: Doc) => void;
  readonly result: () => Value;
  readonly held?: () => number;
}

/** A compiled accumulator: the expression that it takes, and how a group begins. */
export interface Accumulator {
  readonly input: Expression;
  readonly begin: () => Accumulation;
}

type Maker = (operand: Value, scope: Scope, compile: Compile, name: string) => Accumulator;

function simple(begin: () => Accumulation): Maker {
  return (operand, scope, compile, name) => {
    if (Array.isArray(operand) && operand.length !== 1) {
      throw mongoError(40237, `The ${name} accumulator is a unary operator`);
    }
    const [only] = Array.isArray(operand) ? operand : [operand];
    return { input: compile(only ?? null, scope), begin };
  };
}

export function sum(): Accumulation {
  const total = new Summation();
  return {
    add: (value) => {
      if (isNumeric(value)) total.add(value);
    },
    result: () => total.result(),
  };
}

export function average(): Accumulation {
  const total = new Summation();
  let count = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      total.add(value);
      count++;
    },
    result: () => (count === 0 ? null : divide(total.resultAsFraction(), int32(count))),
  };
}

export function extreme(sign: 1 | -1): () => Accumulation {
  return () => {
    let best: Value | undefined;
    return {
      add: (value) => {
        if (!isNullish(value) && (best === undefined || compareValues(value, best) * sign > 0)) best = value;
      },
      result: () => best ?? null,
    };
  };
}

/** Welford's algorithm. */
export function deviation(sample: boolean): () => Accumulation {
  return () => {
    let count = 0;
    let mean = 0;
    let squares = 0;
    return {
      add: (value) => {
        if (!isNumeric(value)) return;
        const number = value instanceof Decimal128 ? Number(value.toString()) : toNumber(value);
        const distance = number - mean;
        mean += distance / ++count;
        squares += distance * (number - mean);
      },
      result: () => {
        const divisor = sample ? count - 1 : count;
        return divisor <= 0 ? null : Math.sqrt(squares / divisor);
      },
    };
  };
}

function first(): Accumulation {
  let seen = false;
  let kept: Value | undefined;
  return {
    add: (value) => {
      if (!seen) kept = value;
      seen = true;
    },
    result: () => kept ?? null,
  };
}

function last(): Accumulation {
  let kept: Value | undefined;
  return {
    add: (value) => {
      kept = value;
    },
    result: () => kept ?? null,
  };
}

function pushed(): Accumulation {
  const values: Value[] = [];
  let held = 0;
  return {
    add: (value) => {
      if (value === undefined) return;
      values.push(value);
      held += approximateSize(value);
    },
    result: () => values,
    held: () => held,
  };
}

function set(): Accumulation {
  const values = new Map<string, Value>();
  let held = 0;
  return {
    add: (value) => {
      if (value === undefined) return;
      const key = keyOf([value]).toString('latin1');
      if (values.has(key)) return;
      values.set(key, value);
      held += approximateSize(value) + key.length;
    },
    result: () => [...values.values()],
    held: () => held,
  };
}

function merged(): Accumulation {
  const result: Doc = new Map();
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (!isDoc(value))
        throw mongoError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`,
        );
      for (const [name, field] of value) result.set(name, field);
    },
    result: () => result,
  };
}

const count: Maker = (operand, _scope, _compile) => {
  if (!isDoc(operand) || operand.size > 0)
    throw mongoError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
  return {
    input: () => int32(1),
    begin: sum,
  };
};

/** The `n` of accumulators that keep several values: a constant. */
function limitOf(operand: Doc, scope: Scope, compile: Compile, name: string): number {
  const expression = operand.get('n');
  if (expression === undefined) throw mongoError(5787906, `Missing value for 'n'`);
  const value = compile(expression, scope)(new Map());
  const limit = isNumeric(value) ? integerOf(value) : undefined;
  if (limit === undefined || limit < 1n)
    throw mongoError(5787908, `'n' must be greater than 0, found ${typeName(value)} for ${name}`);
  return Number(limit);
}

/** $firstN, $lastN, $minN, $maxN: `choose` takes the values of a group to those that are kept. */
function several(choose: (values: Value[], limit: number) => Value[], skipsMissing: boolean): Maker {
  return (operand, scope, compile, name) => {
    if (!isDoc(operand))
      throw mongoError(5787900, `specification must be an object; found ${name}: ${typeName(operand)}`);
    const input = operand.get('input');
    if (input === undefined) throw mongoError(5787907, `Missing value for 'input'`);
    const limit = limitOf(operand, scope, compile, name);
    return {
      input: compile(input, scope),
      begin: () => {
        let values: Value[] = [];
        return {
          add: (value) => {
            if (skipsMissing && isNullish(value)) return;
            values.push(value ?? null);
            if (values.length > 2 * limit + 16) values = choose(values, limit);
          },
          result: () => choose(values, limit),
          held: () => values.length * 32,
        };
      },
    };
  };
}

/** $top, $bottom and theirs with N: the output of the documents that a sort puts first or last. */
function ranked(fromTop: boolean, single: boolean): Maker {
  return (operand, scope, compile, name) => {
    if (!isDoc(operand))
      throw mongoError(5788001, `specification must be an object; found ${name}: ${typeName(operand)}`);
    const [sortBy, output] = [operand.get('sortBy'), operand.get('output')];
    if (!isDoc(sortBy)) throw mongoError(5788005, `Missing value for 'sortBy'`);
    if (output === undefined) throw mongoError(5788004, `Missing value for 'output'`);
    const limit = single ? 1 : limitOf(operand, scope, compile, name);
    const { compare } = compileSort(sortBy);
    return {
      input: compile(output, scope),
      begin: () => {
        let entries: { doc: Doc; value: Value }[] = [];
        const cut = (): void => {
          entries.sort((a, b) => compare(a.doc, b.doc));
          entries = fromTop ? entries.slice(0, limit) : entries.slice(-limit);
        };
        return {
          add: (value, doc) => {
            entries.push({ doc, value: value ?? null });
            if (entries.length > 2 * limit + 16) cut();
          },
          result: () => {
            cut();
            const values = entries.map(({ value }) => value);
            return single ? (values[0] ?? null) : values;
          },
          held: () => entries.length * 64,
        };
      },
    };
  };
}

const smallest = (values: Value[], limit: number): Value[] => values.toSorted(compareValues).slice(0, limit);
const largest = (values: Value[], limit: number): Value[] =>
  values.toSorted((a, b) => compareValues(b, a)).slice(0, limit);

export const accumulators: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['$sum', simple(sum)],
  ['$avg', simple(average)],
  ['$min', simple(extreme(-1))],
  ['$max', simple(extreme(1))],
  ['$first', simple(first)],
  ['$last', simple(last)],
  ['$push', simple(pushed)],
  ['$addToSet', simple(set)],
  ['$mergeObjects', simple(merged)],
  ['$stdDevPop', simple(deviation(false))],
  ['$stdDevSamp', simple(deviation(true))],
  ['$count', count],
  ['$firstN', several((values, limit) => values.slice(0, limit), false)],
  ['$lastN', several((values, limit) => values.slice(-limit), false)],
  ['$minN', several(smallest, true)],
  ['$maxN', several(largest, true)],
  ['$top', ranked(true, true)],
  ['$bottom', ranked(false, true)],
  ['$topN', ranked(true, false)],
  ['$bottomN', ranked(false, false)],
]);
