// The view `orders`: one document per order, with its lines and where each stands.
// When an order ends before it ships, its lines are released, except those that were refused: nothing was held for them.
import type { RecordedEvent } from '@comptoir/event-log';
import type { OrderLineView, OrderView } from '@comptoir/views';
import { projection } from '../projection.ts';
import { continued } from './aggregate-version.ts';

const mapLine = (
  order: OrderView,
  sku: string,
  change: (line: OrderLineView) => OrderLineView,
): OrderLineView[] => order.lines.map((line) => (line.sku === sku ? change(line) : line));

const released = (order: OrderView): OrderLineView[] =>
  order.lines.map((line) => (line.status === 'refused' ? line : { ...line, status: 'released' }));

/** The order after an event: what changed, when, and the event's version. */
function next(
  order: OrderView | null,
  event: RecordedEvent,
  at: number,
  change: (order: OrderView, at: Date) => Partial<OrderView>,
): OrderView {
  const known = continued(order, event);
  const updatedAt = new Date(at);
  return { ...known, ...change(known, updatedAt), updatedAt, version: event.version };
}

export const orders = projection<'orders', OrderView | null>({
  name: 'orders',
  version: 1,
  topics: ['orders'],
  key: (event) => event.key,
  initial: () => null,
  on: {
    OrderPlaced: (order, { data, version, correlationId }) => {
      if (order !== null) throw new Error(`order ${data.orderId} was placed before`);
      const { orderId, customer, currency, lines, total } = data;
      const placedAt = new Date(data.placedAt);
      return {
        orderId,
        status: 'placed',
        customer,
        lines: lines.map((line) => ({ ...line, status: 'pending' })),
        total,
        currency,
        placedAt,
        updatedAt: placedAt,
        version,
        correlationId,
        text: [orderId, customer.id, customer.name, customer.email, ...lines.map(({ sku }) => sku)]
          .join(' ')
          .toLowerCase(),
      };
    },
    OrderLineReserved: (order, event) =>
      next(order, event, event.data.reservedAt, (known) => ({
        lines: mapLine(known, event.data.sku, (line) => ({ ...line, status: 'reserved' })),
      })),
    OrderLineRefused: (order, event) => {
      const { sku, reason, available, currentUnitPrice, refusedAt } = event.data;
      const refusal = { reason, available, currentUnitPrice };
      return next(order, event, refusedAt, (known) => ({
        lines: mapLine(known, sku, (line) => ({ ...line, status: 'refused', refusal })),
      }));
    },
    OrderConfirmed: (order, event) =>
      next(order, event, event.data.confirmedAt, (_known, confirmedAt) => ({
        status: 'awaiting-payment',
        confirmedAt,
      })),
    OrderRejected: (order, event) => {
      const { sku, reason, available, currentUnitPrice } = event.data;
      return next(order, event, event.data.rejectedAt, (known, rejectedAt) => ({
        status: 'rejected',
        rejectedAt,
        rejection: { sku, reason, available, currentUnitPrice },
        lines: released(known),
      }));
    },
    OrderPaid: (order, event) => {
      const { amount, method } = event.data;
      return next(order, event, event.data.paidAt, (_known, paidAt) => ({
        status: 'paid',
        paidAt,
        payment: { amount, method },
      }));
    },
    OrderShipped: (order, event) => {
      const { carrier, trackingNumber } = event.data;
      return next(order, event, event.data.shippedAt, (known, shippedAt) => ({
        status: 'shipped',
        shippedAt,
        shipment: { carrier, trackingNumber },
        lines: known.lines.map((line) => ({ ...line, status: 'shipped' })),
      }));
    },
    OrderDelivered: (order, event) =>
      next(order, event, event.data.deliveredAt, (_known, deliveredAt) => ({
        status: 'delivered',
        deliveredAt,
      })),
    OrderCancelled: (order, event) => {
      const { cancelledBy: by, reason, refund } = event.data;
      return next(order, event, event.data.cancelledAt, (known, cancelledAt) => ({
        status: 'cancelled',
        cancelledAt,
        cancellation: { by, reason, refund },
        lines: released(known),
      }));
    },
  },
  indexes: [
    { name: 'placed', key: { placedAt: -1, _id: -1 } },
    { name: 'status', key: { status: 1, placedAt: -1, _id: -1 } },
    { name: 'customer', key: { 'customer.id': 1, placedAt: -1, _id: -1 } },
    { name: 'sku', key: { 'lines.sku': 1, placedAt: -1, _id: -1 } },
  ],
});
