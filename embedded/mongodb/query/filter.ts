// Filters of find, update, delete and $match, compiled once into closures; and what they say for an index and for an upsert.
// (Manual: "Query and Projection Operators".)
import { mongoError } from '../errors.ts';
import { BSONRegExp } from '../documents/value.ts';
import { traversed } from '../documents/path.ts';
import { show } from '../documents/show.ts';
import { compileExpression, scopeOf } from '../aggregation/expression.ts';
import { truth } from '../aggregation/truth.ts';
import { union } from './bounds.ts';
import { jsonSchema } from './json-schema.ts';
import { bits, modulo } from './numeric-predicates.ts';
import {
  among,
  bad,
  compared,
  equal,
  exists,
  leaf,
  negation,
  ofSize,
  ofType,
  regex,
  regexOperator,
} from './predicate.ts';
import type { Environment, Scope } from '../aggregation/scope.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Bounds, Condition } from './bounds.ts';
import type { Predicate } from './predicate.ts';

export type { Environment } from '../aggregation/scope.ts';

export interface Filter {
  readonly matches: (doc: Doc) => boolean;
  /**
   * For a document that matches: the place, in the array that the filter went through, of the element that matched, which `$` means in
   * updates and projections. Undefined when it went through none.
   */
  readonly matchedIndex: (doc: Doc) => number | undefined;
  /** What an index can use: see `indexRanges`. */
  readonly bounds: Bounds;
  /** Whether it has no condition. */
  readonly always: boolean;
  /** The values that it fixes by equality, for an upsert. */
  readonly equalities: readonly (readonly [path: string, value: Value])[];
}

/** A part of a filter. */
interface Clause {
  readonly test: (doc: Doc) => boolean;
  readonly conditions: readonly (readonly [path: string, condition: Condition])[];
  /** Whether the conditions say all. */
  readonly complete: boolean;
  readonly equalities: readonly (readonly [path: string, value: Value])[];
}

/** What $expr sees. */
interface Place {
  readonly environment: Environment;
  readonly scope: Scope | undefined;
}

/**
 * Compiles a filter.
 *
 * @param scope of a pipeline that it is in, for $expr
 * @throws BadValue (2) on an unknown operator or a wrong argument
 */
export function compileFilter(filter: Doc, environment: Environment = {}, scope?: Scope): Filter {
  const clause = conjunction(clausesOf(filter, { environment, scope }));
  const paths = new Map<string, Condition[]>();
  for (const [path, condition] of clause.conditions) {
    const known = paths.get(path);
    if (known === undefined) paths.set(path, [condition]);
    else known.push(condition);
  }
  return {
    matches: clause.test,
    matchedIndex: (doc) => {
      traversed.index = undefined;
      return clause.test(doc) ? traversed.index : undefined;
    },
    bounds: { paths, complete: clause.complete },
    always: filter.size === 0,
    equalities: clause.equalities,
  };
}

function conjunction(clauses: readonly Clause[]): Clause {
  const [first, second] = clauses;
  if (first !== undefined && second === undefined) return first;
  const tests = clauses.map(({ test }) => test);
  return {
    test: all(tests),
    conditions: clauses.flatMap(({ conditions }) => conditions),
    complete: clauses.every(({ complete }) => complete),
    equalities: clauses.flatMap(({ equalities }) => equalities),
  };
}

function all(tests: readonly ((doc: Doc) => boolean)[]): (doc: Doc) => boolean {
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (tests.length === 2) return (doc) => first(doc) && second(doc);
  return (doc) => {
    for (const test of tests) if (!test(doc)) return false;
    return true;
  };
}

function opaque(test: (doc: Doc) => boolean): Clause {
  return { test, conditions: [], complete: false, equalities: [] };
}

function clausesOf(filter: Doc, place: Place): Clause[] {
  const clauses: Clause[] = [];
  for (const [name, operand] of filter) {
    if (name.startsWith('$') && !isReference(name)) {
      const clause = logical(name, operand, place);
      if (clause !== undefined) clauses.push(clause);
    } else clauses.push(atPath(name, predicatesOf(operand, name, place)));
  }
  return clauses;
}

