// The changes of an update as a tree of their paths, applied in one walk that copies only what it changes. Paths are taken in order of
// their names (numbers by value), as MongoDB does since 5.0. A part may be `$` (the element that the filter matched), `$[]` (every element)
// or `$[name]` (those that an array filter takes).
import { mongoError } from '../errors.ts';
import { arrayIndex } from '../documents/path.ts';
import { show } from '../documents/show.ts';
import { typeName } from '../documents/type.ts';
import type { Doc, Value } from '../documents/value.ts';

/** What an operator sees besides the value. */
export interface Application {
  readonly doc: Doc;
  /** The array element that the filter matched; undefined when it matched none. */
  readonly matchedIndex: () => number | undefined;
  readonly inserting: boolean;
  readonly now: Date;
}

/** One operator on one path. */
export interface Change {
  /** The value after; undefined leaves or makes the field missing. */
  readonly apply: (value: Value | undefined, path: string, application: Application) => Value | undefined;
  /**
   * What it does where its path cannot be: a change that creates makes what is missing, and fails where something else stands; one that
   * fails only does the latter; one that ignores does neither.
   */
  readonly blocked: 'create' | 'fail' | 'ignore';
  /** Whether it has nothing to do in this application. */
  readonly idle?: (application: Application) => boolean;
}

export interface Branch {
  readonly children: Map<string, Branch | Change>;
}

/** Takes an element of an array: the filter of `$[name]`. */
export type ElementFilter = (element: Value) => boolean;

/** Larger arrays are not made by writing past their end (MongoDB's limit). */
const MOST_PADDING = 1_500_000;

function isBranch(node: Branch | Change): node is Branch {
  return 'children' in node;
}

/** @throws ConflictingUpdateOperators (40), EmptyFieldName (56), DollarPrefixedFieldName (52) */
export function addChange(root: Branch, path: string, change: Change): void {
  const parts = checkedParts(path);
  let branch = root;
  for (const [at, part] of parts.entries()) {
    const known = branch.children.get(part);
    const last = at === parts.length - 1;
    for (const other of branch.children.keys()) {
      // A value is changed as a document or as an array, not as both.
      if (other.startsWith('$[') !== part.startsWith('$[')) throw conflict(path, parts.slice(0, at));
      break;
    }
    if (known !== undefined && (last || !isBranch(known))) {
      throw conflict(path, parts.slice(0, at + 1));
    }
    if (last) branch.children.set(part, change);
    else if (known !== undefined && isBranch(known)) branch = known;
    else {
      const next: Branch = { children: new Map() };
      branch.children.set(part, next);
      branch = next;
    }
  }
}

function conflict(path: string, at: readonly string[]): Error {
  return mongoError(
    'ConflictingUpdateOperators',
    `Updating the path '${path}' would create a conflict at '${at.join('.')}'`,
  );
}

