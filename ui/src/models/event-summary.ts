// One short line that says what an event says, beside its type: `2 lines · €23.40`, `3 × TEA-01`.
// Only figures and names, so that it reads the same in every language.

import type { JournalEvent } from '../services/contract.ts';
import { type EventData, linesOf, numberOf, textOf } from './event-data.ts';
import { formatMoney } from './money.ts';
import type { Tone } from './order.ts';

const join = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' · ');

const money = (data: EventData, field: string, locale: string): string | undefined => {
  const amount = numberOf(data, field);
  return amount === undefined ? undefined : formatMoney(amount, textOf(data, 'currency') ?? 'EUR', locale);
};

const piece = (data: EventData): string | undefined => {
  const quantity = numberOf(data, 'quantity');
  const sku = textOf(data, 'sku');
  return quantity === undefined || sku === undefined ? sku : `${String(quantity)} × ${sku}`;
};

const signed = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : value > 0 ? `+${String(value)}` : String(value).replace('-', '−');

const goods = (data: EventData): string =>
  linesOf(data)
    .map(({ sku, quantity }) => `${String(quantity)} × ${sku}`)
    .join(', ');

/** @param locale for money, e.g. `fr` */
export function summaryOf(event: Pick<JournalEvent, 'type' | 'data'>, locale: string): string {
  const { type, data } = event;
  switch (type) {
    case 'OrderPlaced':
    case 'OrderConfirmed':
      return join(goods(data), money(data, 'total', locale));
    case 'OrderRejected':
      return join(textOf(data, 'sku'), textOf(data, 'reason'));
    case 'OrderLineRefused':
    case 'ReservationRefused':
      return join(piece(data), textOf(data, 'reason'));
    case 'OrderPaid':
      return join(money(data, 'amount', locale), textOf(data, 'method'));
    case 'OrderShipped':
      return join(textOf(data, 'carrier'), textOf(data, 'trackingNumber'));
    case 'OrderCancelled':
      return join(textOf(data, 'cancelledBy'), textOf(data, 'reason'));
    case 'StockItemRegistered':
      return join(
        textOf(data, 'name'),
        String(numberOf(data, 'onHand') ?? ''),
        money(data, 'unitPrice', locale),
      );
    case 'StockAdjusted':
      return join(signed(numberOf(data, 'delta')), textOf(data, 'reason'), textOf(data, 'note'));
    case 'PriceChanged':
      return [money(data, 'previousUnitPrice', locale), money(data, 'unitPrice', locale)].join(' → ');
    case 'LowStockReached':
      return join(
        textOf(data, 'name'),
        `${String(numberOf(data, 'available') ?? '?')} ≤ ${String(numberOf(data, 'lowStockThreshold') ?? '?')}`,
      );
    case 'OrderDelivered':
      return '';
    default:
      return piece(data) ?? '';
  }
}

const toneByType: Readonly<Record<string, Tone>> = {
  OrderRejected: 'refused',
  OrderLineRefused: 'refused',
  ReservationRefused: 'refused',
  OrderCancelled: 'ended',
  ReservationReleased: 'ended',
  LowStockReached: 'waiting',
};

/** The meaning of an event for its sign in a list; most are plain facts. */
export const eventTone = (type: string): Tone | undefined => toneByType[type];
