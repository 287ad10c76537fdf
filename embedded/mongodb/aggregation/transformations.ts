// The stages that make one document of one: $project, $addFields, $set, $unset, $replaceRoot, $replaceWith. Pipelines and updates have them.
// (Manual: "Aggregation Stages".)
import { mongoError } from '../errors.ts';
import { show } from '../documents/show.ts';
import { typeName } from '../documents/type.ts';
import { isDoc } from '../documents/value.ts';
import { addFields, addPath, emptyBranch } from '../query/projection-tree.ts';
import { compileProjectStage } from '../query/projection.ts';
import { compileExpression } from './expression.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Environment, Scope } from './scope.ts';
import type { Branch } from '../query/projection-tree.ts';

export type Transformation = (argument: Value, scope: Scope, environment: Environment) => (doc: Doc) => Doc;

function project(argument: Value, scope: Scope, environment: Environment): (doc: Doc) => Doc {
  if (!isDoc(argument)) throw mongoError(15969, '$project specification must be an object');
  return compileProjectStage(argument, environment, scope).apply;
}

function setFields(name: string): Transformation {
  return (argument, scope) => {
    if (!isDoc(argument))
      throw mongoError(40272, `${name} specification stage must be an object, got ${typeName(argument)}`);
    const tree = emptyBranch();
    for (const [path, value] of argument) addComputed(tree, path, value, scope);
    return (doc) => addFields(tree, doc, doc);
  };
}

function addComputed(tree: Branch, path: string, value: Value, scope: Scope): void {
  if (isDoc(value) && value.size > 0 && [...value.keys()][0]?.startsWith('$') !== true) {
    for (const [name, inner] of value) addComputed(tree, `${path}.${name}`, inner, scope);
    return;
  }
  addPath(tree, path, { kind: 'compute', compute: compileExpression(value, scope) });
}

function unset(argument: Value, scope: Scope, environment: Environment): (doc: Doc) => Doc {
  const paths = Array.isArray(argument) ? argument : [argument];
  if (paths.length === 0)
    throw mongoError(31119, '$unset specification must be a string or an array with at least one field');
  const spec: Doc = new Map();
  for (const path of paths) {
    if (typeof path !== 'string') {
      throw mongoError(
        Array.isArray(argument) ? 31120 : 31002,
        Array.isArray(argument)
          ? '$unset specification must be a string or an array containing only string values'
          : '$unset specification must be a string or an array',
      );
    }
    spec.set(path, false);
  }
  return compileProjectStage(spec, environment, scope).apply;
}

function replaceWith(expression: Value, scope: Scope, name: string): (doc: Doc) => Doc {
  const compiled = compileExpression(expression, scope);
  return (doc) => {
    const result = compiled(doc);
    if (isDoc(result)) return result;
    throw mongoError(
      40228,
      `'${name}' expression must evaluate to an object, but resulting value was: ${result === undefined ? 'MISSING' : show(result)}. Type of resulting value: '${typeName(result)}'.`,
    );
  };
}

function replaceRoot(argument: Value, scope: Scope): (doc: Doc) => Doc {
  if (!isDoc(argument))
    throw mongoError(
      40229,
      `expected an object as specification for $replaceRoot stage, got ${typeName(argument)}`,
    );
  for (const name of argument.keys()) {
    if (name !== 'newRoot')
      throw mongoError(
        40230,
        `unrecognized option to $replaceRoot stage: ${name}, only valid option is 'newRoot'.`,
      );
  }
  const expression = argument.get('newRoot');
  if (expression === undefined) throw mongoError(40231, 'no newRoot specified for the $replaceRoot stage');
  return replaceWith(expression, scope, 'newRoot');
}

export const transformations: ReadonlyMap<string, Transformation> = new Map<string, Transformation>([
  ['$project', project],
  ['$addFields', setFields('$addFields')],
  ['$set', setFields('$set')],
  ['$unset', unset],
  ['$replaceRoot', replaceRoot],
  ['$replaceWith', (argument, scope) => replaceWith(argument, scope, 'newRoot')],
]);
