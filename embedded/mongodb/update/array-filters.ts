// Array filters: which elements `$[name]` means. (Manual: "$[<identifier>]".)
import { mongoError } from '../errors.ts';
import { showDocument } from '../documents/show.ts';
import { compileFilter } from '../query/filter.ts';
import type { Environment } from '../query/filter.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { ElementFilter } from './tree.ts';

/**
 * The filters by their names.
 *
 * @param paths of the update: every filter must be used, and every name that is used must have one
 * @throws FailedToParse (9), BadValue (2)
 */
export function compileArrayFilters(
  filters: readonly Doc[],
  paths: readonly string[],
  update: Doc,
  environment: Environment,
): ReadonlyMap<string, ElementFilter> {
  const compiled = new Map<string, ElementFilter>();
  for (const filter of filters) {
    const name = nameOf(filter);
    if (compiled.has(name)) {
      throw mongoError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${name}`,
      );
    }
    const { matches } = compileFilter(filter, environment);
    compiled.set(name, (element) => matches(new Map([[name, element]])));
  }
  const used = new Set<string>();
  for (const path of paths) {
    for (const part of path.split('.')) {
      if (!part.startsWith('$[') || part === '$[]') continue;
      const name = part.slice(2, -1);
      if (!compiled.has(name)) {
        throw mongoError('BadValue', `No array filter found for identifier '${name}' in path '${path}'`);
      }
      used.add(name);
    }
  }
  for (const name of compiled.keys()) {
    if (!used.has(name)) {
      throw mongoError(
        'FailedToParse',
        `The array filter for identifier '${name}' was not used in the update ${showDocument(update)}`,
      );
    }
  }
  return compiled;
}

function nameOf(filter: Doc): string {
  const names = new Set<string>();
  collect(filter, names);
  const [name, other] = names;
  if (name === undefined) {
    throw mongoError(
      'FailedToParse',
      'Cannot use an expression without a top-level field name in arrayFilters',
    );
  }
  if (other !== undefined) {
    throw mongoError(
      'FailedToParse',
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${other}'`,
    );
  }
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw mongoError(
      'BadValue',
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
    );
  }
  return name;
}

function collect(filter: Value, names: Set<string>): void {
  if (!(filter instanceof Map)) return;
  for (const [name, value] of filter) {
    if (!name.startsWith('$')) names.add(name.split('.', 1)[0] ?? name);
    else if (Array.isArray(value)) for (const branch of value) collect(branch, names);
  }
}
