// Projections of find and $project: inclusion, exclusion, $slice, $elemMatch, the positional `$`, and computed fields.
// (Manual: "Project Fields to Return from Query", "$project".)
import { mongoError } from '../errors.ts';
import { int32Of, integerOf } from '../documents/integer.ts';
import { typeName } from '../documents/type.ts';
import { BsonUndefined, isDoc, isNumeric } from '../documents/value.ts';
import { compileExpression, isOperator, scopeOf } from '../aggregation/expression.ts';
import { compileFilter } from './filter.ts';
import { truthy } from './predicate.ts';
import { addPath, emptyBranch, exclude, include } from './projection-tree.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Environment, Scope } from '../aggregation/scope.ts';
import type { Filter } from './filter.ts';
import type { Branch } from './projection-tree.ts';

export interface Projection {
  readonly apply: (doc: Doc) => Doc;
  readonly kind: 'inclusion' | 'exclusion' | 'everything';
}

/** What is gathered while a projection is read. */
interface Reading {
  readonly tree: Branch;
  readonly scope: Scope;
  readonly environment: Environment;
  /** find's own: $slice, $elemMatch, positional. */
  readonly ofFind: boolean;
  /** Whether the first thing of a kind that decides was an inclusion. */
  inclusion: boolean | undefined;
  id: boolean | undefined;
  positional: string | undefined;
  elemMatch: boolean;
}

/**
 * A projection of find.
 *
 * @param filter the query's, for the positional `$`
 * @throws Location31253 or 31254 when inclusion and exclusion are mixed, 31249 or 31250 when paths collide, …
 */
export function compileProjection(spec: Doc, filter?: Filter, environment: Environment = {}): Projection {
  return compile(spec, environment, true, filter);
}

/** The projection of a $project stage, in the scope of its pipeline. */
export function compileProjectStage(spec: Doc, environment: Environment, scope: Scope): Projection {
  if (spec.size === 0)
    throw mongoError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  return compile(spec, environment, false, undefined, scope);
}

function compile(
  spec: Doc,
  environment: Environment,
  ofFind: boolean,
  filter?: Filter,
  scope?: Scope,
): Projection {
  if (spec.size === 0) return { apply: (doc) => doc, kind: 'everything' };
  const reading: Reading = {
    tree: emptyBranch(),
    scope: scope ?? scopeOf(environment),
    environment,
    ofFind,
    inclusion: undefined,
    id: undefined,
    positional: undefined,
    elemMatch: false,
  };
  for (const [name, value] of spec) read(reading, name, value);
  const { tree } = reading;
  const inclusion = reading.inclusion ?? reading.id ?? false;
  if (!inclusion) return { apply: (doc) => exclude(tree, doc), kind: 'exclusion' };
  if (!tree.fields.has('_id')) tree.fields.set('_id', { kind: 'include' });
  const { positional } = reading;
  if (positional === undefined) return { apply: (doc) => include(tree, doc, doc), kind: 'inclusion' };
  return {
    apply: (doc) => onlyMatched(include(tree, doc, doc), positional, filter?.matchedIndex(doc)),
    kind: 'inclusion',
  };
}

function read(reading: Reading, path: string, value: Value): void {
  if (isDoc(value)) {
    readDocument(reading, path, value);
    return;
  }
  if (typeof value === 'boolean' || isNumeric(value)) readFlag(reading, path, truthy(value));
  else {
    if (value instanceof BsonUndefined)
      throw mongoError('BadValue', `projection of '${path}' must not be undefined`);
    compute(reading, path, value);
  }
}

function readFlag(reading: Reading, path: string, wanted: boolean): void {
  if (reading.ofFind && (path.endsWith('.$') || path === '$')) {
    if (!wanted) throw mongoError(31395, 'positional projection cannot be used with exclusion');
    if (reading.positional !== undefined) {
      throw mongoError(31276, 'Cannot specify more than one positional projection per query.');
    }
    if (reading.elemMatch) throw mongoError(31256, 'Cannot specify positional operator and $elemMatch.');
    reading.positional = path.slice(0, -2);
    decide(reading, reading.positional, true);
    addPath(reading.tree, reading.positional, { kind: 'include' });
    return;
  }
  if (path === '_id') reading.id = wanted;
  else decide(reading, path, wanted);
  addPath(reading.tree, path, { kind: wanted ? 'include' : 'exclude' });
}

function decide(reading: Reading, path: string, inclusion: boolean): void {
  if (reading.inclusion === true && !inclusion) {
    throw mongoError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
  }
  if (reading.inclusion === false && inclusion) {
    throw mongoError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
  }
  reading.inclusion = inclusion;
}

