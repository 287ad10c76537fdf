// The update operators on a single value. (Manual: "Field Update Operators", "Bitwise Update Operator".)
import { mongoError } from '../errors.ts';
import { addExactly, multiplyExactly } from '../documents/arithmetic.ts';
import { compareValues } from '../documents/compare.ts';
import { identical } from '../documents/identical.ts';
import { show, showDocument } from '../documents/show.ts';
import { typeName } from '../documents/type.ts';
import { Int32, int32, isDoc, isNumeric, Timestamp } from '../documents/value.ts';
import { addToSet, pop, pull, pullAll, push } from './array-operators.ts';
import type { Environment } from '../query/filter.ts';
import type { Doc, Numeric, Value } from '../documents/value.ts';
import type { Change } from './tree.ts';

/** Makes the change of an operator, from its argument for one path. */
export type ChangeMaker = (argument: Value, path: string, environment: Environment) => Change;

/** The document's _id, as messages show it. */
export function idText(doc: Doc): string {
  const id = doc.get('_id');
  return id === undefined ? '{}' : showDocument(new Map([['_id', id]]));
}

function creating(apply: Change['apply']): Change {
  return { apply, blocked: 'create' };
}

/** Sets a value; one that is the same to the byte stays, so that the update is known to have changed nothing. */
function set(argument: Value): Change {
  return creating((value) => (value !== undefined && identical(value, argument) ? value : argument));
}

function setOnInsert(argument: Value): Change {
  return { apply: () => argument, blocked: 'create', idle: ({ inserting }) => !inserting };
}

const unset: Change = { apply: () => undefined, blocked: 'ignore' };

function arithmetic(
  operator: '$inc' | '$mul',
  argument: Value,
  path: string,
  compute: (value: Numeric, argument: Numeric) => Numeric | undefined,
): Change {
  if (!isNumeric(argument)) {
    const verb = operator === '$inc' ? 'increment' : 'multiply';
    throw mongoError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${show(argument)}}`,
    );
  }
  return creating((value, where, { doc }) => {
    if (value === undefined) return operator === '$inc' ? argument : compute(int32(0), argument);
    if (!isNumeric(value)) {
      throw mongoError(
        'TypeMismatch',
        `Cannot apply ${operator} to a value of non-numeric type. ${idText(doc)} has the field '${lastOf(where)}' of non-numeric type ${typeName(value)}`,
      );
    }
    const result = compute(value, argument);
    if (result === undefined) {
      throw mongoError(
        'BadValue',
        `Failed to apply ${operator} operations to current value (${typed(value)}) for document ${idText(doc)}`,
      );
    }
    return identical(result, value) ? value : result;
  });
}

function lastOf(path: string): string {
  return path.split('.').at(-1) ?? path;
}

function typed(value: Numeric): string {
  const name =
    value instanceof Int32 ? 'NumberInt' : typeof value === 'bigint' ? 'NumberLong' : 'NumberDouble';
  return `(${name})${show(value)}`;
}

function extreme(argument: Value, sign: 1 | -1): Change {
  return creating((value) => {
    if (value === undefined) return argument;
    return compareValues(argument, value) * sign > 0 ? argument : value;
  });
}

function currentDate(argument: Value): Change {
  const type = isDoc(argument) ? argument.get('$type') : argument;
  if (isDoc(argument)) {
    for (const name of argument.keys()) {
      if (name !== '$type') throw mongoError('BadValue', `Unrecognized $currentDate option: ${name}`);
    }
    if (type !== 'date' && type !== 'timestamp') {
      throw mongoError(
        'BadValue',
        `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}`,
      );
    }
  } else if (typeof argument !== 'boolean') {
    throw mongoError(
      'BadValue',
      `${typeName(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  if (type !== 'timestamp') return creating((_value, _path, { now }) => now);
  return creating((_value, _path, { now }) => nextTimestamp(now));
}

let lastSecond = 0;
let inSecond = 0;

/** Timestamps never repeat: those of the same second count up. */
export function nextTimestamp(now: Date): Timestamp {
  const second = Math.floor(now.getTime() / 1000);
  inSecond = second === lastSecond ? inSecond + 1 : 1;
  lastSecond = second;
  return new Timestamp({ t: second, i: inSecond });
}

const bitOperations = new Map<string, (value: bigint, argument: bigint) => bigint>([
  ['and', (value, argument) => value & argument],
  ['or', (value, argument) => value | argument],
  ['xor', (value, argument) => value ^ argument],
]);

type Integer = Int32 | bigint;

function isInteger(value: Value): value is Integer {
  return value instanceof Int32 || typeof value === 'bigint';
}

function bit(argument: Value, path: string): Change {
  if (!isDoc(argument)) {
    throw mongoError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeName(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  if (argument.size === 0) {
    throw mongoError(
      'BadValue',
      `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = Array.from(argument, ([name, mask]) => {
    const operation = bitOperations.get(name);
    if (operation === undefined) {
      throw mongoError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${name}: ${show(mask)}}`,
      );
    }
    if (!isInteger(mask)) {
      throw mongoError(
        'BadValue',
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(mask)}' is not supported here: {${name}: ${show(mask)}}`,
      );
    }
    return { operation, mask };
  });
  return creating((value, _where, { doc }) => {
    let result: Value = value === undefined ? int32(0) : value;
    for (const { operation, mask } of steps) {
      if (!isInteger(result)) {
        throw mongoError(
          'BadValue',
          `Cannot apply $bit to a value of non-integral type.${idText(doc)} has the field ${lastOf(path)} of non-integer type ${typeName(result)}`,
        );
      }
      const long: boolean = typeof result === 'bigint' || typeof mask === 'bigint';
      const bits = operation(BigInt(result.valueOf()), BigInt(mask.valueOf()));
      result = long ? bits : int32(Number(bits));
    }
    return value !== undefined && identical(result, value) ? value : result;
  });
}

/** Every operator but $rename, which changes two paths at once. */
export const changeMakers: ReadonlyMap<string, ChangeMaker> = new Map<string, ChangeMaker>([
  ['$set', set],
  ['$setOnInsert', setOnInsert],
  ['$unset', () => unset],
  ['$inc', (argument, path) => arithmetic('$inc', argument, path, addExactly)],
  ['$mul', (argument, path) => arithmetic('$mul', argument, path, multiplyExactly)],
  ['$min', (argument) => extreme(argument, -1)],
  ['$max', (argument) => extreme(argument, 1)],
  ['$currentDate', currentDate],
  ['$bit', bit],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pop', pop],
  ['$pull', pull],
  ['$pullAll', pullAll],
]);
