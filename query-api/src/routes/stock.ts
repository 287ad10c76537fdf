// Stock items as the stock view has them.
import { problem, problemResponses, type Http } from '@comptoir/service';
import { Type } from 'typebox';
import { Instant, containing, equal, itemQuery, listQuery, maxTimeMS, page, readPage } from '../listing.ts';
import type { ViewAccess } from '../view-access.ts';

const StockItem = Type.Object(
  {
    sku: Type.String(),
    name: Type.String(),
    unitPrice: Type.Integer({ description: 'Minor units.' }),
    currency: Type.String({ description: 'ISO 4217.' }),
    onHand: Type.Integer(),
    reserved: Type.Integer({ description: 'Held for orders that are not shipped yet.' }),
    available: Type.Integer({ description: 'onHand less reserved.' }),
    lowStockThreshold: Type.Integer(),
    low: Type.Boolean({ description: 'Whether no more is available than the threshold.' }),
    version: Type.Integer({ description: 'Version of the aggregate.' }),
    registeredAt: Instant,
    updatedAt: Instant,
  },
  { description: 'A stock item.' },
);

const query = listQuery(['sku', '-sku', 'name', '-name'], {
  low: Type.Optional(Type.Boolean({ description: 'Only items that are low, or only those that are not.' })),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Part of the sku or the name.' }),
  ),
});

/** Adds the routes of stock items. */
export function addStockRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/stock',
    {
      schema: {
        summary: 'Stock items',
        tags: ['stock'],
        querystring: query,
        response: { 200: page(StockItem), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { low, q } = request.query;
      await views.reach('stock', request.query, reply);
      const { collection } = await views.live('stock');
      const filters = [...equal('low', low), ...containing(q)];
      return readPage(collection, request.query, filters, (name) => (name === 'sku' ? '_id' : name));
    },
  );

  app.get(
    '/v1/stock/:sku',
    {
      schema: {
        summary: 'One stock item',
        tags: ['stock'],
        params: Type.Object({ sku: Type.String() }),
        querystring: itemQuery,
        response: { 200: StockItem, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { sku } = request.params;
      await views.reach('stock', request.query, reply);
      const { collection } = await views.live('stock');
      const item = await collection.findOne({ _id: sku }, { maxTimeMS });
      if (item !== null) return item;
      throw problem({ status: 404, code: 'stock-item-not-found', detail: `There is no stock item ${sku}.` });
    },
  );
}
