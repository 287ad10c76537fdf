// The messages in English.
import type { OrderRejected } from '@comptoir/schemas';
import { formats } from './language.ts';
import { letter, list, orderedQuantity, quotedPrice, shortId } from './letter.ts';
import type { Texts } from './texts.ts';

const { money, instant, count } = formats.en;
const pieces = (quantity: number): string => count(quantity, 'piece', 'pieces');
const greeting = (name: string): string => `Hello ${name},`;
const farewell = 'Comptoir';

function rejection({ reason, sku, lines, currency, available, currentUnitPrice }: OrderRejected): string {
  switch (reason) {
    case 'INSUFFICIENT_STOCK': {
      const ordered = pieces(orderedQuantity(lines, sku));
      if (available === null || available <= 0)
        return `You ordered ${ordered} of ${sku}, and none is left in stock.`;
      return `You ordered ${ordered} of ${sku}, but only ${pieces(available)} can be had at the moment.`;
    }
    case 'UNKNOWN_ITEM':
      return `There is no item ${sku} in our assortment.`;
    case 'PRICE_CHANGED': {
      const quoted = quotedPrice(lines, sku);
      const then = quoted === undefined ? '' : ` It was ${money(quoted, currency)} when you ordered.`;
      const now = currentUnitPrice === null ? 'has changed' : `is now ${money(currentUnitPrice, currency)}`;
      return `The price of ${sku} ${now}.${then} You are welcome to order again at the new price.`;
    }
    case 'CURRENCY_MISMATCH':
      return `${sku} is not sold in ${currency}.`;
  }
}

function canceller(by: string): string {
  if (by === 'customer') return 'as you asked';
  if (by === 'timer') return 'because it was not paid in time';
  return 'by the shop';
}

export const texts: Texts = {
  confirmed: ({ orderId, customer, currency, lines, total, confirmedAt }) => ({
    subject: `Your order ${shortId(orderId)} is confirmed`,
    text: letter(
      greeting(customer.name),
      `your order ${orderId} was confirmed on ${instant(confirmedAt)}. Everything in it is set aside for you:`,
      list(lines, ({ sku, quantity, unitPrice }) => {
        const price = money(unitPrice, currency);
        return `${pieces(quantity)} of ${sku} at ${price}: ${money(quantity * unitPrice, currency)}`;
      }),
      `Total: ${money(total, currency)}. We ship as soon as it is paid.`,
      farewell,
    ),
  }),

  rejected: (order) => ({
    subject: `We cannot take your order ${shortId(order.orderId)}`,
    text: letter(
      greeting(order.customer.name),
      `we are sorry: we cannot take your order ${order.orderId} over ${money(order.total, order.currency)}.`,
      rejection(order),
      'Nothing of it is set aside and nothing is charged.',
      farewell,
    ),
  }),

  shipped: ({ orderId, customer, lines, carrier, trackingNumber, shippedAt }) => ({
    subject: `Your order ${shortId(orderId)} is on its way`,
    text: letter(
      greeting(customer.name),
      `your order ${orderId} left our house on ${instant(shippedAt)}:`,
      list(lines, ({ sku, quantity }) => `${pieces(quantity)} of ${sku}`),
      `Carrier: ${carrier}\nTracking number: ${trackingNumber}`,
      farewell,
    ),
  }),

  cancelled: ({ orderId, customer, currency, total, cancelledBy, reason, refund }) => ({
    subject: `Your order ${shortId(orderId)} is cancelled`,
    text: letter(
      greeting(customer.name),
      `your order ${orderId} over ${money(total, currency)} was cancelled ${canceller(cancelledBy)}.`,
      reason.trim() === '' ? undefined : `Reason: ${reason}`,
      refund > 0 ? `You will get back the ${money(refund, currency)} that you paid.` : 'Nothing was charged.',
      farewell,
    ),
  }),

  lowStock: ({ sku, name, available, lowStockThreshold, reachedAt }) => ({
    subject: `Low stock: ${sku}`,
    text: letter(
      `${pieces(available)} of ${name} (${sku}) can still be sold.`,
      `The threshold of ${pieces(lowStockThreshold)} was reached on ${instant(reachedAt)}.`,
      farewell,
    ),
  }),
};
