// The messages in French. A no-break space stands before : ; ! ? as French typography asks for.
import type { OrderRejected } from '@comptoir/schemas';
import { formats } from './language.ts';
import { letter, list, orderedQuantity, quotedPrice, shortId } from './letter.ts';
import type { Texts } from './texts.ts';

const { money, instant, count, number } = formats.fr;
const pieces = (quantity: number): string => count(quantity, 'pièce', 'pièces');
const greeting = (name: string): string => `Bonjour ${name},`;
const farewell = 'Comptoir';

function rejection({ reason, sku, lines, currency, available, currentUnitPrice }: OrderRejected): string {
  switch (reason) {
    case 'INSUFFICIENT_STOCK': {
      const ordered = pieces(orderedQuantity(lines, sku));
      if (available === null || available <= 0)
        return `Vous avez commandé ${ordered} de ${sku}, et il n’en reste plus en stock.`;
      return `Vous avez commandé ${ordered} de ${sku}, mais il n’en reste que ${number(available)}.`;
    }
    case 'UNKNOWN_ITEM':
      return `Il n’y a pas d’article ${sku} dans notre assortiment.`;
    case 'PRICE_CHANGED': {
      const quoted = quotedPrice(lines, sku);
      const then =
        quoted === undefined ? '' : ` Il était de ${money(quoted, currency)} lors de votre commande.`;
      const now =
        currentUnitPrice === null ? 'a changé' : `est maintenant de ${money(currentUnitPrice, currency)}`;
      return `Le prix de ${sku} ${now}.${then} Vous pouvez commander de nouveau au nouveau prix.`;
    }
    case 'CURRENCY_MISMATCH':
      return `${sku} n’est pas vendu en ${currency}.`;
  }
}

function canceller(by: string): string {
  if (by === 'customer') return 'à votre demande';
  if (by === 'timer') return 'parce qu’elle n’a pas été payée à temps';
  return 'par la boutique';
}

export const texts: Texts = {
  confirmed: ({ orderId, customer, currency, lines, total, confirmedAt }) => ({
    subject: `Votre commande ${shortId(orderId)} est confirmée`,
    text: letter(
      greeting(customer.name),
      `votre commande ${orderId} a été confirmée le ${instant(confirmedAt)}. Tout est mis de côté pour vous\u00a0:`,
      list(lines, ({ sku, quantity, unitPrice }) => {
        const price = money(unitPrice, currency);
        return `${pieces(quantity)} de ${sku} à ${price}\u00a0: ${money(quantity * unitPrice, currency)}`;
      }),
      `Total\u00a0: ${money(total, currency)}. Nous expédions dès que la commande est payée.`,
      farewell,
    ),
  }),

  rejected: (order) => ({
    subject: `Nous ne pouvons pas accepter votre commande ${shortId(order.orderId)}`,
    text: letter(
      greeting(order.customer.name),
      `nous sommes désolés\u00a0: nous ne pouvons pas accepter votre commande ${order.orderId} de ${money(order.total, order.currency)}.`,
      rejection(order),
      'Rien n’est mis de côté et rien n’est débité.',
      farewell,
    ),
  }),

  shipped: ({ orderId, customer, lines, carrier, trackingNumber, shippedAt }) => ({
    subject: `Votre commande ${shortId(orderId)} est en route`,
    text: letter(
      greeting(customer.name),
      `votre commande ${orderId} a quitté notre maison le ${instant(shippedAt)}\u00a0:`,
      list(lines, ({ sku, quantity }) => `${pieces(quantity)} de ${sku}`),
      `Transporteur\u00a0: ${carrier}\nNuméro de suivi\u00a0: ${trackingNumber}`,
      farewell,
    ),
  }),

  cancelled: ({ orderId, customer, currency, total, cancelledBy, reason, refund }) => ({
    subject: `Votre commande ${shortId(orderId)} est annulée`,
    text: letter(
      greeting(customer.name),
      `votre commande ${orderId} de ${money(total, currency)} a été annulée ${canceller(cancelledBy)}.`,
      reason.trim() === '' ? undefined : `Motif\u00a0: ${reason}`,
      refund > 0
        ? `Les ${money(refund, currency)} que vous avez payés vous seront remboursés.`
        : 'Rien n’a été débité.',
      farewell,
    ),
  }),

  lowStock: ({ sku, name, available, lowStockThreshold, reachedAt }) => ({
    subject: `Stock bas\u00a0: ${sku}`,
    text: letter(
      `Il reste ${pieces(available)} de ${name} (${sku}) à vendre.`,
      `Le seuil de ${pieces(lowStockThreshold)} a été atteint le ${instant(reachedAt)}.`,
      farewell,
    ),
  }),
};
