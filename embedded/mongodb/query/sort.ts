// The order of results. An array sorts by its least element upwards and by its greatest downwards; several fields by the least of the
// document's compound keys; a missing field as null. (Manual: "cursor.sort()", "Compare Array Fields".)
import { mongoError } from '../errors.ts';
import { compareValues } from '../documents/compare.ts';
import { expand } from '../documents/index-keys.ts';
import { approximateSize } from '../documents/size.ts';
import { isNumeric, toNumber } from '../documents/value.ts';
import type { Direction } from '../documents/key.ts';
import type { IndexPattern } from '../documents/index-keys.ts';
import type { Doc, Value } from '../documents/value.ts';

export interface Sort {
  readonly compare: (a: Doc, b: Doc) => number;
  /**
   * Sorts stably, with each document's key made once; with a limit only that many of the first are kept.
   *
   * @throws QueryExceededMemoryLimitNoDiskUseAllowed (292) when it would hold more than 100 MB
   */
  readonly sort: (docs: Iterable<Doc>, limit?: number) => Doc[];
  readonly pattern: IndexPattern;
}

/** Memory that a sort may take (Manual: "Sort and Memory Use"), in bytes. */
const MEMORY_LIMIT = 100 * 1024 * 1024;
/** With a limit, this many times as many documents are gathered between one cut and the next. */
const SLACK = 2;
const LEAST_GATHERED = 1000;
/** MongoDB Limits: Number of Indexed Fields in a Compound Index, which also bounds a sort. */
const MOST_FIELDS = 32;

interface Keyed {
  readonly doc: Doc;
  readonly key: readonly Value[];
}

/** @throws Location15974 to 15976, BadValue (2) */
export function compileSort(spec: Doc): Sort {
  const pattern = patternOf(spec);
  const paths = pattern.map(([path]) => path.split('.'));
  const directions = pattern.map(([, direction]) => direction);
  const keyed = (doc: Doc): Keyed => ({ doc, key: sortKey(doc, paths, directions) });
  const compareKeyed = comparerOf(directions);
  return {
    pattern,
    compare: (a, b) => compareKeyed(keyed(a), keyed(b)),
    sort: (docs, limit) => sortDocs(docs, limit, keyed, compareKeyed),
  };
}

function sortDocs(
  docs: Iterable<Doc>,
  limit: number | undefined,
  keyed: (doc: Doc) => Keyed,
  compare: (a: Keyed, b: Keyed) => number,
): Doc[] {
  let gathered: Keyed[] = [];
  let size = 0;
  const most = limit === undefined ? Infinity : Math.max(limit * SLACK, LEAST_GATHERED);
  for (const doc of docs) {
    gathered.push(keyed(doc));
    size += approximateSize(doc);
    if (gathered.length >= most && limit !== undefined) {
      gathered = gathered.sort(compare).slice(0, limit);
      size = gathered.reduce((sum, entry) => sum + approximateSize(entry.doc), 0);
    }
    if (size > MEMORY_LIMIT) {
      throw mongoError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${String(MEMORY_LIMIT)} bytes, but did not opt in to external sorting.`,
      );
    }
  }
  gathered.sort(compare);
  const sorted = gathered.map(({ doc }) => doc);
  return limit === undefined ? sorted : sorted.slice(0, limit);
}

function comparerOf(directions: readonly Direction[]): (a: Keyed, b: Keyed) => number {
  const [only = 1] = directions;
  if (directions.length === 1) return (a, b) => compareValues(a.key[0] ?? null, b.key[0] ?? null) * only;
  return (a, b) => compareTuples(a.key, b.key, directions);
}

function compareTuples(
  a: readonly (Value | undefined)[],
  b: readonly (Value | undefined)[],
  directions: readonly Direction[],
): number {
  for (let at = 0; at < directions.length; at++) {
    const order = compareValues(a[at] ?? null, b[at] ?? null);
    if (order !== 0) return order * (directions[at] ?? 1);
  }
  return 0;
}

/** The key of a document: what the paths give when they meet no array, else the least of all combinations. */
function sortKey(doc: Doc, paths: readonly (readonly string[])[], directions: readonly Direction[]): Value[] {
  const key: Value[] = [];
  for (const parts of paths) {
    let value: Value | undefined = doc;
    for (const part of parts) {
      value = value instanceof Map ? value.get(part) : undefined;
      if (Array.isArray(value)) return leastKey(doc, paths, directions);
    }
    key.push(value ?? null);
  }
  return key;
}

function leastKey(
  doc: Doc,
  paths: readonly (readonly string[])[],
  directions: readonly Direction[],
): Value[] {
  const { tuples } = expandForSort(doc, paths);
  const least = tuples.reduce((best, tuple) => (compareTuples(tuple, best, directions) < 0 ? tuple : best));
  return least.map((value) => value ?? null);
}

function expandForSort(doc: Doc, paths: readonly (readonly string[])[]): ReturnType<typeof expand> {
  try {
    return expand(doc, paths);
  } catch {
    throw mongoError('BadValue', 'cannot sort with keys that are parallel arrays');
  }
}

function patternOf(spec: Doc): IndexPattern {
  const pattern: [string, Direction][] = [];
  for (const [path, order] of spec) {
    if (order instanceof Map) {
      const [name] = order.keys();
      if (name !== '$meta') throw mongoError('BadValue', `Illegal key in $sort specification: ${path}`);
      throw mongoError('NotImplemented', '$meta is not served in a sort');
    }
    if (!isNumeric(order)) throw mongoError(15974, `Illegal key in $sort specification: ${path}`);
    const direction = toNumber(order);
    if (direction !== 1 && direction !== -1) {
      throw mongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    if (path === '') throw mongoError(40352, 'FieldPath cannot be constructed with empty string');
    if (path.startsWith('$'))
      throw mongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (path.endsWith('.')) throw mongoError(40353, "FieldPath must not end with a '.'.");
    pattern.push([path, direction]);
  }
  if (pattern.length > MOST_FIELDS) throw mongoError('BadValue', `too many compound keys`);
  return pattern;
}
