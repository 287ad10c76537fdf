// Comparison, boolean and conditional operators, variables and literals. (Manual: "Boolean", "Comparison", "Conditional", "Variable
// Expression Operators".)
import { mongoError } from '../../errors.ts';
import { compareValues } from '../../documents/compare.ts';
import { typeName } from '../../documents/type.ts';
import { BsonUndefined, int32, isDoc } from '../../documents/value.ts';
import { argumentsOf, binary, checkCount, named, unary } from '../operand.ts';
import { bind, checkVariableName } from '../scope.ts';
import { isNullish, truth } from '../truth.ts';
import type { Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

type Maybe = Value | undefined;

/** The order of values in expressions, where a missing one comes before null, with undefined. */
export function compareMaybe(a: Maybe, b: Maybe): number {
  if (a === undefined || b === undefined) {
    const rank = (value: Maybe): number =>
      value === undefined || value instanceof BsonUndefined ? 1 : typeName(value) === 'minKey' ? 0 : 2;
    return rank(a) - rank(b);
  }
  return compareValues(a, b);
}

function comparing(test: (order: number) => boolean): Compiler {
  return binary((a, b) => test(compareMaybe(a, b)));
}

const and: Compiler = (operand, scope, compile) => {
  const conditions = argumentsOf(operand, scope, compile);
  return (doc) => conditions.every((condition) => truth(condition(doc)));
};

const or: Compiler = (operand, scope, compile) => {
  const conditions = argumentsOf(operand, scope, compile);
  return (doc) => conditions.some((condition) => truth(condition(doc)));
};

const cond: Compiler = (operand, scope, compile, name) => {
  let parts: readonly Value[];
  if (isDoc(operand)) {
    for (const given of operand.keys()) {
      if (!['if', 'then', 'else'].includes(given))
        throw mongoError(17083, `Unrecognized parameter to $cond: ${given}`);
    }
    parts = [['if', 17080] as const, ['then', 17081] as const, ['else', 17082] as const].map(
      ([part, code]) => {
        const value = operand.get(part);
        if (value === undefined) throw mongoError(code, `Missing '${part}' parameter to $cond`);
        return value;
      },
    );
  } else {
    parts = Array.isArray(operand) ? operand : [operand];
    checkCount(name, parts.length, 3, 3);
  }
  const [condition, yes, no] = parts.map((part) => compile(part, scope));
  return (doc) => (truth(condition?.(doc)) ? yes : no)?.(doc);
};

const ifNull: Compiler = (operand, scope, compile, name) => {
  const candidates = argumentsOf(operand, scope, compile);
  if (candidates.length < 2)
    throw mongoError(1257300, `${name} needs at least two arguments, had: ${String(candidates.length)}`);
  return (doc) => {
    let value: Maybe;
    for (const candidate of candidates) {
      value = candidate(doc);
      if (!isNullish(value)) return value;
    }
    return value;
  };
};

const switched: Compiler = (operand, scope, compile) => {
  if (!isDoc(operand))
    throw mongoError(40060, `$switch requires an object as an argument, found: ${typeName(operand)}`);
  for (const given of operand.keys()) {
    if (given !== 'branches' && given !== 'default')
      throw mongoError(40067, `$switch found an unknown argument: ${given}`);
  }
  const branches = operand.get('branches');
  if (branches !== undefined && !Array.isArray(branches)) {
    throw mongoError(40061, `$switch expected an array for 'branches', found: ${typeName(branches)}`);
  }
  if (branches === undefined || branches.length === 0)
    throw mongoError(40068, '$switch requires at least one branch.');
  const compiled = branches.map((branch) => {
    if (!isDoc(branch))
      throw mongoError(40062, `$switch expected each branch to be an object, found: ${typeName(branch)}`);
    const [test, result] = [branch.get('case'), branch.get('then')];
    if (test === undefined) throw mongoError(40064, "$switch requires each branch have a 'case' expression");
    if (result === undefined)
      throw mongoError(40065, "$switch requires each branch have a 'then' expression.");
    return { test: compile(test, scope), result: compile(result, scope) };
  });
  const otherwise = operand.get('default');
  const compiledDefault = otherwise === undefined ? undefined : compile(otherwise, scope);
  return (doc) => {
    for (const { test, result } of compiled) if (truth(test(doc))) return result(doc);
    if (compiledDefault !== undefined) return compiledDefault(doc);
    throw mongoError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
};

const letVariables: Compiler = (operand, scope, compile, name) => {
  const given = named(name, operand, { vars: 'required', in: 'required' }, 16875);
  const vars = given.get('vars');
  if (!isDoc(vars)) throw mongoError(10065, `invalid parameter: expected an object (vars)`);
  let inner = scope;
  const settings = Array.from(vars, ([variable, expression]) => {
    checkVariableName(variable);
    const bound = bind(inner, variable);
    inner = bound.scope;
    return { value: compile(expression, scope), set: bound.set };
  });
  const body = compile(given.get('in') ?? null, inner);
  return (doc) => {
    const values = settings.map(({ value }) => value(doc));
    for (const [at, { set }] of settings.entries()) set(values[at]);
    return body(doc);
  };
};

export const logicOperators: readonly (readonly [string, Compiler])[] = [
  ['$eq', comparing((order) => order === 0)],
  ['$ne', comparing((order) => order !== 0)],
  ['$gt', comparing((order) => order > 0)],
  ['$gte', comparing((order) => order >= 0)],
  ['$lt', comparing((order) => order < 0)],
  ['$lte', comparing((order) => order <= 0)],
  ['$cmp', binary((a, b) => int32(Math.sign(compareMaybe(a, b)) || 0))],
  ['$and', and],
  ['$or', or],
  ['$not', unary((value) => !truth(value))],
  ['$cond', cond],
  ['$ifNull', ifNull],
  ['$switch', switched],
  ['$let', letVariables],
  ['$literal', (operand) => () => operand],
  ['$const', (operand) => () => operand],
];