/** Fields of a reference to another document, which a filter may name although they begin with a dollar. */
function isReference(name: string): boolean {
  return name === '$ref' || name === '$id' || name === '$db';
}

function branches(name: string, operand: Value, place: Place): Clause[] {
  if (!Array.isArray(operand)) return bad(`${name} must be an array`);
  if (operand.length === 0) bad(`${name} must be a nonempty array`);
  return operand.map((branch) => {
    if (!(branch instanceof Map)) return bad('$or/$and/$nor entries need to be full objects');
    return conjunction(clausesOf(branch, place));
  });
}

function logical(name: string, operand: Value, place: Place): Clause | undefined {
  switch (name) {
    case '$and':
      return conjunction(branches(name, operand, place));
    case '$or':
      return disjunction(branches(name, operand, place));
    case '$nor': {
      const tests = branches(name, operand, place).map(({ test }) => test);
      return opaque((doc) => !tests.some((test) => test(doc)));
    }
    case '$expr': {
      const expression = compileExpression(operand, place.scope ?? scopeOf(place.environment));
      return opaque((doc) => truth(expression(doc)));
    }
    case '$comment':
      return undefined;
    case '$alwaysTrue':
      return { test: () => true, conditions: [], complete: true, equalities: [] };
    case '$alwaysFalse':
      return opaque(() => false);
    case '$sampleRate': {
      if (typeof operand !== 'number' || operand < 0 || operand > 1)
        return bad('numeric argument to $sampleRate must be in [0, 1]');
      return opaque(() => Math.random() < operand);
    }
    case '$jsonSchema':
      return opaque(jsonSchema(operand));
    case '$where':
      return bad('no globalScriptEngine in $where parsing');
    case '$text':
      throw mongoError('IndexNotFound', 'text index required for $text query');
    default:
      return bad(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

/** $or: when every branch says something of the same path, a match lies in one of their intervals. */
function disjunction(clauses: readonly Clause[]): Clause {
  const [first] = clauses;
  if (first !== undefined && clauses.length === 1) return first;
  const tests = clauses.map(({ test }) => test);
  const conditions: (readonly [string, Condition])[] = [];
  for (const path of new Set(first?.conditions.map(([name]) => name))) {
    const perBranch = clauses.map((clause) => clause.conditions.find(([name]) => name === path)?.[1]);
    if (perBranch.some((condition) => condition === undefined)) continue;
    const intervals = union(perBranch.flatMap((condition) => condition?.intervals ?? []));
    conditions.push([path, { intervals, exact: false }]);
  }
  return { ...opaque((doc) => tests.some((test) => test(doc))), conditions };
}

function atPath(path: string, predicates: readonly Predicate[]): Clause {
  const tests = predicates.map((predicate) => predicate.at(path));
  return {
    test: all(tests),
    conditions: predicates.flatMap((predicate) => [
      ...predicate.conditions.map((condition) => [path, condition] as const),
      ...Array.from(predicate.below ?? [], ([name, conditions]) =>
        conditions.map((condition) => [`${path}.${name}`, condition] as const),
      ).flat(),
    ]),
    complete: predicates.every(({ complete }) => complete),
    equalities: predicates.flatMap(({ equals }) => (equals === undefined ? [] : [[path, equals] as const])),
  };
}

function isOperators(operand: Value): operand is Doc {
  if (!(operand instanceof Map)) return false;
  const [first] = operand.keys();
  return first?.startsWith('$') === true && !isReference(first);
}

function predicatesOf(operand: Value, path: string, place: Place): Predicate[] {
  if (operand instanceof BSONRegExp) return [regex(operand.pattern, operand.options)];
  return isOperators(operand) ? operatorsOf(operand, path, place) : [equal(operand)];
}

function operatorsOf(operators: Doc, path: string, place: Place): Predicate[] {
  const predicates: Predicate[] = [];
  for (const [name, operand] of operators) {
    if (name === '$options') {
      if (!operators.has('$regex')) bad('$options needs a $regex');
    } else if (name === '$regex') predicates.push(regexOperator(operand, operators.get('$options')));
    else if (name === '$all') predicates.push(...allOf(operand, path, place));
    else predicates.push(operatorOf(name, operand, path, place));
  }
  return predicates;
}

function operatorOf(name: string, operand: Value, path: string, place: Place): Predicate {
  switch (name) {
    case '$eq':
      return equal(operand);
    case '$ne':
      if (operand instanceof BSONRegExp) return bad("Can't have regex as arg to $ne.");
      return negation([equal(operand)]);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return compared(name, operand, path);
    case '$in':
      return among(operand);
    case '$nin':
      if (!Array.isArray(operand)) return bad('$nin needs an array');
      return negation([among(operand)]);
    case '$not':
      return negation(negated(operand, path, place));
    case '$exists':
      return exists(operand);
    case '$type':
      return ofType(operand);
    case '$size':
      return ofSize(operand);
    case '$mod':
      return modulo(operand);
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return bits(name, operand);
    case '$elemMatch':
      return elemMatch(operand, path, place);
    case '$near':
    case '$nearSphere':
    case '$geoNear':
      throw mongoError(291, `error processing query: unable to find index for $geoNear query on '${path}'`);
    case '$geoWithin':
    case '$geoIntersects':
    case '$within':
      throw mongoError('NotImplemented', `${name} is not served: there are no geospatial queries here`);
    case '$comment':
      return leaf(() => true, false);
    default:
      return bad(`unknown operator: ${name}`);
  }
}

function negated(operand: Value, path: string, place: Place): Predicate[] {
  if (operand instanceof BSONRegExp) return [regex(operand.pattern, operand.options)];
  if (!(operand instanceof Map)) return bad('$not needs a regex or a document');
  if (operand.size === 0) bad('$not cannot be empty');
  for (const name of operand.keys()) if (!name.startsWith('$')) bad(`unknown operator: ${name}`);
  return operatorsOf(operand, path, place);
}

function elemMatch(operand: Value, path: string, place: Place): Predicate {
  if (!(operand instanceof Map)) return bad('$elemMatch needs an Object');
  const [first] = operand.keys();
  // Operators speak of the element itself, unless they are those that join whole filters.
  const ofValues =
    first !== undefined &&
    isOperators(operand) &&
    !['$and', '$or', '$nor', '$where', '$expr'].includes(first);
  if (ofValues) {
    const predicates = operatorsOf(operand, path, place);
    const test = (element: Value): boolean => predicates.every((predicate) => predicate.test(element));
    const conditions = predicates.flatMap((predicate) => predicate.conditions);
    return {
      ...leaf(anyElement(test), false),
      conditions: conditions.map(({ intervals }) => ({ intervals, exact: false })),
    };
  }
  const clause = conjunction(clausesOf(operand, place));
  const test = (element: Value): boolean => {
    if (element instanceof Map) return clause.test(element);
    // An array in an array is seen as a document whose fields are numbers.
    return Array.isArray(element) && clause.test(new Map(element.map((value, at) => [String(at), value])));
  };
  const below = new Map<string, Condition[]>();
  for (const [name, { intervals }] of clause.conditions) {
    below.set(name, [...(below.get(name) ?? []), { intervals, exact: false }]);
  }
  return { ...leaf(anyElement(test), false), below };
}

function anyElement(test: (element: Value) => boolean): (value: Value | undefined) => boolean {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index++) {
      const element = value[index];
      if (element !== undefined && test(element)) {
        traversed.index = index;
        return true;
      }
    }
    return false;
  };
}

function allOf(operand: Value, path: string, place: Place): Predicate[] {
  if (!Array.isArray(operand)) return bad('$all needs an array');
  if (operand.length === 0) return [leaf(() => false, false)];
  const predicates = operand.map((element): Predicate => {
    if (element instanceof BSONRegExp) return regex(element.pattern, element.options);
    if (!(element instanceof Map) || !isOperators(element)) return equal(element);
    const inner = element.get('$elemMatch');
    if (inner === undefined || element.size > 1) {
      return bad(`no $ expressions in $all, but found: ${show(element)}`);
    }
    return elemMatch(inner, path, place);
  });
  // Only a single value is what an upsert would insert.
  return predicates.length === 1
    ? predicates
    : predicates.map(({ equals: _equals, ...predicate }) => predicate);
}
