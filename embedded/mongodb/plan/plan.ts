// Which index a query uses. The candidates are the tree of documents (the index on `_id`) and the collection's indexes; the one that
// bounds most of its fields by the filter wins, and among equals one that gives the order asked for. Without statistics this is a fixed
// ranking: MongoDB's planner tries its candidates instead.
import { compileFilter } from '../query/filter.ts';
import { indexRanges } from '../query/bounds.ts';
import { compileSort } from '../query/sort.ts';
import { isDoc, isNumeric, toNumber } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { idKey } from '../storage/catalogue.ts';
import { lowerBound, prefixOf, upperBound } from '../storage/keys.ts';
import { compareValues } from '../documents/compare.ts';
import type { IndexPattern } from '../documents/index-keys.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { IndexRanges } from '../query/bounds.ts';
import type { Environment, Filter } from '../query/filter.ts';
import type { Sort } from '../query/sort.ts';
import type { Collection, Index } from '../storage/catalogue.ts';
import type { Range } from '../storage/scan.ts';

/** An index as the planner sees it; the tree of documents is the one on `_id`. */
export interface Candidate {
  readonly name: string;
  readonly key: Doc;
  readonly pattern: IndexPattern;
  /** Absent: the tree of documents. */
  readonly index: Index | undefined;
  readonly shortened: boolean;
  readonly multikey: boolean;
}

/** How the documents of a query are found. */
export interface Plan {
  readonly collection: Collection;
  readonly filter: Filter;
  /** Absent: all documents are looked at. */
  readonly access: Candidate | undefined;
  readonly bounds: IndexRanges | undefined;
  readonly ranges: readonly Range[];
  readonly reverse: boolean;
  /** Whether what lies in the ranges needs no look at the filter. */
  readonly exact: boolean;
  /** Whether a document may come more than once. */
  readonly repeats: boolean;
  /** The sort that remains to be done; undefined when there is none or the index gives it. */
  readonly sort: Sort | undefined;
}

export interface Query {
  readonly filter: Doc;
  readonly sort?: Doc | undefined;
  /** Name or key of an index, or `{$natural: 1}`. */
  readonly hint?: Value | undefined;
  readonly environment?: Environment | undefined;
}

const idPattern: IndexPattern = [['_id', 1]];

function candidates(collection: Collection): Candidate[] {
  const own: Candidate[] = collection.indexes.map((index) => ({
    name: index.name,
    key: index.key,
    pattern: index.pattern,
    index,
    shortened: index.shortened,
    multikey: index.multikey,
  }));
  return [
    {
      name: '_id_',
      key: idKey,
      pattern: idPattern,
      index: undefined,
      shortened: collection.shortened,
      multikey: false,
    },
    ...own,
  ];
}

/** @throws BadValue (2) when a filter, sort or hint is wrong */
export function planQuery(collection: Collection, query: Query): Plan {
  return planFilter(collection, compileFilter(query.filter, query.environment), query);
}

/** @throws BadValue (2) when a sort or hint is wrong */
export function planFilter(collection: Collection, filter: Filter, query: Omit<Query, 'filter'>): Plan {
  const natural = naturalOrder(query.sort) ?? naturalOrder(query.hint);
  const sort =
    query.sort === undefined || query.sort.size === 0 || natural !== undefined
      ? undefined
      : compileSort(query.sort);
  if (natural !== undefined) return scanOf(collection, filter, sort, natural < 0);
  if (query.hint !== undefined && query.hint !== '' && !(isDoc(query.hint) && query.hint.size === 0)) {
    const chosen = hinted(collection, query.hint);
    return planOf(collection, filter, chosen, rangesOf(filter, chosen), sort);
  }
  let best: { plan: Plan; rank: number } | undefined;
  for (const candidate of candidates(collection)) {
    const bounds = rangesOf(filter, candidate);
    if (bounds === undefined && sort === undefined) continue;
    if (candidate.index?.sparse === true && !excludesNull(bounds, candidate.pattern)) continue;
    const plan = planOf(collection, filter, candidate, bounds, sort);
    const rank = rankOf(plan, sort !== undefined);
    if (rank > 0 && (best === undefined || rank > best.rank)) best = { plan, rank };
    if (candidate.index === undefined && bounds?.points === 1) return plan;
  }
  return best?.plan ?? scanOf(collection, filter, sort, false);
}

function rankOf(plan: Plan, sorting: boolean): number {
  const ordered = sorting && plan.sort === undefined ? 6 : 0;
  const { bounds, access } = plan;
  if (bounds === undefined) return ordered;
  const unique = access?.index?.unique === true && bounds.points === access.pattern.length ? 100 : 0;
  // A wide list of single values bounds less than one value, and more than an open interval.
  return unique + ordered + bounds.points * 10 + (bounds.fields - bounds.points) * 5 + (bounds.exact ? 1 : 0);
}

