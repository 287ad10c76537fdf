// Commands of orders.
import { Type } from 'typebox';
import { v5 as uuidV5 } from 'uuid';
import { commandData, OrderId, PlaceOrderBody } from '../command-schemas.ts';
import { CommandHeaders } from '../headers.ts';
import { commandResponses, type AddRoutes } from './command-route.ts';

/** Namespace of order ids: an order placed without one gets the same id however often the command is repeated. */
const orderNamespace = '0f0a3b1e-58a4-4d3c-8f9c-5f5b6a3b8c11';

const tags = ['orders'];
const params = Type.Object({ id: OrderId });
const common = { tags, headers: CommandHeaders, response: commandResponses };

export const addOrderRoutes: AddRoutes = (app, handle) => {
  app.post(
    '/v1/orders',
    { schema: { ...common, summary: 'Place an order', body: PlaceOrderBody } },
    (request, reply) => {
      const { orderId = uuidV5(request.headers['idempotency-key'], orderNamespace), ...data } = request.body;
      return handle('PlaceOrder', orderId.toLowerCase(), data, request.headers, reply);
    },
  );
  app.post(
    '/v1/orders/:id/pay',
    { schema: { ...common, summary: 'Pay the exact total', params, body: commandData.PayOrder } },
    (request, reply) =>
      handle('PayOrder', request.params.id.toLowerCase(), request.body, request.headers, reply),
  );
  app.post(
    '/v1/orders/:id/ship',
    { schema: { ...common, summary: 'Ship a paid order', params, body: commandData.ShipOrder } },
    (request, reply) =>
      handle('ShipOrder', request.params.id.toLowerCase(), request.body, request.headers, reply),
  );
  app.post(
    '/v1/orders/:id/deliver',
    { schema: { ...common, summary: 'Record the delivery', params, body: commandData.DeliverOrder } },
    (request, reply) =>
      handle('DeliverOrder', request.params.id.toLowerCase(), request.body, request.headers, reply),
  );
  app.post(
    '/v1/orders/:id/cancel',
    {
      schema: {
        ...common,
        summary: 'Cancel an order that is not shipped',
        params,
        body: commandData.CancelOrder,
      },
    },
    (request, reply) =>
      handle('CancelOrder', request.params.id.toLowerCase(), request.body, request.headers, reply),
  );
};
