// The keys of a document in an index, and so also the keys by which it is sorted: one per element of an array (a multikey index), null for
// a missing field, undefined for an empty array. Two different arrays cannot both be expanded. (Manual: "Multikey Indexes".)
import { mongoError } from '../errors.ts';
import { keyOf } from './key.ts';
import { arrayIndex } from './path.ts';
import { bsonUndefined } from './value.ts';
import type { Direction } from './key.ts';
import type { Doc, Value } from './value.ts';

/** Fields of an index, in order. */
export type IndexPattern = readonly (readonly [path: string, direction: Direction])[];

export interface IndexKeys {
  /** Distinct, in no order. Fields that are missing count as null. */
  readonly keys: Buffer[];
  /** The values behind each key, for `keyValue` of a DuplicateKey error. */
  readonly values: Value[][];
  /** Whether a path went through an array: bounds of such an index must not be intersected. */
  readonly multikey: boolean;
  /** Whether every field is missing: a sparse index leaves the document out. */
  readonly allMissing: boolean;
}

/**
 * The keys of a document in an index.
 *
 * @throws CannotIndexParallelArrays (171)
 */
export function indexKeys(doc: Doc, pattern: IndexPattern): IndexKeys {
  const directions = pattern.map(([, direction]) => direction);
  const { tuples, multikey } = expand(
    doc,
    pattern.map(([path]) => path.split('.')),
  );
  const allMissing = tuples.every((tuple) => tuple.every((value) => value === undefined));
  const keys: Buffer[] = [];
  const values: Value[][] = [];
  const seen = new Set<string>();
  for (const tuple of tuples) {
    const present = tuple.map((value) => value ?? null);
    const key = keyOf(present, directions);
    if (tuples.length > 1) {
      const text = key.toString('latin1');
      if (seen.has(text)) continue;
      seen.add(text);
    }
    keys.push(key);
    values.push(present);
  }
  return { keys, values, multikey, allMissing };
}

/**
 * The values of some paths in a document, as tuples: one, or one per element when a path goes through an array.
 *
 * @throws CannotIndexParallelArrays (171)
 */
export function expand(
  doc: Doc,
  paths: readonly (readonly string[])[],
): { tuples: (Value | undefined)[][]; multikey: boolean } {
  const tuples: (Value | undefined)[][] = [];
  const multikey = spread(
    paths.map((parts) => ({ value: doc, parts, at: 0, done: false })),
    tuples,
  );
  return { tuples, multikey };
}

/** A path on its way: `value` is what stands before part `at`, or the result when done. */
interface Walker {
  readonly value: Value | undefined;
  readonly parts: readonly string[];
  readonly at: number;
  readonly done: boolean;
}

function spread(walkers: readonly Walker[], tuples: (Value | undefined)[][]): boolean {
  const reached = walkers.map(untilArray);
  const waiting = reached.filter(({ done }) => !done);
  const array = waiting[0]?.value;
  if (!Array.isArray(array)) {
    tuples.push(reached.map(({ value }) => value));
    return false;
  }
  const other = waiting.find(({ value }) => value !== array);
  if (other !== undefined) throw parallel(other, waiting[0] ?? other);
  if (waiting.some((walker) => placeIn(walker, array) >= 0)) {
    // A number in a path names one element: for that path the array is not expanded.
    const inside = reached.map((walker) => {
      const place = walker.done ? -1 : placeIn(walker, array);
      return place < 0 ? walker : { ...walker, value: array[place], at: walker.at + 1 };
    });
    return spread(inside, tuples);
  }
  if (array.length === 0) {
    tuples.push(
      reached.map((walker) => (walker.done ? walker.value : ended(walker) ? bsonUndefined : undefined)),
    );
    return true;
  }
  for (const element of array) {
    const each = reached.map((walker) => {
      if (walker.done) return walker;
      if (ended(walker)) return { ...walker, value: element, done: true };
      return element instanceof Map
        ? { ...walker, value: element }
        : { ...walker, value: undefined, done: true };
    });
    spread(each, tuples);
  }
  return true;
}

function parallel(first: Walker, second: Walker): Error {
  const [one = '', two = ''] = [first, second].map(({ parts, at }) => parts[Math.max(0, at - 1)]);
  return mongoError('CannotIndexParallelArrays', `cannot index parallel arrays [${one}] [${two}]`);
}

function ended({ parts, at }: Walker): boolean {
  return at === parts.length;
}

/** The element that the next part of a path names; -1 when it names none, or documents in the array have fields of that name. */
function placeIn({ parts, at }: Walker, array: readonly Value[]): number {
  const part = parts[at];
  const place = part === undefined ? -1 : arrayIndex(part);
  return place >= 0 && array.some((element) => element instanceof Map && element.has(part ?? ''))
    ? -1
    : place;
}

function untilArray(walker: Walker): Walker {
  if (walker.done) return walker;
  const { parts } = walker;
  let { value, at } = walker;
  for (;;) {
    if (Array.isArray(value)) return { value, parts, at, done: false };
    if (at === parts.length) return { value, parts, at, done: true };
    if (!(value instanceof Map)) return { value: undefined, parts, at, done: true };
    value = value.get(parts[at++] ?? '');
  }
}