function rangesOf(filter: Filter, candidate: Candidate): IndexRanges | undefined {
  return indexRanges(filter.bounds, candidate.pattern, candidate.multikey);
}

function planOf(
  collection: Collection,
  filter: Filter,
  access: Candidate,
  bounds: IndexRanges | undefined,
  sort: Sort | undefined,
): Plan {
  const owner = access.index?.id ?? collection.id;
  const direction = sort === undefined ? 1 : directionOf(access, bounds, sort.pattern);
  const exact = bounds === undefined ? filter.always : bounds.exact && !access.shortened;
  return {
    collection,
    filter,
    access,
    bounds,
    ranges:
      bounds === undefined
        ? [{ start: prefixOf(owner), end: prefixOf(owner + 1) }]
        : joined(
            bounds.ranges.map(({ start, end }) => ({
              start: lowerBound(owner, start),
              end: upperBound(owner, end),
            })),
          ),
    reverse: direction === -1,
    exact,
    repeats: access.multikey || access.shortened,
    sort: direction === undefined ? sort : undefined,
  };
}

/** Ranges that were cut may have come to overlap. */
function joined(ranges: Range[]): Range[] {
  const apart: Range[] = [];
  for (const range of ranges) {
    const last = apart.at(-1);
    if (last === undefined || Buffer.compare(last.end, range.start) <= 0) apart.push(range);
    else if (Buffer.compare(last.end, range.end) < 0)
      apart[apart.length - 1] = { start: last.start, end: range.end };
  }
  return apart;
}

function scanOf(collection: Collection, filter: Filter, sort: Sort | undefined, reverse: boolean): Plan {
  return {
    collection,
    filter,
    access: undefined,
    bounds: undefined,
    ranges: [{ start: prefixOf(collection.id), end: prefixOf(collection.id + 1) }],
    reverse,
    exact: filter.always,
    repeats: false,
    sort,
  };
}

/** The direction in which the index gives the order asked for; undefined when it does not. */
function directionOf(
  access: Candidate,
  bounds: IndexRanges | undefined,
  wanted: IndexPattern,
): 1 | -1 | undefined {
  if (access.shortened) return undefined;
  // Within bounds an array's least element may be left out, and another would take its place in the order.
  if (access.multikey && bounds !== undefined) return undefined;
  const points = bounds?.points ?? 0;
  let turn: 1 | -1 | undefined;
  let at = 0;
  for (const [path, direction] of wanted) {
    const fixed = access.pattern.slice(0, points).some(([known]) => known === path);
    while (at < points && access.pattern[at]?.[0] !== path) at++;
    const field = access.pattern[at];
    if (field?.[0] !== path) {
      if (fixed) continue;
      return undefined;
    }
    at++;
    if (at <= points) continue;
    const here = field[1] === direction ? 1 : -1;
    if (turn !== undefined && turn !== here) return undefined;
    turn = here;
  }
  return turn ?? 1;
}

/** First bytes of a key whose first field is null or missing (documents/type.ts gives null the rank 5), in both directions. */
const NULL_FIRST = 5;

/** Whether nothing in the ranges lacks the first field of the index, so that a sparse one has all of it. */
function excludesNull(bounds: IndexRanges | undefined, pattern: IndexPattern): boolean {
  if (bounds === undefined) return false;
  const first = pattern[0]?.[1] === -1 ? 255 - NULL_FIRST : NULL_FIRST;
  const missing = Buffer.from([first]);
  return bounds.ranges.every(
    ({ start, end }) => Buffer.compare(end, missing) <= 0 || (start[0] ?? 0) > first,
  );
}

/** @throws BadValue (2) */
function hinted(collection: Collection, hint: Value): Candidate {
  const found = candidates(collection).find(({ name, key }) =>
    typeof hint === 'string' ? name === hint : isDoc(hint) && sameKey(hint, key),
  );
  if (found !== undefined) return found;
  throw mongoError(
    'BadValue',
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

/** Whether two specifications name the same fields in the same order and directions. */
export function sameKey(a: Doc, b: Doc): boolean {
  const left = [...a];
  const right = [...b];
  return (
    left.length === right.length &&
    left.every(([path, order], at) => path === right[at]?.[0] && compareValues(order, right[at][1]) === 0)
  );
}

function naturalOrder(order: Value | undefined): number | undefined {
  if (!isDoc(order)) return undefined;
  const natural = order.get('$natural');
  return natural !== undefined && isNumeric(natural) ? toNumber(natural) : undefined;
}
