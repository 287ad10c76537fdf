// Expressions, compiled once into closures: field paths, variables, literals, documents, arrays, and operators by name.
// (Manual: "Aggregation Expressions", "Variables in Aggregation Expressions".)
import { mongoError } from '../errors.ts';
import { isDoc } from '../documents/value.ts';
import { operators } from './operators.ts';
import { bind, checkVariableName, emptyScope } from './scope.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Environment, Expression, Scope } from './scope.ts';

/** The scope of a command: its `let`, evaluated once. */
export function scopeOf(environment: Environment): Scope {
  let scope = emptyScope(environment);
  for (const [name, expression] of environment.let ?? []) {
    checkVariableName(name);
    const value = compileExpression(expression, scope)(new Map());
    const bound = bind(scope, name);
    bound.set(value);
    ({ scope } = bound);
  }
  return scope;
}

/**
 * Compiles an expression.
 *
 * @throws InvalidPipelineOperator (168) on an unknown operator, Location16410 and others on a malformed path
 */
export function compileExpression(expression: Value, scope: Scope): Expression {
  if (typeof expression === 'string')
    return expression.startsWith('$') ? reference(expression, scope) : () => expression;
  if (Array.isArray(expression)) {
    const elements = expression.map((element) => compileExpression(element, scope));
    return (doc) => elements.map((element) => element(doc) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const [first] = expression.keys();
  if (first?.startsWith('$') === true) return operator(first, expression, scope);
  return object(expression, scope);
}

/** Whether there is an operator of a name. */
export function isOperator(name: string): boolean {
  return operators.has(name);
}

function operator(name: string, expression: Doc, scope: Scope): Expression {
  if (expression.size !== 1) {
    throw mongoError(
      15983,
      `an object representing an expression must have exactly one field: ${[...expression.keys()].join(', ')}`,
    );
  }
  const compiler = operators.get(name);
  if (compiler === undefined)
    throw mongoError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
  return compiler(expression.get(name) ?? null, scope, compileExpression, name);
}

function object(expression: Doc, scope: Scope): Expression {
  const fields = Array.from(expression, ([name, value]): [string, Expression] => {
    if (name.startsWith('$'))
      throw mongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (name.includes('.'))
      throw mongoError(
        16412,
        `FieldPath field names may not contain '.'. Consider using $getField or $setField.`,
      );
    return [name, compileExpression(value, scope)];
  });
  return (doc) => {
    const result: Doc = new Map();
    for (const [name, field] of fields) {
      const value = field(doc);
      if (value !== undefined) result.set(name, value);
    }
    return result;
  };
}

/** `$a.b`: a path into the document; `$$name.b`: a path into a variable. */
function reference(text: string, scope: Scope): Expression {
  if (!text.startsWith('$$')) {
    const path = checkedPath(text.slice(1));
    const current = scope.slots.get('CURRENT');
    if (current !== undefined) return pathInto((_doc) => scope.frame[current], path);
    const [first = '', second] = path;
    return second === undefined ? (doc) => doc.get(first) : (doc) => valueOfPath(doc, path, 0);
  }
  const [name = '', ...path] = text.slice(2).split('.');
  if (name === '') throw mongoError('FailedToParse', 'empty variable names are not allowed');
  if (path.length > 0) checkedPath(path.join('.'));
  return pathInto(variable(name, scope), path);
}

function pathInto(base: Expression, path: readonly string[]): Expression {
  return path.length === 0 ? base : (doc) => valueOfPath(base(doc), path, 0);
}

function variable(name: string, scope: Scope): Expression {
  const slot = scope.slots.get(name);
  const { frame } = scope;
  if (slot !== undefined) return () => frame[slot];
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      return (doc) => doc;
    case 'REMOVE':
      return () => undefined;
    case 'NOW':
      return () => scope.now;
    case 'CLUSTER_TIME':
      throw mongoError(51144, 'system variable $$CLUSTER_TIME is not available in standalone mode');
    default:
      throw mongoError(17276, `Use of undefined variable: ${name}`);
  }
}

/** @throws Location40352, 40353, 15998, 16410 */
function checkedPath(path: string): string[] {
  const parts = path.split('.');
  if (path === '') throw mongoError(16872, `'$' by itself is not a valid FieldPath`);
  if (path.endsWith('.')) throw mongoError(40353, "FieldPath must not end with a '.'.");
  for (const part of parts) {
    if (part === '') throw mongoError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$'))
      throw mongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (part.includes('\0')) throw mongoError(16411, "FieldPath field names may not contain '\\0'.");
  }
  return parts;
}

/** The value at a path: through an array, the list of what its documents have there. Numbers in a path are names. */
export function valueOfPath(
  value: Value | undefined,
  path: readonly string[],
  at: number,
): Value | undefined {
  if (at === path.length) return value;
  if (value instanceof Map) return valueOfPath(value.get(path[at] ?? ''), path, at + 1);
  if (!Array.isArray(value)) return undefined;
  const found: Value[] = [];
  for (const element of value) {
    const inner =
      element instanceof Map || Array.isArray(element) ? valueOfPath(element, path, at) : undefined;
    if (inner !== undefined) found.push(inner);
  }
  return found;
}
