// The rules of an order: which command does what in which state. An order of several lines is carried by the reactors over
// several stock items; what each of them answered is recorded here, and the first refused line rejects the whole order.
// Nothing happens after an end. The states and their fold are in order-state.ts.
import type { Line, OrderEvent } from '@comptoir/schemas';
import {
  isCurrency,
  isFigure,
  isQuantity,
  maximumFigure,
  maximumLines,
  maximumQuantity,
  totalOf,
} from './bounds.ts';
import type { CommandOf, OrderCommand } from './commands.ts';
import { accept, exhausted, refuse, type Decision } from './decider.ts';
import { contentsOf, type OpenOrder, type OrderState } from './order-state.ts';

type OrderDecision = Decision<OrderEvent>;

function refuseLine(line: Line): OrderDecision | undefined {
  const { sku, quantity, unitPrice } = line;
  if (!isQuantity(quantity)) {
    const message = `The quantity of ${sku} must be a whole number from 1 to ${String(maximumQuantity)}, not ${String(quantity)}.`;
    return refuse('invalid-quantity', message, { sku, quantity });
  }
  if (!isFigure(unitPrice)) {
    const message = `The price of ${sku} must be a whole number of minor units from 0 on, not ${String(unitPrice)}.`;
    return refuse('invalid-price', message, { sku, unitPrice });
  }
  return undefined;
}

function place({ data, at }: CommandOf<'PlaceOrder'>, state: OrderState): OrderDecision {
  const { orderId, currency } = data;
  if (state.status !== 'not-placed') {
    return refuse('order-exists', `There is an order ${orderId} already.`, { orderId });
  }
  if (!isCurrency(currency)) {
    return refuse('invalid-currency', `${currency} is not an ISO 4217 currency code.`, { currency });
  }
  if (data.lines.length === 0) return refuse('no-lines', 'An order needs at least one line.');
  if (data.lines.length > maximumLines) {
    const message = `An order has at most ${String(maximumLines)} lines, not ${String(data.lines.length)}.`;
    return refuse('too-many-lines', message, { lines: data.lines.length, maximum: maximumLines });
  }
  const skus = new Set<string>();
  for (const line of data.lines) {
    const refusal = refuseLine(line);
    if (refusal !== undefined) return refusal;
    if (skus.has(line.sku)) {
      const message = `${line.sku} is on two lines: put all pieces of an item on one line.`;
      return refuse('duplicate-sku', message, { sku: line.sku });
    }
    skus.add(line.sku);
  }
  const total = totalOf(data.lines);
  if (total === undefined) {
    const message = 'The lines cost more together than can be counted exactly: order less.';
    return refuse('total-too-large', message, { maximum: maximumFigure });
  }
  const { id, name, email, language } = data.customer;
  const lines = data.lines.map(({ sku, quantity, unitPrice }): Line => ({ sku, quantity, unitPrice }));
  const customer = { id, name, email, language };
  return accept({
    type: 'OrderPlaced',
    data: { orderId, customer, currency, lines, total, placedAt: at },
  });
}

/** A message about a line must be about a line that the order has, with the quantity that was ordered. */
function refuseForeignLine(sku: string, quantity: number, order: OpenOrder): OrderDecision | undefined {
  const line = order.lines.find((candidate) => candidate.sku === sku);
  if (line === undefined) {
    return refuse('line-not-found', `Order ${order.orderId} has no line with ${sku}.`, { sku });
  }
  if (line.quantity !== quantity) {
    const message = `Order ${order.orderId} has ${String(line.quantity)} of ${sku}, not ${String(quantity)}.`;
    return refuse('quantity-mismatch', message, { sku, quantity, ordered: line.quantity });
  }
  return undefined;
}

function recordReservation({ data, at }: CommandOf<'RecordReservation'>, order: OpenOrder): OrderDecision {
  const { orderId, sku, quantity } = data;
  const refusal = refuseForeignLine(sku, quantity, order);
  if (refusal !== undefined) return refusal;
  // Past `placed` every line is recorded, so this is a repeat, which changes nothing.
  if (order.status !== 'placed' || order.reserved.includes(sku)) return accept();
  const lineReserved: OrderEvent = {
    type: 'OrderLineReserved',
    data: { orderId, sku, quantity, reservedAt: at },
  };
  if (order.reserved.length + 1 < order.lines.length) return accept(lineReserved);
  return accept<OrderEvent>(lineReserved, {
    type: 'OrderConfirmed',
    data: { ...contentsOf(order), confirmedAt: at },
  });
}

