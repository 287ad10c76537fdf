// Dotted paths as queries walk them: through documents by name, through arrays into every document in them and, where a part of
// the path is a number, also to the element at that place. (The server's manual: "Query an Array", "Query an Array of Embedded Documents".)
import type { Doc, Value } from './value.ts';

/** A test of what stands at the end of a path; undefined when nothing does. */
export type Test = (value: Value | undefined) => boolean;

/** The array element through which the last match went: what `$` means in a projection or an update. The outermost array counts. */
export const traversed: { index: number | undefined } = { index: undefined };

/** The place in an array that a part of a path names; -1 when it is a name only. */
export function arrayIndex(part: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1;
}

export function hasArrayIndex(path: string): boolean {
  return /(?:^|\.)\d+(?:\.|$)/.test(path);
}

interface Walk {
  readonly parts: readonly string[];
  /** Per part, its place in an array, or -1. */
  readonly places: readonly number[];
  /** Whether an array at the end is tested element by element, and then as a whole; else only as a whole. */
  readonly elements: boolean;
  readonly test: Test;
}

/**
 * Whether any value at a path passes a test.
 *
 * @param elements whether an array at the end of the path is tested element by element, and then as a whole; else as a whole only
 */
export function matchesAt(path: string, elements: boolean, test: Test): (doc: Doc) => boolean {
  const parts = path.split('.');
  const walk: Walk = { parts, places: parts.map(arrayIndex), elements, test };
  if (parts.length > 1) return (doc) => inDocument(walk, doc, 0);
  return (doc) => {
    const value = doc.get(path);
    return Array.isArray(value) ? atEnd(walk, value) : test(value);
  };
}

function inDocument(walk: Walk, doc: Doc, at: number): boolean {
  const value = doc.get(walk.parts[at] ?? '');
  if (at === walk.parts.length - 1) return Array.isArray(value) ? atEnd(walk, value) : walk.test(value);
  if (value instanceof Map) return inDocument(walk, value, at + 1);
  if (Array.isArray(value)) return inArray(walk, value, at + 1);
  return walk.test(undefined);
}

function atEnd(walk: Walk, array: readonly Value[]): boolean {
  if (walk.elements) {
    for (let index = 0; index < array.length; index++) {
      if (walk.test(array[index])) {
        traversed.index = index;
        return true;
      }
    }
  }
  return walk.test(array as Value[]);
}

function inArray(walk: Walk, array: readonly Value[], at: number): boolean {
  const place = walk.places[at] ?? -1;
  const last = at === walk.parts.length - 1;
  for (const [index, element] of array.entries()) {
    if (element instanceof Map && inDocument(walk, element, at)) {
      traversed.index = index;
      return true;
    }
    if (index !== place) continue;
    if (last) {
      if (walk.test(element)) return true;
    } else if (element instanceof Map) {
      if (inDocument(walk, element, at + 1)) return true;
    } else if (Array.isArray(element) && inArray(walk, element, at + 1)) return true;
  }
  return false;
}

/**
 * The values at a path as `distinct` gives them: through arrays, and an array at the end as its elements.
 */
export function valuesAt(doc: Doc, path: string): Value[] {
  const found: Value[] = [];
  const collect = (value: Value | undefined): boolean => {
    if (value !== undefined && !Array.isArray(value)) found.push(value);
    else if (Array.isArray(value)) for (const element of value) found.push(element);
    return false;
  };
  matchesAt(path, false, collect)(doc);
  return found;
}
