// Runs a plan: the documents that it finds, in its order, as bytes that are decoded only when something must look into them.
import { decodeDocument } from '../documents/read.ts';
import { pieces } from '../storage/scan.ts';
import { mongoError } from '../errors.ts';
import type { Doc } from '../documents/value.ts';
import type { Item } from '../commands/cursors.ts';
import type { Store } from '../storage/store.ts';
import type { Plan } from './plan.ts';

/** What a run has looked at, for explain. */
export interface Examined {
  keys: number;
  documents: number;
}

/** A limit that may be moved between one batch and the next, in milliseconds of `performance.now()`. */
export interface TimeLimit {
  deadline: number;
}

export interface Run {
  readonly store: Store;
  readonly limit: TimeLimit;
  readonly examined?: Examined;
  /** How many results are likely to be taken: the size of the first piece that is read. */
  readonly first?: number | undefined;
}

/** A document that was found. */
export interface Found {
  readonly key: Buffer;
  readonly bytes: Buffer;
  /** When it had to be decoded. */
  readonly doc: Doc | undefined;
}

/** Documents looked at between one look at the clock and the next. */
const CLOCK = 64;

/**
 * The documents that fulfil the filter of a plan, in the order of its index; its sort is not done.
 *
 * @throws MaxTimeMSExpired (50)
 */
export function* find(plan: Plan, run: Run): Generator<Found, void, undefined> {
  const { filter, exact, access } = plan;
  const { store, limit, examined } = run;
  const index = access?.index;
  const seen = plan.repeats ? new Set<string>() : undefined;
  let looked = 0;
  for (const piece of pieces(
    index === undefined ? store.documents : store.indexes,
    plan.ranges,
    plan.reverse,
    run.first,
  )) {
    const found: Found[] = [];
    for (const { key, value } of piece) {
      if (limit.deadline !== Infinity && ++looked % CLOCK === 0) checkTime(limit);
      if (examined !== undefined && access !== undefined) examined.keys++;
      const documentKey = index === undefined ? key : value;
      if (seen !== undefined) {
        const text = documentKey.toString('latin1');
        if (seen.has(text)) continue;
        seen.add(text);
      }
      const bytes = index === undefined ? value : store.documents.get(documentKey);
      if (bytes === undefined) continue;
      if (examined !== undefined) examined.documents++;
      if (exact) found.push({ key: documentKey, bytes, doc: undefined });
      else {
        const doc = decodeDocument(bytes);
        if (filter.matches(doc)) found.push({ key: documentKey, bytes, doc });
      }
    }
    yield* found;
  }
}

/** @throws MaxTimeMSExpired (50) */
function checkTime(limit: TimeLimit): void {
  if (performance.now() > limit.deadline)
    throw mongoError('MaxTimeMSExpired', 'operation exceeded time limit');
}

/** How results are cut and shaped after they are found. */
export interface Shape {
  readonly skip?: number | undefined;
  /** 0 or undefined: all. */
  readonly limit?: number | undefined;
  readonly project?: ((doc: Doc) => Doc) | undefined;
}

/**
 * The results of a query: found, sorted, cut and shaped. Documents that nothing had to look into come as the bytes that are stored.
 *
 * @throws MaxTimeMSExpired (50), QueryExceededMemoryLimitNoDiskUseAllowed (292)
 */
export function* results(plan: Plan, run: Run, shape: Shape): Generator<Item, void, undefined> {
  const skip = shape.skip ?? 0;
  const limit = shape.limit === undefined || shape.limit === 0 ? Infinity : shape.limit;
  const { sort } = plan;
  const { project } = shape;
  let passed = 0;
  if (sort !== undefined) {
    const most = skip + limit;
    const sorted = sort.sort(decoded(find(plan, run)), most === Infinity ? undefined : most);
    for (let at = skip; at < sorted.length; at++) {
      const doc = sorted[at];
      if (doc !== undefined) yield project === undefined ? doc : project(doc);
    }
    return;
  }
  const first = Math.min(run.first ?? Infinity, skip + limit);
  for (const { bytes, doc } of find(plan, { ...run, first: first === Infinity ? undefined : first })) {
    passed++;
    if (passed <= skip) continue;
    yield project === undefined ? bytes : project(doc ?? decodeDocument(bytes));
    if (passed - skip >= limit) return;
  }
}

function* decoded(found: Iterable<Found>): Generator<Doc, void, undefined> {
  for (const { bytes, doc } of found) yield doc ?? decodeDocument(bytes);
}
