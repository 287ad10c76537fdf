// What the orders view must hold, written down a second time and in another way than the projection: a plain walk over the
// events of the log. The two are compared document by document.
import type { PlainEvent } from './plain-log.ts';

type Document = Record<string, unknown>;
interface FoldedLine {
  sku: string;
  quantity: number;
  unitPrice: number;
  status: string;
  refusal?: unknown;
}

const statuses: Readonly<Record<string, readonly [status: string, instant: string, field: string]>> = {
  OrderConfirmed: ['awaiting-payment', 'confirmedAt', 'confirmedAt'],
  OrderRejected: ['rejected', 'rejectedAt', 'rejectedAt'],
  OrderPaid: ['paid', 'paidAt', 'paidAt'],
  OrderShipped: ['shipped', 'shippedAt', 'shippedAt'],
  OrderDelivered: ['delivered', 'deliveredAt', 'deliveredAt'],
  OrderCancelled: ['cancelled', 'cancelledAt', 'cancelledAt'],
};

/** The one instant that an event of the topic orders carries. */
function instantOf({ type, data }: PlainEvent): Date {
  const instants = Object.keys(data).filter((field) => /^[a-z]+At$/.test(field));
  const [field] = instants;
  if (field === undefined || instants.length > 1)
    throw new Error(`${type} has ${String(instants.length)} instants`);
  return new Date(Number(data[field]));
}

/** The orders view, by order id, without the bookkeeping of the engine. */
export function foldOrders(events: readonly PlainEvent[]): Map<string, Document> {
  const orders = new Map<string, Document>();
  for (const event of events.filter(({ topic }) => topic === 'orders')) {
    const { type, key, data, headers, sequence } = event;
    const order = orders.get(key) ?? {};
    orders.set(key, order);
    order.version = sequence;
    order.updatedAt = instantOf(event);
    const lines = (order.lines ?? []) as FoldedLine[];
    const setLines = (status: string, from: readonly string[], sku?: unknown): void => {
      for (const line of lines)
        if (from.includes(line.status) && (sku === undefined || sku === line.sku)) line.status = status;
    };
    const step = statuses[type];
    if (step !== undefined) {
      order.status = step[0];
      order[step[2]] = new Date(Number(data[step[1]]));
    }
    const { reason, available, currentUnitPrice, sku } = data;
    switch (type) {
      case 'OrderPlaced':
        Object.assign(order, {
          orderId: key,
          status: 'placed',
          customer: data.customer,
          currency: data.currency,
          total: data.total,
          placedAt: new Date(Number(data.placedAt)),
          correlationId: headers.ce_correlationid,
          lines: (data.lines as FoldedLine[]).map((line) => ({ ...line, status: 'pending' })),
        });
        break;
      case 'OrderLineReserved':
        setLines('reserved', ['pending'], sku);
        break;
      case 'OrderLineRefused':
        for (const line of lines) {
          if (line.sku !== sku) continue;
          line.status = 'refused';
          line.refusal = { reason, available, currentUnitPrice };
        }
        break;
      case 'OrderRejected':
        order.rejection = { sku, reason, available, currentUnitPrice };
        setLines('released', ['pending', 'reserved']);
        break;
      case 'OrderPaid':
        order.payment = { amount: data.amount, method: data.method };
        break;
      case 'OrderShipped':
        order.shipment = { carrier: data.carrier, trackingNumber: data.trackingNumber };
        setLines('shipped', ['reserved']);
        break;
      case 'OrderCancelled':
        order.cancellation = { by: data.cancelledBy, reason, refund: data.refund };
        setLines('released', ['pending', 'reserved']);
        break;
    }
  }
  return orders;
}