function compute(reading: Reading, path: string, expression: Value): void {
  if (reading.inclusion === false) {
    throw mongoError(31252, `Cannot use an expression in an exclusion projection: ${path}`);
  }
  reading.inclusion = true;
  const compiled = compileExpression(expression, reading.scope);
  addPath(reading.tree, path, { kind: 'compute', compute: compiled });
}

function readDocument(reading: Reading, path: string, value: Doc): void {
  const [first] = value.keys();
  if (first === undefined) {
    throw mongoError(
      51270,
      `An empty sub-projection is not a valid value. Found empty object at path '${path}'`,
    );
  }
  if (!first.startsWith('$')) {
    for (const [name, inner] of value) read(reading, `${path}.${name}`, inner);
    return;
  }
  if (reading.ofFind && first === '$elemMatch') readElemMatch(reading, path, value);
  else if (reading.ofFind && first === '$slice' && isSlice(value.get('$slice'))) {
    addPath(reading.tree, path, { kind: 'change', change: sliceOf(value.get('$slice') ?? null) });
  } else if (first === '$meta')
    throw mongoError('NotImplemented', `$meta is not served in a projection (${path})`);
  else {
    if (!isOperator(first)) throw mongoError(31325, `Unknown expression ${first}`);
    compute(reading, path, value);
  }
}

function readElemMatch(reading: Reading, path: string, value: Doc): void {
  if (path.includes('.')) throw mongoError(31275, 'Cannot use $elemMatch projection on a nested field.');
  if (reading.positional !== undefined)
    throw mongoError(31255, 'Cannot specify positional operator and $elemMatch.');
  const condition = value.get('$elemMatch');
  if (!isDoc(condition))
    throw mongoError(31274, `elemMatch: Invalid argument, object required, but got ${typeName(condition)}`);
  if (reading.inclusion === false) decide(reading, path, true);
  reading.inclusion = true;
  reading.elemMatch = true;
  const filter = compileFilter(new Map([[path, new Map([['$elemMatch', condition]])]]), reading.environment);
  addPath(reading.tree, path, {
    kind: 'compute',
    compute: (doc) => {
      const array = doc.get(path);
      const index = Array.isArray(array) ? filter.matchedIndex(doc) : undefined;
      const element = Array.isArray(array) && index !== undefined ? array[index] : undefined;
      return element === undefined ? undefined : [element];
    },
  });
}

/** find's $slice takes a count, or a place and a count; with anything else it is the expression of that name. */
function isSlice(operand: Value | undefined): boolean {
  return (
    isNumeric(operand) ||
    (Array.isArray(operand) && operand.length > 0 && operand.every((part) => isNumeric(part)))
  );
}

function count(operand: Value | undefined): number {
  return isNumeric(operand) ? (int32Of(operand) ?? Number(integerOf(operand) ?? 0n)) : 0;
}

function sliceOf(operand: Value): (value: Value) => Value {
  if (!Array.isArray(operand)) {
    const wanted = count(operand);
    return inArrays((array) => (wanted < 0 ? array.slice(wanted) : array.slice(0, wanted)));
  }
  if (operand.length !== 2) {
    throw mongoError(
      28724,
      `First argument to $slice must be an array, but is of type: ${typeName(operand[0])}`,
    );
  }
  const skip = count(operand[0]);
  const limit = count(operand[1]);
  if (limit <= 0)
    throw mongoError(
      28724,
      `First argument to $slice must be an array, but is of type: ${typeName(operand[0])}`,
    );
  return inArrays((array) => {
    const start = skip < 0 ? Math.max(0, array.length + skip) : skip;
    return array.slice(start, start + limit);
  });
}

function inArrays(change: (array: Value[]) => Value[]): (value: Value) => Value {
  return (value) => (Array.isArray(value) ? change(value) : value);
}

/** Leaves, in the array at a path, the element that the filter matched. */
function onlyMatched(doc: Doc, path: string, index: number | undefined): Doc {
  const [name = '', ...rest] = path.split('.');
  const value = doc.get(name);
  if (value === undefined) return doc;
  if (Array.isArray(value)) {
    const element = index === undefined ? undefined : value[index];
    if (element === undefined) {
      throw mongoError(
        51246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
      );
    }
    return new Map(doc).set(name, [element]);
  }
  return rest.length > 0 && value instanceof Map
    ? new Map(doc).set(name, onlyMatched(value, rest.join('.'), index))
    : doc;
}
