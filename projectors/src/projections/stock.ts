// The view `stock`: one document per registered stock item, with the pieces on hand, those held for orders, and what is left.
// A sku that was only asked for has events too (ReservationRefused, UNKNOWN_ITEM) but no document.
import type { RecordedEvent } from '@comptoir/event-log';
import type { StockView } from '@comptoir/views';
import { projection } from '../projection.ts';
import { continued } from './aggregate-version.ts';

type Figures = Pick<StockView, 'onHand' | 'reserved' | 'lowStockThreshold'>;

/** What follows from the figures. */
const derived = ({ onHand, reserved, lowStockThreshold }: Figures): Pick<StockView, 'available' | 'low'> => ({
  available: onHand - reserved,
  low: onHand - reserved <= lowStockThreshold,
});

/** The item after an event: what changed, when, and the event's version. */
function next(
  item: StockView | null,
  event: RecordedEvent,
  at: number,
  change: (item: StockView) => Partial<StockView>,
): StockView {
  const known = continued(item, event);
  const changed = { ...known, ...change(known), updatedAt: new Date(at), version: event.version };
  return { ...changed, ...derived(changed) };
}

export const stock = projection<'stock', StockView | null>({
  name: 'stock',
  version: 1,
  topics: ['stock'],
  key: (event) => event.key,
  initial: () => null,
  on: {
    StockItemRegistered: (item, { data, version }) => {
      if (item !== null) throw new Error(`stock item ${data.sku} was registered before`);
      const { sku, name, unitPrice, currency, onHand, lowStockThreshold } = data;
      const registeredAt = new Date(data.registeredAt);
      return {
        sku,
        name,
        unitPrice,
        currency,
        onHand,
        reserved: 0,
        lowStockThreshold,
        ...derived({ onHand, reserved: 0, lowStockThreshold }),
        version,
        registeredAt,
        updatedAt: registeredAt,
        text: `${sku} ${name}`.toLowerCase(),
      };
    },
    StockAdjusted: (item, event) =>
      next(item, event, event.data.adjustedAt, () => ({ onHand: event.data.onHand })),
    PriceChanged: (item, event) =>
      next(item, event, event.data.changedAt, () => ({ unitPrice: event.data.unitPrice })),
    StockReserved: (item, event) =>
      next(item, event, event.data.reservedAt, ({ reserved }) => ({
        reserved: reserved + event.data.quantity,
      })),
    ReservationRefused: (item, event) =>
      item === null ? null : next(item, event, event.data.refusedAt, () => ({})),
    ReservationReleased: (item, event) =>
      next(item, event, event.data.releasedAt, ({ reserved }) => ({
        reserved: reserved - event.data.quantity,
      })),
    StockShipped: (item, event) =>
      next(item, event, event.data.shippedAt, ({ onHand, reserved }) => ({
        onHand: onHand - event.data.quantity,
        reserved: reserved - event.data.quantity,
      })),
    LowStockReached: (item, event) => next(item, event, event.data.reachedAt, () => ({})),
  },
  indexes: [
    { name: 'low', key: { low: 1, _id: 1 } },
    { name: 'name', key: { name: 1, _id: 1 } },
    { name: 'low-name', key: { low: 1, name: 1, _id: 1 } },
  ],
});
