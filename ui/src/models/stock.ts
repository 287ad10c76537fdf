// What a stock item's figures look like: the bar of reserved and available, the open reservations, and the history of its figures
// as a step chart. The history is walked back from the view's own figures, so it is right however many events are loaded.

import type { JournalEvent, StockItem } from '../services/contract.ts';
import { numberOf, textOf } from './event-data.ts';

export interface StockBar {
  /** Shares of the whole bar, 0–100. */
  readonly reserved: number;
  readonly available: number;
  readonly threshold: number;
}

/** The bar of one item, on a scale that all items of a list share. */
export function stockBar(
  item: Pick<StockItem, 'onHand' | 'reserved' | 'available' | 'lowStockThreshold'>,
  scale: number = Math.max(item.onHand, item.lowStockThreshold),
): StockBar {
  const share = (value: number): number =>
    scale <= 0 ? 0 : Math.max(0, Math.min(100, (value / scale) * 100));
  return {
    reserved: share(item.reserved),
    available: share(item.available),
    threshold: share(item.lowStockThreshold),
  };
}

export interface OpenReservation {
  readonly orderId: string;
  readonly quantity: number;
  readonly event: JournalEvent;
}

/** Reservations neither shipped nor released, oldest first. @param events of one sku, oldest first */
export function openReservations(events: readonly JournalEvent[]): readonly OpenReservation[] {
  const open = new Map<string, OpenReservation>();
  for (const event of events) {
    const orderId = textOf(event.data, 'orderId');
    if (orderId === undefined) continue;
    if (event.type === 'StockReserved') {
      open.set(orderId, { orderId, quantity: numberOf(event.data, 'quantity') ?? 0, event });
    } else if (event.type === 'StockShipped' || event.type === 'ReservationReleased') {
      open.delete(orderId);
    }
  }
  return [...open.values()];
}

export interface StockPoint {
  readonly time: number;
  readonly onHand: number;
  readonly available: number;
  readonly event: JournalEvent;
}

function changeOf(event: JournalEvent): { onHand: number; reserved: number } {
  const quantity = numberOf(event.data, 'quantity') ?? 0;
  switch (event.type) {
    case 'StockItemRegistered':
      return { onHand: numberOf(event.data, 'onHand') ?? 0, reserved: 0 };
    case 'StockAdjusted':
      return { onHand: numberOf(event.data, 'delta') ?? 0, reserved: 0 };
    case 'StockReserved':
      return { onHand: 0, reserved: quantity };
    case 'ReservationReleased':
      return { onHand: 0, reserved: -quantity };
    case 'StockShipped':
      return { onHand: -quantity, reserved: -quantity };
    default:
      return { onHand: 0, reserved: 0 };
  }
}

/** The item's figures after each event that changed them, oldest first. Events newer than the view are left out. */
export function stockHistory(
  item: Pick<StockItem, 'onHand' | 'reserved' | 'version'>,
  events: readonly JournalEvent[],
): readonly StockPoint[] {
  let { onHand, reserved } = item;
  const points: StockPoint[] = [];
  for (const event of events.toReversed()) {
    if (event.version > item.version) continue;
    const change = changeOf(event);
    if (change.onHand === 0 && change.reserved === 0 && event.type !== 'StockItemRegistered') continue;
    points.push({ time: Date.parse(event.time), onHand, available: onHand - reserved, event });
    onHand -= change.onHand;
    reserved -= change.reserved;
  }
  return points.toReversed();
}

/** An SVG path of steps through the points. One step per event: time between events says little about stock. */
export function stepPath(
  values: readonly number[],
  { width, height, top }: { width: number; height: number; top: number },
): string {
  if (values.length === 0) return '';
  const step = width / values.length;
  const y = (value: number): number => (top <= 0 ? height : height - (value / top) * height);
  return values
    .map((value, index) => {
      const from = `${(index * step).toFixed(1)},${y(value).toFixed(1)}`;
      return `${index === 0 ? 'M' : 'L'}${from} H${((index + 1) * step).toFixed(1)}`;
    })
    .join(' ');
}
