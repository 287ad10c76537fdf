// What a filter says of each path, as intervals of keys, and the ranges of an index that these make. Intervals never lose a match;
// when they are exact, nothing but matches has a key in them. (Manual: "Multikey Index Bounds", "Explain Results".)
import { keyOf } from '../documents/key.ts';
import { hasArrayIndex } from '../documents/path.ts';
import type { IndexPattern } from '../documents/index-keys.ts';
import type { Value } from '../documents/value.ts';

/** The conditions that every match fulfils. */
export interface Bounds {
  readonly paths: ReadonlyMap<string, readonly Condition[]>;
  /** Whether the conditions say all that the filter says. */
  readonly complete: boolean;
}

/** One condition on a path: a match has a key in one of the intervals. */
export interface Condition {
  readonly intervals: readonly Interval[];
  /** Whether having a key there also suffices. */
  readonly exact: boolean;
}

/** A place between keys: before, or after, all that begin with some bytes. */
export interface Place {
  readonly key: Uint8Array;
  readonly after: boolean;
  readonly text: string;
}

export interface Interval {
  readonly low: Place;
  readonly high: Place;
  /** Whether it holds one value only. */
  readonly point: boolean;
}

export interface IndexRanges {
  /** From `start` (included) to `end` (excluded), in the order of the keys, apart from each other. */
  readonly ranges: readonly { readonly start: Buffer; readonly end: Buffer }[];
  /** Whether every document with a key in the ranges is a match. */
  readonly exact: boolean;
  /** How many leading fields of the index are bounded. */
  readonly fields: number;
  /** How many leading fields are bound to one value each: the keys come in the order of the fields after them. */
  readonly points: number;
  /** Per field of the index, as explain shows it. */
  readonly indexBounds: ReadonlyMap<string, readonly string[]>;
}

/** More ranges than this (from $in on several fields) are not made: the fields after are not bounded then. */
const MOST_RANGES = 1000;

export function before(value: Value, text: string): Place {
  return { key: keyOf([value]), after: false, text };
}

export function after(value: Value, text: string): Place {
  return { key: keyOf([value]), after: true, text };
}

function complementOf(place: Place): Place {
  return { key: place.key.map((byte) => 255 - byte), after: !place.after, text: place.text };
}

/** The first bytes past everything that begins with some bytes. */
function successor(key: Uint8Array): Uint8Array {
  let length = key.length;
  while (length > 0 && key[length - 1] === 255) length--;
  const next = Uint8Array.from(key.subarray(0, length));
  if (length > 0) next[length - 1] = (next[length - 1] ?? 0) + 1;
  return next;
}

function bytesOf(place: Place): Uint8Array {
  return place.after ? successor(place.key) : place.key;
}

function comparePlaces(a: Place, b: Place): number {
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

/** Puts intervals in order, and joins those that overlap. */
export function union(intervals: readonly Interval[]): Interval[] {
  const ordered = intervals
    .filter(({ low, high }) => comparePlaces(low, high) < 0)
    .sort((a, b) => comparePlaces(a.low, b.low));
  const joined: Interval[] = [];
  for (const interval of ordered) {
    const last = joined.at(-1);
    if (last === undefined || comparePlaces(last.high, interval.low) <= 0) joined.push(interval);
    else if (comparePlaces(last.high, interval.high) < 0) {
      joined[joined.length - 1] = { low: last.low, high: interval.high, point: false };
    }
  }
  return joined;
}

/** What lies in intervals of both lists. */
export function intersection(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const found: Interval[] = [];
  for (const a of left) {
    for (const b of right) {
      const low = comparePlaces(a.low, b.low) >= 0 ? a.low : b.low;
      const high = comparePlaces(a.high, b.high) <= 0 ? a.high : b.high;
      found.push({ low, high, point: a.point || b.point });
    }
  }
  return union(found);
}

const everything: readonly string[] = ['[MinKey, MaxKey]'];

/** The intervals of one field of an index, and whether they say all that its conditions say. */
function fieldIntervals(conditions: readonly Condition[], multikey: boolean, path: string): Condition {
  const exact = conditions.every((condition) => condition.exact) && !hasArrayIndex(path);
  const [first, ...others] = conditions;
  if (first === undefined) return { intervals: [], exact };
  if (!multikey) {
    return {
      intervals: others.reduce((left, { intervals }) => intersection(left, intervals), [...first.intervals]),
      exact,
    };
  }
  // Different elements of an array may fulfil different conditions: only one can be used.
  const cost = ({ intervals }: Condition): number =>
    intervals.every(({ point }) => point) ? intervals.length : intervals.length * MOST_RANGES;
  const best = conditions.reduce((chosen, condition) =>
    cost(condition) < cost(chosen) ? condition : chosen,
  );
  return { intervals: best.intervals, exact: exact && others.length === 0 };
}

/**
 * The ranges of an index that hold every match of a filter; undefined when the filter says nothing of its first field. A sparse index lacks
 * documents without its fields: it may be used only if the filter excludes those (`Filter.excludesMissing`).
 */
export function indexRanges(
  bounds: Bounds,
  pattern: IndexPattern,
  multikey: boolean,
): IndexRanges | undefined {
  let prefixes: { readonly start: Buffer; readonly end: Buffer }[] = [];
  let { complete: exact } = bounds;
  let fields = 0;
  let points = 0;
  let onlyPoints = true;
  const used = new Set<string>();
  const roots = new Set<string>();
  const indexBounds = new Map<string, readonly string[]>();
  for (const [path, direction] of pattern) {
    const conditions = bounds.paths.get(path) ?? [];
    const root = path.split('.', 1)[0] ?? path;
    const usable = conditions.length > 0 && onlyPoints && !(multikey && roots.has(root));
    roots.add(root);
    indexBounds.set(path, everything);
    if (!usable) {
      onlyPoints = false;
      continue;
    }
    const { intervals, exact: exactField } = fieldIntervals(conditions, multikey, path);
    if (Math.max(1, prefixes.length) * intervals.length > MOST_RANGES && fields > 0) {
      onlyPoints = false;
      continue;
    }
    const turned =
      direction === 1
        ? intervals
        : intervals
            .map(({ low, high, point }) => ({ low: complementOf(high), high: complementOf(low), point }))
            .reverse();
    const starts = fields === 0 ? [Buffer.alloc(0)] : prefixes.map(({ start }) => start);
    prefixes = starts.flatMap((start) =>
      turned.map(({ low, high }) => ({
        start: Buffer.concat([start, bytesOf(low)]),
        end: Buffer.concat([start, bytesOf(high)]),
      })),
    );
    onlyPoints = intervals.every(({ point }) => point);
    if (intervals.length === 1 && onlyPoints && points === fields) points++;
    fields++;
    used.add(path);
    exact &&= exactField;
    indexBounds.set(path, turned.map(describe));
  }
  if (fields === 0) return undefined;
  for (const path of bounds.paths.keys()) if (!used.has(path)) exact = false;
  return { ranges: prefixes, exact, fields, points, indexBounds };
}

function describe({ low, high, point }: Interval): string {
  if (point) return `[${low.text}, ${low.text}]`;
  return `${low.after ? '(' : '['}${low.text}, ${high.text}${high.after ? ']' : ')'}`;
}
