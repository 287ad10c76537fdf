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
  if (other !== undefined) {
    const [first, second] = [waiting[0], other].map((walker) => walker?.parts[Math.max(0, walker.at - 1)] ?? '');
    throw mongoError('CannotIndexParallelArrays', `cannot index parallel arrays [${second ?? ''}] [${first ?? ''}]`);
  }
  if (array.length === 0) {
    const ended = reached.map((walker): Walker => {
      if (walker.done) return walker;
      return { ...walker, value: walker.at === walker.parts.length ? bsonUndefined : undefined, done: true };
    });
    tuples.push(ended.map(({ value }) => value));
    return true;
  }
  for (const element of array) {
    spread(
      reached.map((walker) => {
        if (walker.done) return walker;
        return walker.at === walker.parts.length || !(element instanceof Map)
          ? { ...walker, value: walker.at === walker.parts.length ? element : undefined, done: true }
          : { ...walker, value: element };
      }),
      tuples,
    );
  }
  return true;
}

function untilArray(walker: Walker): Walker {
  if (walker.done) return walker;
  const { parts } = walker;
  let { value, at } = walker;
  for (;;) {
    if (Array.isArray(value)) {
      const part = parts[at];
      const index = part === undefined ? -1 : arrayIndex(part);
      // A number names one element, and the array is not expanded, unless documents in it have fields of that name.
      if (index < 0 || value.some((element) => element instanceof Map && element.has(part ?? ''))) {
        return { value, parts, at, done: false };
      }
      value = value[index];
      at++;
    } else if (at === parts.length) return { value, parts, at, done: true };
    else if (value instanceof Map) value = value.get(parts[at++] ?? '');
    else return { value: undefined, parts, at, done: true };
  }
}
