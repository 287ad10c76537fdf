// Updates: operators, a replacement document, or a pipeline; and the document that an upsert inserts. (Manual: "update", "Update Operators".)
import { mongoError } from '../errors.ts';
import { equalValues } from '../documents/compare.ts';
import { checkId } from '../documents/id.ts';
import { identical } from '../documents/identical.ts';
import { show } from '../documents/show.ts';
import { typeName } from '../documents/type.ts';
import { isDoc, ObjectId } from '../documents/value.ts';
import { compileArrayFilters } from './array-filters.ts';
import { changeMakers } from './operators.ts';
import { compileUpdatePipeline, type PipelineOptions } from './pipeline.ts';
import { rename } from './rename.ts';
import { addChange, applyTree, orderTree } from './tree.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Filter } from '../query/filter.ts';
import type { Branch } from './tree.ts';

export interface Update {
  readonly kind: 'operators' | 'replacement' | 'pipeline';
  /**
   * The document after the update; the one given stays as it is. `changed` is false when no byte differs.
   *
   * @throws ImmutableField (66), PathNotViable (28), TypeMismatch (14), BadValue (2), …
   */
  readonly apply: (doc: Doc) => { readonly doc: Doc; readonly changed: boolean };
  /** The document that an upsert inserts: `_id` first, made when neither the filter nor the update gives it. */
  readonly forUpsert: () => Doc;
}

export interface UpdateOptions extends PipelineOptions {
  readonly arrayFilters?: readonly Doc[];
}

/** Gives the document after; `inserting` for an upsert. */
type Apply = (doc: Doc, inserting: boolean) => Doc;

/**
 * Compiles an update.
 *
 * @param filter the query's: for the positional `$`, and for the fields of an upsert
 * @throws FailedToParse (9), ConflictingUpdateOperators (40), …
 */
export function compileUpdate(update: Doc | Value[], filter: Filter, options: UpdateOptions = {}): Update {
  if (Array.isArray(update)) {
    if (options.arrayFilters !== undefined && options.arrayFilters.length > 0) {
      throw mongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-syle updates');
    }
    const run = compileUpdatePipeline(update, options);
    return finished('pipeline', (doc) => withId(run(doc), doc), filter);
  }
  const [first] = update.keys();
  if (first?.startsWith('$') === true)
    return finished('operators', operators(update, filter, options), filter);
  for (const name of update.keys()) {
    if (name.startsWith('$')) {
      throw mongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  if (options.arrayFilters !== undefined && options.arrayFilters.length > 0) {
    throw mongoError('FailedToParse', 'Cannot use arrayFilters with a replacement-style update');
  }
  return finished('replacement', (doc) => withId(update, doc), filter);
}

/** A document with the `_id` of another in the first place. */
function withId(doc: Doc, original: Doc): Doc {
  const id = doc.has('_id') ? doc.get('_id') : original.get('_id');
  const [first] = doc.keys();
  if (id === undefined || first === '_id') return doc;
  const result: Doc = new Map([['_id', id]]);
  for (const [name, value] of doc) if (name !== '_id') result.set(name, value);
  return result;
}

function finished(kind: Update['kind'], apply: Apply, filter: Filter): Update {
  return {
    kind,
    apply: (before) => {
      const doc = apply(before, false);
      if (doc === before) return { doc, changed: false };
      checkSameId(kind, before.get('_id'), doc.get('_id'));
      return identical(doc, before) ? { doc: before, changed: false } : { doc, changed: true };
    },
    forUpsert: () => {
      const base = fromFilter(filter, kind);
      const doc = apply(base, true);
      if (base.has('_id')) checkSameId(kind, base.get('_id'), doc.get('_id'));
      const given = doc.get('_id');
      const id = given === undefined ? new ObjectId() : given;
      checkId(id);
      return withId(doc, new Map([['_id', id]]));
    },
  };
}

function checkSameId(kind: Update['kind'], before: Value | undefined, after: Value | undefined): void {
  if (before === undefined || (after !== undefined && equalValues(before, after))) return;
  throw mongoError(
    'ImmutableField',
    kind === 'operators'
      ? "Performing an update on the path '_id' would modify the immutable field '_id'"
      : `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${after === undefined ? 'missing' : show(after)}`,
  );
}

/** What the equalities of a filter give an upsert; a replacement and a pipeline take part of it: `_id`, or all. */
function fromFilter(filter: Filter, kind: Update['kind']): Doc {
  const tree: Branch = { children: new Map() };
  for (const [path, value] of filter.equalities) {
    if (kind === 'replacement' && path !== '_id') continue;
    try {
      addChange(tree, path, { blocked: 'create', apply: () => value });
    } catch {
      throw mongoError(
        'NotSingleValueField',
        `cannot infer query fields to set, path '${path}' is matched twice`,
      );
    }
  }
  const nothing = { doc: new Map(), matchedIndex: () => undefined, inserting: true, now: new Date() };
  return applyTree(tree, new Map(), nothing, new Map());
}

function operators(update: Doc, filter: Filter, options: UpdateOptions): Apply {
  const tree: Branch = { children: new Map() };
  const paths: string[] = [];
  for (const [operator, fields] of update) {
    const make = changeMakers.get(operator);
    if (make === undefined && operator !== '$rename') {
      throw mongoError(
        'FailedToParse',
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDoc(fields)) {
      throw mongoError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(fields)}}`,
      );
    }
    for (const [path, argument] of fields) {
      paths.push(path);
      if (make !== undefined) {
        addChange(tree, path, make(argument, path, options));
        continue;
      }
      const moved = rename(path, argument);
      addChange(tree, moved.path, moved.to);
      addChange(tree, path, moved.from);
    }
  }
  const filters = compileArrayFilters(options.arrayFilters ?? [], paths, update, options);
  const ordered = orderTree(tree);
  const now = options.now ?? new Date();
  return (doc, inserting) =>
    applyTree(ordered, doc, { doc, matchedIndex: () => filter.matchedIndex(doc), inserting, now }, filters);
}
