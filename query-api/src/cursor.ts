// A cursor says where a page ended: the sort it belongs to, the sort key of the last item, and its id. It is opaque to
// callers (base64url of a small JSON array). The next page starts after (key, id) in the order of the index, so pages
// neither repeat nor skip an item when others are written in between (keyset pagination).
import { problem } from '@comptoir/service';

/** A filter of MongoDB. */
export type Match = Readonly<Record<string, unknown>>;

/** A sort key: what the sorted field holds. */
export type SortKey = string | number | Date;

/** An order of a list: by `field`, ties by `_id` in the same direction. */
export interface SortOrder {
  /** As callers write it: `-placedAt`. */
  readonly name: string;
  readonly field: string;
  readonly direction: 1 | -1;
}

/** Where a page ended. */
export interface PageEnd {
  readonly key: SortKey;
  readonly id: string;
}

/** The longest cursor that is looked at. */
const maxCursorLength = 1_000;

/** Reads `placedAt` or `-placedAt`. */
export const sortOrder = (name: string): SortOrder =>
  name.startsWith('-') ? { name, field: name.slice(1), direction: -1 } : { name, field: name, direction: 1 };

/** Writes a cursor. */
export function formatCursor(order: SortOrder, { key, id }: PageEnd): string {
  const parts = key instanceof Date ? [order.name, id, key.getTime(), 'date'] : [order.name, id, key];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

const invalid = (detail: string) =>
  problem({
    status: 400,
    code: 'invalid-cursor',
    detail,
    errors: [{ pointer: '/cursor', detail: 'is not a cursor of this list', in: 'query' }],
  });

function parts(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/**
 * Reads a cursor back.
 *
 * @throws ProblemError 400 when it is not one, or belongs to another sort
 */
export function parseCursor(text: string, order: SortOrder): PageEnd {
  const read = text.length > maxCursorLength ? undefined : parts(text);
  if (!Array.isArray(read)) throw invalid('The cursor is not one that this service gave.');
  const [name, id, key, type] = read as unknown[];
  if (name !== order.name)
    throw invalid('The cursor belongs to a list in another order: keep `sort` from page to page.');
  if (typeof id === 'string') {
    if (type === 'date' && typeof key === 'number' && Number.isSafeInteger(key))
      return { key: new Date(key), id };
    if (
      type === undefined &&
      (typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key)))
    ) {
      return { key, id };
    }
  }
  throw invalid('The cursor is not one that this service gave.');
}

/** The filter that leaves what comes after a page's end. Its first part bounds the index `{field, _id}`. */
export function after({ field, direction }: SortOrder, { key, id }: PageEnd): Match {
  const beyond = direction === 1 ? '$gt' : '$lt';
  if (field === '_id') return { _id: { [beyond]: id } };
  return {
    [field]: { [direction === 1 ? '$gte' : '$lte']: key },
    $or: [{ [field]: { [beyond]: key } }, { _id: { [beyond]: id } }],
  };
}
