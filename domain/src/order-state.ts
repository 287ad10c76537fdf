// What the past of an order comes to: placed -> awaiting-payment -> paid -> shipped -> delivered, or rejected, or cancelled.
// `evolveOrder` folds one event into the state; an event that no decision could have appended there is an exception.
// Plain data throughout: an order has at most 100 lines, so copying them is cheap.
import type {
  Customer,
  Line,
  OrderCancelled,
  OrderEvent,
  OrderPaid,
  OrderRejected,
  OrderShipped,
} from '@comptoir/schemas';
import { exhausted } from './decider.ts';
import { ImpossibleEventError } from './impossible-event.ts';

/** What was ordered, by whom; the same in every state. */
interface OrderContents {
  readonly orderId: string;
  readonly customer: Customer;
  readonly currency: string;
  readonly lines: readonly Line[];
  /** Minor units of the currency. */
  readonly total: number;
}

/** No order has this id. */
interface OrderNotPlaced {
  readonly status: 'not-placed';
}
/** Its lines are being reserved. */
export interface PlacedOrder extends OrderContents {
  readonly status: 'placed';
  /** The skus whose reservation is recorded, in the order in which they came. */
  readonly reserved: readonly string[];
}
/** Every line is reserved. */
export interface OrderAwaitingPayment extends OrderContents {
  readonly status: 'awaiting-payment';
}
/** The exact total was paid. */
export interface PaidOrder extends OrderContents {
  readonly status: 'paid';
  readonly payment: Pick<OrderPaid, 'amount' | 'method'>;
}
/** The goods left. */
export interface ShippedOrder extends OrderContents {
  readonly status: 'shipped';
  readonly payment: PaidOrder['payment'];
  readonly shipment: Pick<OrderShipped, 'carrier' | 'trackingNumber'>;
}
/** The goods arrived: the end. */
interface DeliveredOrder extends OrderContents {
  readonly status: 'delivered';
  readonly payment: PaidOrder['payment'];
  readonly shipment: ShippedOrder['shipment'];
}
/** A line could not be reserved: the end. */
interface RejectedOrder extends OrderContents {
  readonly status: 'rejected';
  readonly rejection: Pick<OrderRejected, 'sku' | 'reason' | 'available' | 'currentUnitPrice'>;
}
/** Cancelled before it was shipped: the end. */
interface CancelledOrder extends OrderContents {
  readonly status: 'cancelled';
  readonly cancellation: Pick<OrderCancelled, 'cancelledBy' | 'reason' | 'refund'>;
}

/** An order to which something can still happen. */
export type OpenOrder = PlacedOrder | OrderAwaitingPayment | PaidOrder | ShippedOrder;
/** An order that has ended. */
export type EndedOrder = DeliveredOrder | RejectedOrder | CancelledOrder;
/** Any state of an order; `status` narrows it. */
export type OrderState = OrderNotPlaced | OpenOrder | EndedOrder;

/** The state of an order without any event. */
export const initialOrder: OrderState = { status: 'not-placed' };

/** What every event about the whole order repeats, so that a reader needs no earlier event. */
export const contentsOf = ({ orderId, customer, currency, lines, total }: OrderContents): OrderContents => ({
  orderId,
  customer,
  currency,
  lines,
  total,
});

const misplaced = (state: OrderState, event: OrderEvent): ImpossibleEventError =>
  new ImpossibleEventError(event.type, `order ${event.data.orderId}`, `the order is ${state.status}`);

function applyLineReserved(
  state: OrderState,
  event: OrderEvent & { type: 'OrderLineReserved' },
): PlacedOrder {
  if (state.status !== 'placed' || state.reserved.includes(event.data.sku)) throw misplaced(state, event);
  return { ...state, reserved: [...state.reserved, event.data.sku] };
}

/**
 * The state of an order after one more event.
 * @throws ImpossibleEventError when the event does not fit the state.
 */
export function evolveOrder(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'OrderPlaced':
      if (state.status !== 'not-placed') throw misplaced(state, event);
      return { ...contentsOf(event.data), status: 'placed', reserved: [] };
    case 'OrderLineReserved':
      return applyLineReserved(state, event);
    case 'OrderLineRefused':
      // OrderRejected follows in the same decision and ends the order.
      if (state.status !== 'placed') throw misplaced(state, event);
      return state;
    case 'OrderConfirmed':
      if (state.status !== 'placed') throw misplaced(state, event);
      return { ...contentsOf(state), status: 'awaiting-payment' };
    case 'OrderRejected': {
      if (state.status !== 'placed') throw misplaced(state, event);
      const { sku, reason, available, currentUnitPrice } = event.data;
      return {
        ...contentsOf(state),
        status: 'rejected',
        rejection: { sku, reason, available, currentUnitPrice },
      };
    }
    case 'OrderPaid': {
      if (state.status !== 'awaiting-payment') throw misplaced(state, event);
      const { amount, method } = event.data;
      return { ...contentsOf(state), status: 'paid', payment: { amount, method } };
    }
    case 'OrderShipped': {
      if (state.status !== 'paid') throw misplaced(state, event);
      const { carrier, trackingNumber } = event.data;
      return { ...state, status: 'shipped', shipment: { carrier, trackingNumber } };
    }
    case 'OrderDelivered':
      if (state.status !== 'shipped') throw misplaced(state, event);
      return { ...state, status: 'delivered' };
    case 'OrderCancelled': {
      if (state.status !== 'placed' && state.status !== 'awaiting-payment' && state.status !== 'paid') {
        throw misplaced(state, event);
      }
      const { cancelledBy, reason, refund } = event.data;
      return { ...contentsOf(state), status: 'cancelled', cancellation: { cancelledBy, reason, refund } };
    }
    default:
      return exhausted(event);
  }
}
