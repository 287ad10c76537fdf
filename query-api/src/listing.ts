// What every list has in common: `limit`, `cursor`, `sort`, and the answer `{items, nextCursor}`, read by keyset on an index.
import type { Collection, Document, Filter, WithId } from 'mongodb';
import { Type, type Static, type TProperties, type TSchema } from 'typebox';
import { problem } from '@comptoir/service';
import { after, formatCursor, parseCursor, sortOrder, type Match, type SortKey } from './cursor.ts';

/** The longest a read may take in MongoDB, ms. */
export const maxTimeMS = 10_000;

/** Parameters of every view: wait until it has seen a command's effect. */
export const consistencyParameters = {
  after: Type.Optional(
    Type.String({
      maxLength: 16_384,
      description:
        'Consistency token of a command: wait until the view has reached it. See the header Consistency.',
    }),
  ),
  wait: Type.Integer({
    minimum: 0,
    maximum: 30_000,
    default: 2_000,
    description: 'How long to wait for it, ms.',
  }),
};

type SortNames = readonly [string, ...string[]];

/** Query string of a list; `sorts` are the orders it can be had in, the first is the default. */
export const listQuery = <const S extends SortNames, P extends TProperties>(sorts: S, filters: P) =>
  Type.Object(
    {
      limit: Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Items of a page.' }),
      cursor: Type.Optional(
        Type.String({ maxLength: 1_000, description: '`nextCursor` of the page before.' }),
      ),
      sort: Type.Unsafe<S[number]>({
        type: 'string',
        enum: sorts,
        default: sorts[0],
        description: 'Order; a leading hyphen means descending.',
      }),
      ...consistencyParameters,
      ...filters,
    },
    { additionalProperties: false },
  );

/** Query string of one item. */
export const itemQuery = Type.Object(consistencyParameters, { additionalProperties: false });

/** A list in an answer. */
export const listOf = <T extends TSchema>(items: T) =>
  Type.Unsafe<readonly Static<T>[]>({ type: 'array', items });

/** Answer of a list. */
export const page = <T extends TSchema>(item: T) =>
  Type.Object({
    items: listOf(item),
    nextCursor: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Ask with this as `cursor` for the next page; null on the last one.',
    }),
  });

/** A choice of texts. */
export const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: values, description });

/** A day or an instant, in a query string. */
export const moment = (description: string) =>
  Type.Unsafe<string>({ type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }], description });

/** An instant in an answer: a date in the view, an ISO 8601 text in UTC over HTTP. */
export const Instant = Type.Unsafe<Date>({ type: 'string', format: 'date-time' });

/**
 * The instant that a parameter names.
 *
 * @throws ProblemError 400 for one that no date can hold: RFC 3339 has leap seconds
 */
export function instantOf(parameter: string, text: string): Date {
  const instant = new Date(text);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw problem({
    status: 400,
    code: 'validation-failed',
    detail: `The request is not valid: /${parameter} is an instant that this service cannot look for.`,
    errors: [
      { pointer: `/${parameter}`, detail: 'is no instant of the calendar without leap seconds', in: 'query' },
    ],
  });
}

/** Filter of a half-open range of instants: `from` included, `to` not. */
export function between(field: string, from: string | undefined, to: string | undefined): Match[] {
  if (from === undefined && to === undefined) return [];
  return [
    {
      [field]: {
        ...(from === undefined ? {} : { $gte: instantOf('from', from) }),
        ...(to === undefined ? {} : { $lt: instantOf('to', to) }),
      },
    },
  ];
}

/** Filter of documents whose field holds just this, when it is asked for. */
export const equal = (field: string, value: string | boolean | undefined): Match[] =>
  value === undefined ? [] : [{ [field]: value }];

/** Filter of documents in whose `text` a text occurs, in upper or lower case, when it is asked for. */
export const containing = (q: string | undefined): Match[] =>
  q === undefined ? [] : [{ text: { $regex: escapeRegex(q.toLowerCase()) } }];

/** Text as a pattern that matches just that text. */
const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

/** Several filters as one. */
export function allOf(filters: readonly Match[]): Match {
  const [only, ...others] = filters;
  if (only === undefined) return {};
  return others.length === 0 ? only : { $and: [...filters] };
}

/** Names of list parameters that {@link readPage} understands. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly sort: string;
}

/**
 * Reads one page.
 *
 * @param options.keyField - the document's field behind a sort name, when it is not the name itself (`sku` is `_id`)
 * @throws ProblemError 400 for a cursor that does not belong here
 */
export async function readPage<D extends Document & { readonly _id: string }>(
  collection: Collection<D>,
  query: PageQuery,
  filters: readonly Match[],
  keyField: (name: string) => string = (name) => name,
): Promise<{ items: WithId<D>[]; nextCursor: string | null }> {
  const named = sortOrder(query.sort);
  const order = { ...named, field: keyField(named.field) };
  const start = query.cursor === undefined ? [] : [after(order, parseCursor(query.cursor, order))];
  const filter = allOf([...filters, ...start]);
  const found = await collection
    // The driver's type would check the filter against D, which is open here; the route's schema has checked its values.
    .find(filter as Filter<D>, { maxTimeMS })
    .sort(
      order.field === '_id'
        ? { _id: order.direction }
        : { [order.field]: order.direction, _id: order.direction },
    )
    .limit(query.limit + 1)
    .toArray();
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  if (found.length <= query.limit || last === undefined) return { items, nextCursor: null };
  return { items, nextCursor: formatCursor(order, { key: sortKey(last, order.field), id: last._id }) };
}

function sortKey(document: Document, field: string): SortKey {
  const value: unknown = document[field];
  if (typeof value === 'string' || typeof value === 'number' || value instanceof Date) return value;
  throw new Error(`document ${String(document._id)} has no ${field} to be sorted by`);
}
