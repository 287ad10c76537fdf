// Stages that pass documents on one by one: $match, $skip, $limit, $unwind, $redact. (Manual: "Aggregation Stages".)
import { mongoError } from '../../errors.ts';
import { show } from '../../documents/show.ts';
import { typeName } from '../../documents/type.ts';
import { isDoc } from '../../documents/value.ts';
import { compileFilter } from '../../query/filter.ts';
import { compileExpression } from '../expression.ts';
import { bind } from '../scope.ts';
import { countOf } from '../stage.ts';
import { isNullish } from '../truth.ts';
import type { Doc, Value } from '../../documents/value.ts';
import type { Scope } from '../scope.ts';
import type { Run, Stage } from '../stage.ts';

const match: Stage = ({ argument, context, scope }) => {
  if (!isDoc(argument)) throw mongoError(15959, 'the match filter must be an expression in an object');
  const { matches, always } = compileFilter(argument, context, scope);
  return always ? (input) => input : (input) => Iterator.from(input).filter(matches);
};

const skip: Stage = ({ argument, name }) => {
  const count = countOf(argument, name, 5107200);
  return (input) => Iterator.from(input).drop(count);
};

const limit: Stage = ({ argument, name }) => {
  const count = countOf(argument, name, 5107201);
  if (count === 0) throw mongoError(15958, 'the limit must be positive');
  return (input) => Iterator.from(input).take(count);
};

const unwind: Stage = ({ argument }) => {
  const options = typeof argument === 'string' ? new Map<string, Value>([['path', argument]]) : argument;
  if (!isDoc(options))
    throw mongoError(
      15981,
      `expected either a string or an object as specification for $unwind stage, got ${typeName(argument)}`,
    );
  for (const name of options.keys()) {
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(name)) {
      throw mongoError(28811, `unrecognized option to $unwind stage: ${name}`);
    }
  }
  const path = options.get('path');
  if (path === undefined) throw mongoError(28812, 'no path specified to $unwind stage');
  if (typeof path !== 'string')
    throw mongoError(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  if (!path.startsWith('$'))
    throw mongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const preserve = options.get('preserveNullAndEmptyArrays') ?? false;
  if (typeof preserve !== 'boolean')
    throw mongoError(
      28809,
      `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeName(preserve)}`,
    );
  const index = options.get('includeArrayIndex');
  if (index !== undefined && (typeof index !== 'string' || index === ''))
    throw mongoError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage');
  if (typeof index === 'string' && index.startsWith('$'))
    throw mongoError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`,
    );
  const parts = path.slice(1).split('.');
  const indexPath = typeof index === 'string' ? index.split('.') : undefined;
  return (input) => unwound(input, parts, indexPath, preserve);
};

function* unwound(
  input: Iterable<Doc>,
  path: readonly string[],
  indexPath: readonly string[] | undefined,
  preserve: boolean,
): Iterable<Doc> {
  const withIndex = (doc: Doc, at: bigint | null): Doc =>
    indexPath === undefined ? doc : setPath(doc, indexPath, at);
  for (const doc of input) {
    const value = plainPath(doc, path);
    if (Array.isArray(value) && value.length > 0) {
      for (const [at, element] of value.entries()) yield withIndex(setPath(doc, path, element), BigInt(at));
    } else if (!Array.isArray(value) && !isNullish(value)) yield withIndex(doc, null);
    else if (preserve) yield withIndex(Array.isArray(value) ? setPath(doc, path, undefined) : doc, null);
  }
}

/** The value at a path that goes through documents only. */
function plainPath(doc: Doc, path: readonly string[]): Value | undefined {
  let value: Value | undefined = doc;
  for (const part of path) value = value instanceof Map ? value.get(part) : undefined;
  return value;
}

/** A copy of a document with another value at a path through documents; undefined takes it away. */
export function setPath(doc: Doc, path: readonly string[], value: Value | undefined): Doc {
  const [name = '', ...rest] = path;
  const copy = new Map(doc);
  const inner = doc.get(name);
  if (rest.length > 0)
    copy.set(name, setPath(inner instanceof Map ? inner : new Map<string, Value>(), rest, value));
  else if (value === undefined) copy.delete(name);
  else copy.set(name, value);
  return copy;
}

const redact: Stage = ({ argument, scope }) => {
  let inner: Scope = scope;
  for (const name of ['KEEP', 'PRUNE', 'DESCEND']) {
    const bound = bind(inner, name);
    bound.set(`\0${name}`);
    inner = bound.scope;
  }
  const current = bind(inner, 'CURRENT');
  const expression = compileExpression(argument, current.scope);
  const one = (value: Doc, root: Doc): Doc | undefined => {
    current.set(value);
    const decision = expression(root);
    if (decision === '\0KEEP') return value;
    if (decision === '\0PRUNE') return undefined;
    if (decision !== '\0DESCEND')
      throw mongoError(
        17053,
        `$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE, but returned ${decision === undefined ? 'missing' : show(decision)}`,
      );
    const kept: Doc = new Map();
    for (const [name, field] of value) {
      const result = inside(field, root);
      if (result !== undefined) kept.set(name, result);
    }
    return kept;
  };
  const inside = (value: Value, root: Doc): Value | undefined => {
    if (value instanceof Map) return one(value, root);
    if (!Array.isArray(value)) return value;
    return value.flatMap((element) => {
      const result = inside(element, root);
      return result === undefined ? [] : [result];
    });
  };
  return function* redacted(input) {
    for (const doc of input) {
      const result = one(doc, doc);
      if (result !== undefined) yield result;
    }
  } satisfies Run;
};

export const streamingStages: readonly (readonly [string, Stage])[] = [
  ['$match', match],
  ['$skip', skip],
  ['$limit', limit],
  ['$unwind', unwind],
  ['$redact', redact],
];
