// The view `sales`: what each sku sold per day and currency. A sale is a payment, a refund is the cancellation of a paid order;
// each counts on its own day in UTC, so a figure of a day that is over changes no more.
// Orders of many partitions meet in one document: partitions take turns, which saves conflicts.
import type { Line } from '@comptoir/schemas';
import type { SalesView } from '@comptoir/views';
import { projection } from '../projection.ts';

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const documentIds = (at: number, currency: string, lines: readonly Line[]): string[] =>
  lines.map(({ sku }) => `${dayOf(at)}/${currency}/${sku}`);

/** Pieces and price of the lines that a document is about. */
function sumOf(lines: readonly Line[], { sku }: SalesView): { quantity: number; price: number } {
  const ours = lines.filter((line) => line.sku === sku);
  return {
    quantity: ours.reduce((sum, { quantity }) => sum + quantity, 0),
    price: ours.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
  };
}

export const sales = projection<'sales', SalesView>({
  name: 'sales',
  version: 1,
  topics: ['orders'],
  key: (event) => {
    if (event.type === 'OrderPaid') {
      return documentIds(event.data.paidAt, event.data.currency, event.data.lines);
    }
    if (event.type === 'OrderCancelled' && event.data.refund > 0) {
      return documentIds(event.data.cancelledAt, event.data.currency, event.data.lines);
    }
    return null;
  },
  initial: (id) => {
    const [day = '', currency = ''] = id.split('/', 2);
    const sku = id.slice(day.length + currency.length + 2);
    return { day, sku, currency, orders: 0, quantity: 0, revenue: 0, refundedQuantity: 0, refunds: 0 };
  },
  on: {
    OrderPaid: (sold, { data }) => {
      const { quantity, price } = sumOf(data.lines, sold);
      return {
        ...sold,
        orders: sold.orders + 1,
        quantity: sold.quantity + quantity,
        revenue: sold.revenue + price,
      };
    },
    OrderCancelled: (sold, { data }) => {
      const { quantity, price } = sumOf(data.lines, sold);
      return {
        ...sold,
        refundedQuantity: sold.refundedQuantity + quantity,
        refunds: sold.refunds + price,
      };
    },
  },
  indexes: [
    { name: 'day', key: { day: -1, _id: -1 } },
    // The id begins with the day.
    { name: 'sku-id', key: { sku: 1, _id: 1 } },
  ],
  concurrency: 1,
});