function recordRefusal({ data, at }: CommandOf<'RecordRefusal'>, order: OpenOrder): OrderDecision {
  const { orderId, sku, quantity, reason, available, currentUnitPrice } = data;
  const refusal = refuseForeignLine(sku, quantity, order);
  if (refusal !== undefined) return refusal;
  if (order.status !== 'placed' || order.reserved.includes(sku)) {
    return refuse('line-already-reserved', `The line ${sku} of order ${orderId} is reserved.`, { sku });
  }
  const why = { sku, reason, available, currentUnitPrice };
  return accept<OrderEvent>(
    { type: 'OrderLineRefused', data: { orderId, quantity, ...why, refusedAt: at } },
    { type: 'OrderRejected', data: { ...contentsOf(order), ...why, rejectedAt: at } },
  );
}

function pay({ data, at }: CommandOf<'PayOrder'>, order: OpenOrder): OrderDecision {
  const { orderId, amount, method } = data;
  const { currency, lines, total } = order;
  switch (order.status) {
    case 'placed':
      return refuse(
        'order-not-confirmed',
        `Order ${orderId} cannot be paid yet: its lines are being reserved.`,
      );
    case 'paid':
    case 'shipped':
      return refuse('order-already-paid', `Order ${orderId} is paid already.`);
    case 'awaiting-payment':
      if (amount !== total) {
        const message = `Order ${orderId} costs exactly ${String(total)} in minor units of ${currency}, not ${String(amount)}.`;
        return refuse('wrong-amount', message, { amount, total, currency });
      }
      return accept({ type: 'OrderPaid', data: { orderId, amount, currency, method, lines, paidAt: at } });
    default:
      return exhausted(order);
  }
}

function ship({ data, at }: CommandOf<'ShipOrder'>, order: OpenOrder): OrderDecision {
  const { orderId, carrier, trackingNumber } = data;
  switch (order.status) {
    case 'placed':
    case 'awaiting-payment':
      return refuse('order-not-paid', `Order ${orderId} cannot be shipped before it is paid.`);
    case 'shipped':
      return refuse('order-already-shipped', `Order ${orderId} is shipped already.`);
    case 'paid': {
      const { customer, lines } = order;
      return accept({
        type: 'OrderShipped',
        data: { orderId, customer, lines, carrier, trackingNumber, shippedAt: at },
      });
    }
    default:
      return exhausted(order);
  }
}

function deliver({ data, at }: CommandOf<'DeliverOrder'>, order: OpenOrder): OrderDecision {
  const { orderId } = data;
  return order.status === 'shipped'
    ? accept({ type: 'OrderDelivered', data: { orderId, deliveredAt: at } })
    : refuse('order-not-shipped', `Order ${orderId} cannot be delivered before it is shipped.`);
}

function cancel({ data, at }: CommandOf<'CancelOrder'>, order: OpenOrder): OrderDecision {
  const { orderId, reason, cancelledBy } = data;
  const cancelled = (refund: number): OrderDecision =>
    accept({
      type: 'OrderCancelled',
      data: { ...contentsOf(order), cancelledBy, reason, refund, cancelledAt: at },
    });
  switch (order.status) {
    case 'placed':
    case 'awaiting-payment':
      return cancelled(0);
    case 'paid':
      // The timer stands for a payment that did not come; this one came while the timer's command was under way.
      return cancelledBy === 'timer'
        ? refuse('order-already-paid', `Order ${orderId} was paid in time.`)
        : cancelled(order.payment.amount);
    case 'shipped':
      return refuse('order-already-shipped', `Order ${orderId} cannot be cancelled: it is shipped.`);
    default:
      return exhausted(order);
  }
}

function decideOpen(command: Exclude<OrderCommand, { type: 'PlaceOrder' }>, order: OpenOrder): OrderDecision {
  switch (command.type) {
    case 'RecordReservation':
      return recordReservation(command, order);
    case 'RecordRefusal':
      return recordRefusal(command, order);
    case 'PayOrder':
      return pay(command, order);
    case 'ShipOrder':
      return ship(command, order);
    case 'DeliverOrder':
      return deliver(command, order);
    case 'CancelOrder':
      return cancel(command, order);
    default:
      return exhausted(command);
  }
}

/** What a command does to an order: its events, none when it repeats what is recorded, or a refusal. */
export function decideOrder(command: OrderCommand, state: OrderState): OrderDecision {
  if (command.type === 'PlaceOrder') return place(command, state);
  const { orderId } = command.data;
  switch (state.status) {
    case 'not-placed':
      return refuse('order-not-found', `There is no order ${orderId}.`, { orderId });
    case 'delivered':
    case 'rejected':
    case 'cancelled':
      return refuse(
        'order-ended',
        `Order ${orderId} is ${state.status}: nothing can happen to it any more.`,
        {
          status: state.status,
        },
      );
    case 'placed':
    case 'awaiting-payment':
    case 'paid':
    case 'shipped':
      return decideOpen(command, state);
    default:
      return exhausted(state);
  }
}
