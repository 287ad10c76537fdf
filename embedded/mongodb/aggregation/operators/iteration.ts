// $map, $filter and $reduce: an expression for each element of an array; and the operators on documents. (Manual: "Array" and "Object
// Expression Operators".)
import { mongoError } from '../../errors.ts';
import { int32Of } from '../../documents/integer.ts';
import { typeName } from '../../documents/type.ts';
import { Binary, int32, isDoc } from '../../documents/value.ts';
import { encodeDocument } from '../../documents/write.ts';
import { byName, named, unary, variadic } from '../operand.ts';
import { bind, checkVariableName } from '../scope.ts';
import { isNullish, truth } from '../truth.ts';
import type { Doc, Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

function variableName(given: Doc, parameter: string): string {
  const name = given.get(parameter) ?? 'this';
  if (typeof name !== 'string') throw mongoError('FailedToParse', `'${parameter}' must be a string`);
  checkVariableName(name);
  return name;
}

const map: Compiler = (operand, scope, compile, name) => {
  const given = named(name, operand, { input: 'required', as: 'optional', in: 'required' }, 16879);
  const input = compile(given.get('input') ?? null, scope);
  const { scope: inner, set } = bind(scope, variableName(given, 'as'));
  const body = compile(given.get('in') ?? null, inner);
  return (doc) => {
    const array = input(doc);
    if (isNullish(array)) return null;
    if (!Array.isArray(array))
      throw mongoError(16883, `input to $map must be an array not ${typeName(array)}`);
    return array.map((element) => {
      set(element);
      return body(doc) ?? null;
    });
  };
};

const filter: Compiler = (operand, scope, compile, name) => {
  const given = named(
    name,
    operand,
    { input: 'required', as: 'optional', cond: 'required', limit: 'optional' },
    28646,
  );
  const input = compile(given.get('input') ?? null, scope);
  const limit = compile(given.get('limit') ?? null, scope);
  const { scope: inner, set } = bind(scope, variableName(given, 'as'));
  const condition = compile(given.get('cond') ?? null, inner);
  return (doc) => {
    const array = input(doc);
    if (isNullish(array)) return null;
    if (!Array.isArray(array))
      throw mongoError(28651, `input to $filter must be an array not ${typeName(array)}`);
    const most = limit(doc);
    const count = isNullish(most) ? Infinity : int32Of(most);
    if (count === undefined || count < 1)
      throw mongoError(
        327391,
        '$filter: limit must be represented as a 32-bit integral value greater than 0',
      );
    const kept: Value[] = [];
    for (const element of array) {
      set(element);
      if (!truth(condition(doc))) continue;
      kept.push(element);
      if (kept.length >= count) break;
    }
    return kept;
  };
};

const reduce: Compiler = (operand, scope, compile, name) => {
  const given = named(name, operand, { input: 'required', initialValue: 'required', in: 'required' }, 40077);
  const input = compile(given.get('input') ?? null, scope);
  const initial = compile(given.get('initialValue') ?? null, scope);
  const element = bind(scope, 'this');
  const accumulated = bind(element.scope, 'value');
  const body = compile(given.get('in') ?? null, accumulated.scope);
  return (doc) => {
    const array = input(doc);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw mongoError(40080, `$reduce requires that 'input' be an array, found: ${typeName(array)}`);
    }
    let value = initial(doc);
    for (const each of array) {
      element.set(each);
      accumulated.set(value);
      value = body(doc);
    }
    return value;
  };
};

const mergeObjects = variadic(0, Infinity, (values) => {
  const [only] = values;
  const result: Doc = new Map();
  for (const value of values.length === 1 && Array.isArray(only) ? only : values) {
    if (isNullish(value)) continue;
    if (!isDoc(value))
      throw mongoError(
        40400,
        `$mergeObjects requires object inputs, but input ${typeName(value)} is of type ${typeName(value)}`,
      );
    for (const [name, field] of value) result.set(name, field);
  }
  return result;
});

/** `$getField: name` looks into the document; `{field, input}` into any other. */
const getField: Compiler = (operand, scope, compile, name) => {
  const whole = isDoc(operand) && (operand.has('field') || operand.has('input'));
  const given = whole
    ? named(name, operand, { field: 'required', input: 'required' }, 3041703)
    : new Map<string, Value>([
        ['field', operand],
        ['input', '$$CURRENT'],
      ]);
  const field = compile(given.get('field') ?? null, scope);
  const input = compile(given.get('input') ?? null, scope);
  return (doc) => {
    const key = field(doc);
    if (typeof key !== 'string')
      throw mongoError(
        3041704,
        `$getField requires 'field' to evaluate to type String, but got ${typeName(key)}`,
      );
    const value = input(doc);
    if (isDoc(value)) return value.get(key);
    return value === undefined ? undefined : isNullish(value) ? null : undefined;
  };
};

const setField: Compiler = byName(
  { field: 'required', input: 'required', value: 'required' },
  4161101,
  ({ field, input, value }) => {
    if (typeof field !== 'string')
      throw mongoError(
        4161107,
        `$setField requires 'field' to evaluate to type String, but got ${typeName(field)}`,
      );
    if (isNullish(input)) return null;
    if (!isDoc(input)) throw mongoError(4161105, `$setField requires 'input' to evaluate to type Object`);
    const result = new Map(input);
    if (value === undefined) result.delete(field);
    else result.set(field, value);
    return result;
  },
);

const unsetField: Compiler = byName({ field: 'required', input: 'required' }, 4161101, ({ field, input }) => {
  if (typeof field !== 'string')
    throw mongoError(4161107, `$unsetField requires 'field' to evaluate to type String`);
  if (isNullish(input)) return null;
  if (!isDoc(input)) throw mongoError(4161105, `$unsetField requires 'input' to evaluate to type Object`);
  const result = new Map(input);
  result.delete(field);
  return result;
});

const bsonSize = unary((value) => {
  if (isNullish(value)) return null;
  if (!isDoc(value))
    throw mongoError(31393, `$bsonSize requires a document input, found: ${typeName(value)}`);
  return int32(encodeDocument(value).length);
});

const binarySize = unary((value) => {
  if (isNullish(value)) return null;
  if (value instanceof Binary) return int32(value.length());
  if (typeof value === 'string') return int32(Buffer.byteLength(value));
  throw mongoError(51276, `$binarySize requires a string or BinData argument, found: ${typeName(value)}`);
});

export const iterationOperators: readonly (readonly [string, Compiler])[] = [
  ['$map', map],
  ['$filter', filter],
  ['$reduce', reduce],
  ['$mergeObjects', mergeObjects],
  ['$getField', getField],
  ['$setField', setField],
  ['$unsetField', unsetField],
  ['$bsonSize', bsonSize],
  ['$binarySize', binarySize],
];
