// The update operators on arrays. (Manual: "Array Update Operators".)
import { mongoError } from '../errors.ts';
import { compareValues, equalValues } from '../documents/compare.ts';
import { identical } from '../documents/identical.ts';
import { int32Of } from '../documents/integer.ts';
import { keyOf } from '../documents/key.ts';
import { show, showDocument } from '../documents/show.ts';
import { typeName } from '../documents/type.ts';
import { BSONRegExp, isDoc, isNumeric, toNumber } from '../documents/value.ts';
import { compileFilter } from '../query/filter.ts';
import { compileSort } from '../query/sort.ts';
import type { Environment } from '../query/filter.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Change } from './tree.ts';

function bad(message: string): never {
  throw mongoError('BadValue', message);
}

/** Whether an argument has modifiers; `$each` must be among them. */
function eachOf(argument: Value, operator: string): Value[] | undefined {
  if (!isDoc(argument) || !argument.has('$each')) return undefined;
  const each = argument.get('$each');
  if (Array.isArray(each)) return each;
  const found = each === undefined ? 'missing' : typeName(each);
  if (operator === '$push')
    return bad(`The argument to $each in $push must be an array but it was of type: ${found}`);
  throw mongoError(
    'TypeMismatch',
    `The argument to $each in $addToSet must be an array but it was of type ${found}`,
  );
}

export function push(argument: Value): Change {
  const each = eachOf(argument, '$push');
  const modifiers = each === undefined || !isDoc(argument) ? new Map<string, Value>() : argument;
  for (const name of modifiers.keys()) {
    if (!['$each', '$slice', '$sort', '$position'].includes(name))
      bad(`Unrecognized clause in $push: ${name}`);
  }
  const added = each ?? [argument];
  const position = modifierCount(
    modifiers,
    '$position',
    'The value for $position must be an integer value, not of type: ',
  );
  const slice = modifierCount(
    modifiers,
    '$slice',
    'The value for $slice must be an integer value but was given type: ',
  );
  const sort = sorter(modifiers.get('$sort'));
  return {
    blocked: 'create',
    apply: (value, path, { doc }) => {
      if (value !== undefined && !Array.isArray(value)) {
        const id = doc.get('_id');
        return bad(
          `The field '${path}' must be an array but is of type ${typeName(value)} in document ${showDocument(id === undefined ? new Map<string, Value>() : new Map([['_id', id]]))}`,
        );
      }
      const before = value ?? [];
      const at =
        position === undefined
          ? before.length
          : position < 0
            ? Math.max(0, before.length + position)
            : position;
      let result = [...before.slice(0, at), ...added, ...before.slice(at)];
      if (sort !== undefined) result = sort(result);
      if (slice !== undefined) result = slice < 0 ? result.slice(slice) : result.slice(0, slice);
      return value !== undefined && identical(result, value) ? value : result;
    },
  };
}

function modifierCount(modifiers: Doc, name: string, message: string): number | undefined {
  const value = modifiers.get(name);
  if (value === undefined) return undefined;
  return int32Of(value) ?? bad(`${message}${typeName(value)}`);
}

function sorter(spec: Value | undefined): ((array: Value[]) => Value[]) | undefined {
  if (spec === undefined) return undefined;
  if (isDoc(spec)) {
    if (spec.size === 0) bad('The $sort pattern is empty when it should be a set of fields.');
    for (const [path, order] of spec) {
      if (!isNumeric(order) || Math.abs(toNumber(order)) !== 1)
        bad('The $sort element value must be either 1 or -1');
      if (path === '') bad('The $sort field cannot be empty');
    }
    const { compare } = compileSort(spec);
    const asDoc = (element: Value): Doc => (isDoc(element) ? element : new Map<string, Value>());
    return (array) => [...array].sort((a, b) => compare(asDoc(a), asDoc(b)));
  }
  const direction = isNumeric(spec) ? toNumber(spec) : NaN;
  if (direction !== 1 && direction !== -1) {
    bad('The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  }
  return (array) => [...array].sort((a, b) => compareValues(a, b) * direction);
}

export function addToSet(argument: Value): Change {
  const each = eachOf(argument, '$addToSet');
  if (each !== undefined && isDoc(argument) && argument.size > 1) {
    bad(`Found unexpected fields after $each in $addToSet: ${show(argument)}`);
  }
  const added = each ?? [argument];
  return {
    blocked: 'create',
    apply: (value, path) => {
      if (value !== undefined && !Array.isArray(value)) {
        return bad(
          `Cannot apply $addToSet to non-array field. Field named '${path.split('.').at(-1) ?? path}' has non-array type ${typeName(value)}`,
        );
      }
      const result = [...(value ?? [])];
      const [only] = added;
      if (added.length === 1 && only !== undefined) {
        if (!result.some((element) => equalValues(element, only))) result.push(only);
      } else addDistinct(result, added);
      return value?.length === result.length ? value : result;
    },
  };
}

function addDistinct(array: Value[], added: readonly Value[]): void {
  const keys = new Set(array.map((element) => keyOf([element]).toString('latin1')));
  for (const element of added) {
    const key = keyOf([element]).toString('latin1');
    if (keys.has(key)) continue;
    keys.add(key);
    array.push(element);
  }
}

export function pop(argument: Value, path: string): Change {
  const side = isNumeric(argument) ? toNumber(argument) : NaN;
  if (side !== 1 && side !== -1) {
    throw mongoError(
      'FailedToParse',
      isNumeric(argument)
        ? `$pop expects 1 or -1, found: ${show(argument)}`
        : `Expected a number in: ${path}: ${show(argument)}`,
    );
  }
  return {
    blocked: 'fail',
    apply: (value, where) => {
      if (value === undefined) return value;
      if (!Array.isArray(value)) {
        throw mongoError(
          'TypeMismatch',
          `Path '${where}' contains an element of non-array type '${typeName(value)}'`,
        );
      }
      if (value.length === 0) return value;
      return side === 1 ? value.slice(0, -1) : value.slice(1);
    },
  };
}

function removing(gone: (element: Value) => boolean): Change {
  return {
    blocked: 'fail',
    apply: (value) => {
      if (value === undefined) return value;
      if (!Array.isArray(value)) return bad('Cannot apply $pull to a non-array value');
      const kept = value.filter((element) => !gone(element));
      return kept.length === value.length ? value : kept;
    },
  };
}

export function pull(argument: Value, _path: string, environment: Environment): Change {
  const ofValue =
    argument instanceof BSONRegExp || (isDoc(argument) && [...argument.keys()][0]?.startsWith('$') === true);
  if (ofValue) {
    const filter = compileFilter(new Map([['v', argument]]), environment);
    return removing((element) => filter.matches(new Map([['v', element]])));
  }
  if (!isDoc(argument)) return removing((element) => equalValues(element, argument));
  const filter = compileFilter(argument, environment);
  return removing((element) => isDoc(element) && filter.matches(element));
}

export function pullAll(argument: Value): Change {
  if (!Array.isArray(argument)) {
    return bad(`$pullAll requires an array argument but was given a ${typeName(argument)}`);
  }
  return removing((element) => argument.some((value) => equalValues(element, value)));
}
