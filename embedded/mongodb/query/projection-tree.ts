// A projection as a tree of its paths: what to keep, what to leave out, what to compute. One walk over a document applies it, through
// arrays into the documents in them.
import { mongoError } from '../errors.ts';
import type { Doc, Value } from '../documents/value.ts';

/** What happens to a field. `change` keeps it after a change ($slice); `compute` makes it (missing when undefined). */
export type Leaf =
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'change'; readonly change: (value: Value) => Value }
  | { readonly kind: 'compute'; readonly compute: (root: Doc) => Value | undefined };

export type Tree = Leaf | Branch;

export interface Branch {
  readonly kind: 'branch';
  readonly fields: Map<string, Tree>;
  /** Whether something below is computed, so that documents are made where there are none. */
  computes: boolean;
}

export function emptyBranch(): Branch {
  return { kind: 'branch', fields: new Map(), computes: false };
}

/** @throws Location31249 or 31250 when one path is another, or its beginning; 15998, 16410, 40353 on a malformed path */
export function addPath(root: Branch, path: string, leaf: Leaf): void {
  const parts = checkedParts(path);
  let branch = root;
  for (const [at, part] of parts.entries()) {
    if (leaf.kind === 'compute') branch.computes = true;
    const known = branch.fields.get(part);
    if (at === parts.length - 1) {
      if (known !== undefined) throw mongoError(31250, `Path collision at ${path}`);
      branch.fields.set(part, leaf);
    } else if (known === undefined) {
      const next = emptyBranch();
      branch.fields.set(part, next);
      branch = next;
    } else if (known.kind === 'branch') branch = known;
    else
      throw mongoError(31249, `Path collision at ${path} remaining portion ${parts.slice(at + 1).join('.')}`);
  }
}

function checkedParts(path: string): string[] {
  if (path === '') throw mongoError(40352, 'FieldPath cannot be constructed with empty string');
  if (path.endsWith('.')) throw mongoError(40353, "FieldPath must not end with a '.'.");
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') throw mongoError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$')) {
      throw mongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    }
  }
  return parts;
}

/** Keeps what is named, in the document's order, then adds what is computed, in the projection's. */
export function include(branch: Branch, doc: Doc, root: Doc): Doc {
  const result: Doc = new Map();
  for (const [name, value] of doc) {
    const tree = branch.fields.get(name);
    if (tree === undefined || tree.kind === 'compute' || tree.kind === 'exclude') continue;
    if (tree.kind === 'include') result.set(name, value);
    else if (tree.kind === 'change') result.set(name, tree.change(value));
    else {
      const kept = includeIn(tree, value, root);
      if (kept !== undefined) result.set(name, kept);
    }
  }
  if (branch.computes) addComputed(branch, result, doc, root);
  return result;
}

function includeIn(branch: Branch, value: Value, root: Doc): Value | undefined {
  if (value instanceof Map) return include(branch, value, root);
  if (Array.isArray(value)) {
    return value.flatMap((element) => {
      const kept = includeIn(branch, element, root);
      return kept === undefined ? [] : [kept];
    });
  }
  return branch.computes ? include(branch, new Map(), root) : undefined;
}

function addComputed(branch: Branch, result: Doc, before: Doc, root: Doc): void {
  for (const [name, tree] of branch.fields) {
    if (tree.kind === 'compute') {
      const value = tree.compute(root);
      if (value !== undefined) result.set(name, value);
    } else if (tree.kind === 'branch' && tree.computes && !before.has(name)) {
      result.set(name, include(tree, new Map(), root));
    }
  }
}

/** Keeps all but what is named. */
export function exclude(branch: Branch, doc: Doc): Doc {
  const result: Doc = new Map();
  for (const [name, value] of doc) {
    const tree = branch.fields.get(name);
    if (tree === undefined || tree.kind === 'include') result.set(name, value);
    else if (tree.kind === 'change') result.set(name, tree.change(value));
    else if (tree.kind === 'branch') result.set(name, excludeIn(tree, value));
  }
  return result;
}

function excludeIn(branch: Branch, value: Value): Value {
  if (value instanceof Map) return exclude(branch, value);
  return Array.isArray(value) ? value.map((element) => excludeIn(branch, element)) : value;
}

/** Keeps everything and sets what is computed ($addFields); a field that comes out missing is taken away. */
export function addFields(branch: Branch, doc: Doc, root: Doc): Doc {
  const result: Doc = new Map(doc);
  for (const [name, tree] of branch.fields) {
    const value =
      tree.kind === 'compute'
        ? tree.compute(root)
        : tree.kind === 'branch'
          ? addFieldsIn(tree, doc.get(name), root)
          : undefined;
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  return result;
}

function addFieldsIn(branch: Branch, value: Value | undefined, root: Doc): Value {
  if (value instanceof Map) return addFields(branch, value, root);
  if (Array.isArray(value)) return value.map((element) => addFieldsIn(branch, element, root));
  return addFields(branch, new Map(), root);
}
