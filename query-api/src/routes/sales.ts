// Sales: what was sold and paid back, per day, sku and currency, or summed by day or by sku. Days are days in UTC.
import { problemResponses, type Http } from '@comptoir/service';
import type { SalesView, Stored } from '@comptoir/views';
import type { Collection } from 'mongodb';
import { Type } from 'typebox';
import { formatCursor, parseCursor, sortOrder, type Match, type PageEnd, type SortOrder } from '../cursor.ts';
import { allOf, listQuery, maxTimeMS, oneOf, page, readPage, type PageQuery } from '../listing.ts';
import type { ViewAccess } from '../view-access.ts';

const Sales = Type.Object(
  {
    day: Type.Optional(Type.String({ format: 'date', description: 'Absent when summed by sku.' })),
    sku: Type.Optional(Type.String({ description: 'Absent when summed by day.' })),
    currency: Type.String({ description: 'ISO 4217. Amounts of different currencies are never summed.' }),
    orders: Type.Optional(
      Type.Integer({
        description: 'Paid orders with this sku. Absent when summed by day: an order has several skus.',
      }),
    ),
    quantity: Type.Integer({ description: 'Pieces sold.' }),
    revenue: Type.Integer({ description: 'Minor units.' }),
    refundedQuantity: Type.Integer({ description: 'Pieces of orders paid back.' }),
    refunds: Type.Integer({ description: 'Paid back, minor units.' }),
  },
  { description: 'Sales of a day, of a sku, or of a sku on a day, in one currency.' },
);

const day = (description: string) => Type.Optional(Type.String({ format: 'date', description }));

const query = listQuery(['-day', 'day', 'sku', '-sku'], {
  from: day('First day.'),
  to: day('Last day.'),
  by: Type.Optional(oneOf(['day', 'sku'] as const, 'Sum over the skus of a day, or over the days of a sku.')),
});

type Figures = Pick<SalesView, 'orders' | 'quantity' | 'revenue' | 'refundedQuantity' | 'refunds'>;
type Sum = Figures & { readonly currency: string; readonly day?: string; readonly sku?: string };

/** What comes after a sum, among sums ordered by `field` and currency in one direction. */
const afterSum = (field: string, { direction }: SortOrder, { key, id: currency }: PageEnd): Match => {
  const beyond = direction === 1 ? '$gt' : '$lt';
  return { $or: [{ [field]: { [beyond]: key } }, { [field]: key, currency: { [beyond]: currency } }] };
};

const sum = (field: keyof Figures) => ({ $sum: `$${field}` });

/** Sums of days or skus, each in one currency. */
async function sums(
  collection: Collection<Stored<SalesView>>,
  by: 'day' | 'sku',
  { limit, cursor, sort }: PageQuery,
  filters: readonly Match[],
): Promise<{ items: Sum[]; nextCursor: string | null }> {
  // Sums have one key, so of the order asked for only the direction counts.
  const order = sortOrder(sort.startsWith('-') ? `-${by}` : by);
  const start = cursor === undefined ? [] : [afterSum(by, order, parseCursor(cursor, order))];
  const stages = [
    { $match: allOf([...filters, ...start]) },
    {
      $group: {
        _id: { [by]: `$${by}`, currency: '$currency' },
        orders: sum('orders'),
        quantity: sum('quantity'),
        revenue: sum('revenue'),
        refundedQuantity: sum('refundedQuantity'),
        refunds: sum('refunds'),
      },
    },
    { $sort: { [`_id.${by}`]: order.direction, '_id.currency': order.direction } },
    { $limit: limit + 1 },
  ];
  const found = await collection
    .aggregate<Figures & { _id: Pick<Sum, 'day' | 'sku' | 'currency'> }>(stages, { maxTimeMS })
    .toArray();
  const items = found.slice(0, limit).map(({ _id, ...figures }) => ({ ..._id, ...figures }));
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items, nextCursor: null };
  return { items, nextCursor: formatCursor(order, { key: last[by] ?? '', id: last.currency }) };
}

const withoutOrders = ({ orders: _ignored, ...rest }: Sum): Omit<Sum, 'orders'> => rest;

/** Adds the route of sales. */
export function addSalesRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/sales',
    {
      schema: {
        summary: 'Sales',
        tags: ['sales'],
        querystring: query,
        response: { 200: page(Sales), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { from, to, by } = request.query;
      await views.reach('sales', request.query, reply);
      const { collection } = await views.live('sales');
      const days = {
        ...(from === undefined ? {} : { $gte: from }),
        ...(to === undefined ? {} : { $lte: to }),
      };
      const filters = from === undefined && to === undefined ? [] : [{ day: days }];
      if (by === undefined) return readPage(collection, request.query, filters);
      const { items, nextCursor } = await sums(collection, by, request.query, filters);
      return { items: by === 'day' ? items.map(withoutOrders) : items, nextCursor };
    },
  );
}