function checkedParts(path: string): string[] {
  if (path === '') throw mongoError('EmptyFieldName', 'An empty update path is not valid.');
  const parts = path.split('.');
  for (const [at, part] of parts.entries()) {
    if (part === '') {
      throw mongoError(
        'EmptyFieldName',
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      );
    }
    if (part.startsWith('$') && part !== '$' && !part.startsWith('$[')) {
      if (at > 0 && ['$ref', '$id', '$db'].includes(part)) continue;
      throw mongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${part}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
    if (at === 0 && part.startsWith('$')) {
      throw mongoError(
        'BadValue',
        `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`,
      );
    }
  }
  return parts;
}

/** Puts the children of every branch in order. */
export function orderTree(branch: Branch): Branch {
  const children = Array.from(branch.children, ([part, node]): [string, Branch | Change] => [
    part,
    isBranch(node) ? orderTree(node) : node,
  ]);
  if (children.length > 1) children.sort(([a], [b]) => compareParts(a, b));
  return { children: new Map(children) };
}

function compareParts(a: string, b: string): number {
  const [x, y] = [arrayIndex(a), arrayIndex(b)];
  if (x >= 0 && y >= 0) return x - y;
  return a < b ? -1 : 1;
}

export function applyTree(
  root: Branch,
  doc: Doc,
  application: Application,
  filters: ReadonlyMap<string, ElementFilter>,
): Doc {
  const walk = new Walk(application, filters);
  return walk.document(root, doc, '');
}

class Walk {
  private readonly application: Application;
  private readonly filters: ReadonlyMap<string, ElementFilter>;

  constructor(application: Application, filters: ReadonlyMap<string, ElementFilter>) {
    this.application = application;
    this.filters = filters;
  }

  document(branch: Branch, doc: Doc, path: string): Doc {
    let result = doc;
    for (const [given, node] of branch.children) {
      const part = given === '$' ? String(this.matched()) : given;
      if (part.startsWith('$[')) throw notAnArray(path, doc);
      const before = result.get(part);
      const value = this.node(node, before, path === '' ? part : `${path}.${part}`, part);
      if (value === before) continue;
      if (result === doc) result = new Map(doc);
      if (value === undefined) result.delete(part);
      else result.set(part, value);
    }
    return result;
  }

  private matched(): number {
    const index = this.application.matchedIndex();
    if (index === undefined) {
      throw mongoError('BadValue', 'The positional operator did not find the match needed from the query.');
    }
    return index;
  }

  private node(
    node: Branch | Change,
    value: Value | undefined,
    path: string,
    name: string,
  ): Value | undefined {
    if (!isBranch(node))
      return node.idle?.(this.application) === true ? value : node.apply(value, path, this.application);
    if (value instanceof Map) return this.document(node, value, path);
    if (Array.isArray(value)) return this.array(node, value, path, name);
    const [first = ''] = node.children.keys();
    if (value === undefined) {
      if (first.startsWith('$[')) {
        throw mongoError(
          'BadValue',
          `The path '${path}' must exist in the document in order to apply array updates.`,
        );
      }
      const made = this.document(node, new Map(), path);
      return made.size === 0 ? undefined : made;
    }
    if (first.startsWith('$[')) throw notAnArray(path, value);
    for (const [part, child] of node.children) this.refuse(part, child, path, name, value);
    return value;
  }

  private array(branch: Branch, array: Value[], path: string, name: string): Value[] {
    let result = array;
    for (const [part, node] of branch.children) {
      for (const index of this.elements(part, result)) {
        if (index < 0) {
          this.refuse(part, node, path, name, array);
          continue;
        }
        const before = result[index];
        const value = this.node(node, before, `${path}.${String(index)}`, String(index));
        if (value === before) continue;
        if (result === array) result = [...array];
        pad(result, index);
        // Taking an element away leaves null in its place, so that the others stay where they are.
        result[index] = value ?? null;
      }
    }
    return result;
  }

  /** Fails when a change cannot go on through a value that is no document. */
  private refuse(part: string, node: Branch | Change, path: string, name: string, value: Value): void {
    if (isBranch(node)) {
      for (const child of node.children.values()) this.refuse(part, child, path, name, value);
    } else if (node.blocked !== 'ignore' && node.idle?.(this.application) !== true) {
      throw mongoError(
        'PathNotViable',
        node.blocked === 'create'
          ? `Cannot create field '${part}' in element {${name}: ${show(value)}}`
          : `Cannot use the part (${part}) of (${path}.${part}) to traverse the element ({${name}: ${show(value)}})`,
      );
    }
  }

  /** The elements that a part of a path means; -1 when it cannot mean any. */
  private elements(part: string, array: readonly Value[]): readonly number[] {
    if (part === '$') return [this.matched()];
    if (part === '$[]') return array.map((_, index) => index);
    if (part.startsWith('$[')) {
      const filter = this.filters.get(part.slice(2, -1));
      return array.flatMap((element, index) => (filter?.(element) === true ? [index] : []));
    }
    return [arrayIndex(part)];
  }
}

function pad(array: Value[], index: number): void {
  if (index - array.length >= MOST_PADDING) {
    throw mongoError(
      'CannotBackfillArray',
      `can't backfill array to larger than ${String(MOST_PADDING)} elements`,
    );
  }
  while (array.length < index) array.push(null);
}

function notAnArray(path: string, value: Value): Error {
  const name = path.split('.').at(-1) ?? '';
  return mongoError(
    'BadValue',
    `Cannot apply array updates to non-array element ${name}: ${value instanceof Map ? typeName(value) : show(value)}`,
  );
}
