// The commonest filter, one value of `_id`, needs no plan and no compiling.
import { equalValues } from '../documents/compare.ts';
import { BSONRegExp, BsonUndefined } from '../documents/value.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Filter } from '../query/filter.ts';

/** The `_id` that a filter asks for, when that is all it does; undefined for anything else. */
export function idOf(filter: Doc): Value | undefined {
  if (filter.size !== 1) return undefined;
  const id = filter.get('_id');
  if (id === undefined || id === null || typeof id !== 'object') return id ?? undefined;
  if (id instanceof Map || Array.isArray(id) || id instanceof BSONRegExp || id instanceof BsonUndefined)
    return undefined;
  return id;
}

const noBounds = { paths: new Map(), complete: false };

/** What compiling the filter for one `_id` gives, for those who find the document by its key: it bounds no index. */
export function idFilter(id: Value): Filter {
  return {
    matches: (doc) => {
      const value = doc.get('_id');
      return value !== undefined && equalValues(value, id);
    },
    matchedIndex: () => undefined,
    bounds: noBounds,
    always: false,
    equalities: [['_id', id]],
  };
}
