// One order as the examples of its tests tell it: two lamps and a desk for 230.00 EUR; what happened to it, and what it is asked
// for. Events of the past have their own instants; commands come at `at`, and so do the events they lead to. Used by tests only.
import type { Customer, EventOf, Line, OrderEvent } from '@comptoir/schemas';
import type { CommandOf } from './commands.ts';
import { specificationOf } from './decider-specification.ts';
import { deciders } from './deciders.ts';

export const given = specificationOf(deciders.orders);

export const orderId = '6f1c0b0e-7c1c-4f6e-9d55-0c5f0f8d2a01';
const customer: Customer = {
  id: 'ada',
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  language: 'en',
};
const lines: readonly Line[] = [
  { sku: 'lamp', quantity: 2, unitPrice: 1_500 },
  { sku: 'desk', quantity: 1, unitPrice: 20_000 },
];
export const contents = { orderId, customer, currency: 'EUR', lines, total: 23_000 };
export const at = 1_000;

export const placed: OrderEvent = { type: 'OrderPlaced', data: { ...contents, placedAt: 1 } };
export const lampReserved: EventOf<'OrderLineReserved'> = {
  type: 'OrderLineReserved',
  data: { orderId, sku: 'lamp', quantity: 2, reservedAt: 2 },
};
export const deskReserved: EventOf<'OrderLineReserved'> = {
  type: 'OrderLineReserved',
  data: { orderId, sku: 'desk', quantity: 1, reservedAt: 3 },
};
const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { ...contents, confirmedAt: 3 } };
export const paid: EventOf<'OrderPaid'> = {
  type: 'OrderPaid',
  data: { orderId, amount: 23_000, currency: 'EUR', method: 'card', lines, paidAt: 4 },
};
export const shipped: EventOf<'OrderShipped'> = {
  type: 'OrderShipped',
  data: { orderId, customer, lines, carrier: 'La Poste', trackingNumber: '6A1', shippedAt: 5 },
};
export const delivered: OrderEvent = { type: 'OrderDelivered', data: { orderId, deliveredAt: 6 } };
export const shortage = {
  sku: 'desk',
  reason: 'INSUFFICIENT_STOCK',
  available: 0,
  currentUnitPrice: 20_000,
} as const;
export const rejected: OrderEvent = {
  type: 'OrderRejected',
  data: { ...contents, ...shortage, rejectedAt: 7 },
};
export const cancelled: OrderEvent = {
  type: 'OrderCancelled',
  data: { ...contents, cancelledBy: 'customer', reason: 'changed my mind', refund: 0, cancelledAt: 8 },
};

export const awaitingPayment = [placed, lampReserved, deskReserved, confirmed];
export const afterPayment = [...awaitingPayment, paid];
export const afterShipping = [...afterPayment, shipped];

export const place = (data: Partial<CommandOf<'PlaceOrder'>['data']> = {}): CommandOf<'PlaceOrder'> => ({
  type: 'PlaceOrder',
  data: { orderId, customer, currency: 'EUR', lines, ...data },
  at,
});
export const reservation = (sku: string, quantity: number): CommandOf<'RecordReservation'> => ({
  type: 'RecordReservation',
  data: { orderId, sku, quantity },
  at,
});
export const refusal = (sku = 'desk', quantity = 1): CommandOf<'RecordRefusal'> => ({
  type: 'RecordRefusal',
  data: { orderId, quantity, ...shortage, sku },
  at,
});
export const pay = (amount = 23_000): CommandOf<'PayOrder'> => ({
  type: 'PayOrder',
  data: { orderId, amount, method: 'card' },
  at,
});
export const ship: CommandOf<'ShipOrder'> = {
  type: 'ShipOrder',
  data: { orderId, carrier: 'La Poste', trackingNumber: '6A1' },
  at,
};
export const deliver: CommandOf<'DeliverOrder'> = { type: 'DeliverOrder', data: { orderId }, at };
export const cancel = (
  cancelledBy: 'customer' | 'shop' | 'timer' = 'customer',
): CommandOf<'CancelOrder'> => ({
  type: 'CancelOrder',
  data: { orderId, reason: 'changed my mind', cancelledBy },
  at,
});
export const cancellation = (cancelledBy: string, refund: number): OrderEvent => ({
  type: 'OrderCancelled',
  data: { ...contents, cancelledBy, reason: 'changed my mind', refund, cancelledAt: at },
});
