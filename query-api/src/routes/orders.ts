// Orders as the orders view has them.
import { problem, problemResponses, type Http } from '@comptoir/service';
import { orderStatuses } from '@comptoir/views';
import { Type } from 'typebox';
import {
  Instant,
  between,
  containing,
  equal,
  itemQuery,
  listOf,
  listQuery,
  maxTimeMS,
  moment,
  oneOf,
  page,
  readPage,
} from '../listing.ts';
import type { ViewAccess } from '../view-access.ts';

const nullableInteger = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description });

const refusal = {
  reason: Type.String({
    description: 'INSUFFICIENT_STOCK, UNKNOWN_ITEM, PRICE_CHANGED or CURRENCY_MISMATCH.',
  }),
  available: nullableInteger('Pieces available at that moment; null when the item is unknown.'),
  currentUnitPrice: nullableInteger('Price at that moment in minor units; null when the item is unknown.'),
};

const Order = Type.Object(
  {
    orderId: Type.String(),
    status: oneOf(orderStatuses, 'Where the order stands.'),
    customer: Type.Object({
      id: Type.String(),
      name: Type.String(),
      email: Type.String(),
      language: Type.String({ description: 'en or fr.' }),
    }),
    lines: listOf(
      Type.Object({
        sku: Type.String(),
        quantity: Type.Integer(),
        unitPrice: Type.Integer({ description: 'As quoted, minor units.' }),
        status: Type.String({ description: 'pending, reserved, refused, released or shipped.' }),
        refusal: Type.Optional(Type.Object(refusal)),
      }),
    ),
    total: Type.Integer({ description: 'Minor units.' }),
    currency: Type.String({ description: 'ISO 4217.' }),
    placedAt: Instant,
    updatedAt: Instant,
    confirmedAt: Type.Optional(Instant),
    rejectedAt: Type.Optional(Instant),
    paidAt: Type.Optional(Instant),
    shippedAt: Type.Optional(Instant),
    deliveredAt: Type.Optional(Instant),
    cancelledAt: Type.Optional(Instant),
    payment: Type.Optional(Type.Object({ amount: Type.Integer(), method: Type.String() })),
    shipment: Type.Optional(Type.Object({ carrier: Type.String(), trackingNumber: Type.String() })),
    rejection: Type.Optional(Type.Object({ sku: Type.String(), ...refusal })),
    cancellation: Type.Optional(
      Type.Object({
        by: Type.String({ description: 'customer, shop or timer.' }),
        reason: Type.String(),
        refund: Type.Integer({ description: 'Minor units; 0 unless the order was paid.' }),
      }),
    ),
    version: Type.Integer({ description: 'Version of the aggregate.' }),
    correlationId: Type.String(),
  },
  { description: 'An order.' },
);

const query = listQuery(['-placedAt', 'placedAt'], {
  status: Type.Optional(oneOf(orderStatuses, 'Only orders of this status.')),
  customerId: Type.Optional(Type.String({ maxLength: 100 })),
  sku: Type.Optional(Type.String({ maxLength: 100, description: 'Only orders with a line of this sku.' })),
  from: Type.Optional(moment('Placed at or after.')),
  to: Type.Optional(moment('Placed before.')),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Part of the order id, a sku, or the customer’s id, name or address.',
    }),
  ),
});

/** Adds the routes of orders. */
export function addOrderRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/orders',
    {
      schema: {
        summary: 'Orders',
        tags: ['orders'],
        querystring: query,
        response: { 200: page(Order), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { status, customerId, sku, from, to, q } = request.query;
      await views.reach('orders', request.query, reply);
      const { collection } = await views.live('orders');
      const filters = [
        ...equal('status', status),
        ...equal('customer.id', customerId),
        ...equal('lines.sku', sku),
        ...between('placedAt', from, to),
        ...containing(q),
      ];
      return readPage(collection, request.query, filters);
    },
  );

  app.get(
    '/v1/orders/:orderId',
    {
      schema: {
        summary: 'One order',
        tags: ['orders'],
        params: Type.Object({ orderId: Type.String() }),
        querystring: itemQuery,
        response: { 200: Order, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { orderId } = request.params;
      await views.reach('orders', request.query, reply);
      const { collection } = await views.live('orders');
      const order = await collection.findOne({ _id: orderId }, { maxTimeMS });
      if (order !== null) return order;
      throw problem({ status: 404, code: 'order-not-found', detail: `There is no order ${orderId}.` });
    },
  );
}
