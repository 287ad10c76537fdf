// Commands of stock items.
import { Type } from 'typebox';
import { commandData, RegisterStockItemBody, Sku } from '../command-schemas.ts';
import { CommandHeaders } from '../headers.ts';
import { commandResponses, type AddRoutes } from './command-route.ts';

const tags = ['stock'];
const params = Type.Object({ sku: Sku });
const common = { tags, headers: CommandHeaders, response: commandResponses };

export const addStockRoutes: AddRoutes = (app, handle) => {
  app.post(
    '/v1/stock',
    { schema: { ...common, summary: 'Register an item', body: RegisterStockItemBody } },
    (request, reply) => {
      const { sku, ...data } = request.body;
      return handle('RegisterStockItem', sku, data, request.headers, reply);
    },
  );
  app.post(
    '/v1/stock/:sku/adjust',
    {
      schema: {
        ...common,
        summary: 'Correct the figure on hand, by a difference or by a count',
        params,
        body: commandData.AdjustStock,
      },
    },
    (request, reply) => handle('AdjustStock', request.params.sku, request.body, request.headers, reply),
  );
  app.post(
    '/v1/stock/:sku/price',
    { schema: { ...common, summary: 'Change the price', params, body: commandData.ChangePrice } },
    (request, reply) => handle('ChangePrice', request.params.sku, request.body, request.headers, reply),
  );
};
