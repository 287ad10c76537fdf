// What the past of a stock item comes to: pieces on hand, pieces reserved, the open reservations by order, and the orders whose
// reservation has ended. Always 0 <= reserved <= onHand. An item may have 100,000 open reservations, so both collections are
// persistent (immutable.js): an event changes a few nodes of a tree instead of copying it, and older states stay valid.
import { isExact } from './bounds.ts';
import type { StockEvent } from '@comptoir/schemas';
import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import { exhausted } from './decider.ts';
import { ImpossibleEventError } from './impossible-event.ts';

/** Pieces held for one order. */
interface OpenReservation {
  readonly quantity: number;
  /** Minor units of the item's currency. */
  readonly unitPrice: number;
}

/** No item has this sku. Its stream may hold refused reservations all the same. */
interface UnregisteredStockItem {
  readonly status: 'unregistered';
}
/** An item of the assortment. */
export interface RegisteredStockItem {
  readonly status: 'registered';
  readonly sku: string;
  readonly name: string;
  /** Minor units of the currency. */
  readonly unitPrice: number;
  readonly currency: string;
  readonly lowStockThreshold: number;
  /** Pieces in the house. */
  readonly onHand: number;
  /** Pieces held for orders: the sum over the open reservations. */
  readonly reserved: number;
  /** Open reservations by order id. */
  readonly reservations: PersistentMap<string, OpenReservation>;
  /** Ids of the orders whose reservation was shipped or released: one reservation per order and item, ever. */
  readonly ended: PersistentSet<string>;
}

/** Any state of a stock item; `status` narrows it. */
export type StockItemState = UnregisteredStockItem | RegisteredStockItem;

/** The state of a stock item without any event. */
export const initialStockItem: StockItemState = { status: 'unregistered' };

/** Pieces that can still be reserved. Never negative. */
export const availableOf = (item: RegisteredStockItem): number => item.onHand - item.reserved;

const impossible = (event: StockEvent, problem: string): ImpossibleEventError =>
  new ImpossibleEventError(event.type, `stock item ${event.data.sku}`, problem);

function registered(state: StockItemState, event: StockEvent): RegisteredStockItem {
  if (state.status !== 'registered') throw impossible(event, 'the item is not registered');
  return state;
}

/** The invariant of the item, held on every event: what is reserved is in the house. */
function conserved(item: RegisteredStockItem, event: StockEvent): RegisteredStockItem {
  if (item.reserved < 0 || item.reserved > item.onHand || !isExact(item.onHand)) {
    throw impossible(event, `${String(item.reserved)} of ${String(item.onHand)} pieces would be reserved`);
  }
  return item;
}

type EventOfType<Type extends StockEvent['type']> = Extract<StockEvent, { type: Type }>;

function applyReserved(item: RegisteredStockItem, event: EventOfType<'StockReserved'>): RegisteredStockItem {
  const { orderId, quantity, unitPrice } = event.data;
  if (item.reservations.has(orderId) || item.ended.has(orderId)) {
    throw impossible(event, `order ${orderId} has reserved it before`);
  }
  return conserved(
    {
      ...item,
      reserved: item.reserved + quantity,
      reservations: item.reservations.set(orderId, { quantity, unitPrice }),
    },
    event,
  );
}

function applyEnd(
  item: RegisteredStockItem,
  event: EventOfType<'ReservationReleased' | 'StockShipped'>,
): RegisteredStockItem {
  const { orderId, quantity } = event.data;
  if (item.reservations.get(orderId)?.quantity !== quantity) {
    throw impossible(event, `order ${orderId} has no open reservation of ${String(quantity)}`);
  }
  return conserved(
    {
      ...item,
      onHand: event.type === 'StockShipped' ? item.onHand - quantity : item.onHand,
      reserved: item.reserved - quantity,
      reservations: item.reservations.delete(orderId),
      ended: item.ended.add(orderId),
    },
    event,
  );
}

/**
 * The state of a stock item after one more event. Takes O(log n) for n reservations.
 * @throws ImpossibleEventError when the event does not fit the state.
 */
export function evolveStockItem(state: StockItemState, event: StockEvent): StockItemState {
  switch (event.type) {
    case 'StockItemRegistered': {
      if (state.status !== 'unregistered') throw impossible(event, 'the item is registered already');
      const { sku, name, unitPrice, currency, lowStockThreshold, onHand } = event.data;
      const reservations = PersistentMap<string, OpenReservation>();
      const ended = PersistentSet<string>();
      const facts = { sku, name, unitPrice, currency, lowStockThreshold, onHand };
      return conserved({ status: 'registered', ...facts, reserved: 0, reservations, ended }, event);
    }
    case 'StockAdjusted': {
      const item = registered(state, event);
      const onHand = item.onHand + event.data.delta;
      if (onHand !== event.data.onHand) {
        throw impossible(event, `it says ${String(event.data.onHand)} on hand where ${String(onHand)} are`);
      }
      return conserved({ ...item, onHand }, event);
    }
    case 'PriceChanged':
      return { ...registered(state, event), unitPrice: event.data.unitPrice };
    case 'StockReserved':
      return applyReserved(registered(state, event), event);
    case 'ReservationReleased':
    case 'StockShipped':
      return applyEnd(registered(state, event), event);
    case 'ReservationRefused':
    case 'LowStockReached':
      return state;
    default:
      return exhausted(event);
  }
}
