// What an order's state means to a reader: its tone, its way so far, and which actions it allows and why not.

import type { LineStatus, Order, OrderStatus } from '../services/contract.ts';

/** Meaning of a state, for colour and sign: never colour alone. */
export type Tone = 'ok' | 'waiting' | 'refused' | 'failed' | 'ended';

export const orderStatuses: readonly OrderStatus[] = [
  'placed',
  'awaiting-payment',
  'paid',
  'shipped',
  'delivered',
  'rejected',
  'cancelled',
];

const tones: Record<OrderStatus, Tone> = {
  placed: 'waiting',
  'awaiting-payment': 'waiting',
  paid: 'ok',
  shipped: 'ok',
  delivered: 'ok',
  rejected: 'refused',
  cancelled: 'ended',
};

/** The meaning of an order’s state, for its sign. */
export const orderTone = (status: OrderStatus): Tone => tones[status];

const lineTones: Record<LineStatus, Tone> = {
  pending: 'waiting',
  reserved: 'ok',
  shipped: 'ok',
  refused: 'refused',
  released: 'ended',
};

/** The meaning of a line’s state, for its sign. */
export const lineTone = (status: LineStatus): Tone => lineTones[status];

export type OrderAction = 'pay' | 'ship' | 'deliver' | 'cancel';

/** Why an action is not open; the words are the catalogue's. */
export type NotAllowed =
  'not-confirmed-yet' | 'already-done' | 'not-paid-yet' | 'not-shipped-yet' | 'order-ended';

export interface ActionState {
  readonly action: OrderAction;
  readonly notAllowed: NotAllowed | undefined;
}

const rank: Record<OrderStatus, number> = {
  placed: 0,
  'awaiting-payment': 1,
  paid: 2,
  shipped: 3,
  delivered: 4,
  rejected: -1,
  cancelled: -1,
};

function whyNot(action: OrderAction, status: OrderStatus): NotAllowed | undefined {
  const reached = rank[status];
  if (reached < 0) return 'order-ended';
  switch (action) {
    case 'pay':
      return reached === 1 ? undefined : reached < 1 ? 'not-confirmed-yet' : 'already-done';
    case 'ship':
      return reached === 2 ? undefined : reached < 2 ? 'not-paid-yet' : 'already-done';
    case 'deliver':
      return reached === 3 ? undefined : reached < 3 ? 'not-shipped-yet' : 'already-done';
    case 'cancel':
      return reached < 3 ? undefined : 'already-done';
  }
}

/** The four actions in the order of an order's life, each with the reason why it is not open, if it is not. */
export const actionsOf = (status: OrderStatus): readonly ActionState[] =>
  (['pay', 'ship', 'deliver', 'cancel'] as const).map((action) => ({
    action,
    notAllowed: whyNot(action, status),
  }));

/** Whether nothing can be done with an order any more. */
export const isOver = (status: OrderStatus): boolean =>
  status === 'delivered' || status === 'rejected' || status === 'cancelled';

export interface Stage {
  readonly status: OrderStatus;
  readonly at: string | undefined;
  readonly state: 'done' | 'current' | 'ahead';
}

const stagesAhead: readonly OrderStatus[] = ['placed', 'awaiting-payment', 'paid', 'shipped', 'delivered'];

const instantOf = (order: Order, status: OrderStatus): string | undefined => {
  const instants: Record<OrderStatus, string | undefined> = {
    placed: order.placedAt,
    'awaiting-payment': order.confirmedAt,
    paid: order.paidAt,
    shipped: order.shippedAt,
    delivered: order.deliveredAt,
    rejected: order.rejectedAt,
    cancelled: order.cancelledAt,
  };
  return instants[status];
};

/** The way of an order: what is behind it with its instants, where it is, and what could follow. An ended order has nothing ahead. */
export function stagesOf(order: Order): readonly Stage[] {
  const ended = rank[order.status] < 0;
  const way = ended
    ? [...stagesAhead.filter((status) => instantOf(order, status) !== undefined), order.status]
    : stagesAhead;
  const here = way.indexOf(order.status);
  return way.map((status, index) => ({
    status,
    at: instantOf(order, status),
    state: index < here ? 'done' : index === here ? 'current' : 'ahead',
  }));
}
