// Every command the panel can send, as data: where it goes and what it says. Sending is in `run-command.ts`.
// A command names its aggregate, so that whoever sent it can look at the right view afterwards.
import type { AdjustmentReason, Customer, QuotedLine } from './contract.ts';

export interface Command {
  /** The command's name in the domain, e.g. `PlaceOrder`. */
  readonly type: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly target: { readonly kind: 'order' | 'stock'; readonly id: string };
}

const order = (orderId: string, action: string): string =>
  `/v1/orders/${encodeURIComponent(orderId)}/${action}`;
const item = (sku: string, action: string): string => `/v1/stock/${encodeURIComponent(sku)}/${action}`;

export interface PlaceOrderInput {
  readonly orderId: string;
  readonly customer: Customer;
  readonly currency: string;
  readonly lines: readonly QuotedLine[];
}

/** Places an order at the prices that were quoted. Its id comes from the sender, so that a retry is the same order. */
export const placeOrder = (input: PlaceOrderInput): Command => ({
  type: 'PlaceOrder',
  path: '/v1/orders',
  body: { ...input },
  target: { kind: 'order', id: input.orderId },
});

/** @param amount in minor units of the order's currency */
export const payOrder = (orderId: string, amount: number, method: string): Command => ({
  type: 'PayOrder',
  path: order(orderId, 'pay'),
  body: { amount, method },
  target: { kind: 'order', id: orderId },
});

/** Hands a paid order to a carrier. */
export const shipOrder = (orderId: string, carrier: string, trackingNumber: string): Command => ({
  type: 'ShipOrder',
  path: order(orderId, 'ship'),
  body: { carrier, trackingNumber },
  target: { kind: 'order', id: orderId },
});

/** Records that a shipped order has arrived. */
export const deliverOrder = (orderId: string): Command => ({
  type: 'DeliverOrder',
  path: order(orderId, 'deliver'),
  body: {},
  target: { kind: 'order', id: orderId },
});

/** Ends an order that is not shipped; what was paid is paid back. */
export const cancelOrder = (orderId: string, reason: string, by: 'customer' | 'shop'): Command => ({
  type: 'CancelOrder',
  path: order(orderId, 'cancel'),
  body: { reason, by },
  target: { kind: 'order', id: orderId },
});

export interface RegisterStockItemInput {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: number;
  readonly currency: string;
  readonly onHand: number;
  readonly lowStockThreshold: number;
}

/** Registers an item, its price in minor units of its currency. */
export const registerStockItem = (input: RegisterStockItemInput): Command => ({
  type: 'RegisterStockItem',
  path: '/v1/stock',
  body: { ...input },
  target: { kind: 'stock', id: input.sku },
});

/** An adjustment by a difference, or, for a count, by the absolute figure that was counted. */
export type Adjustment = { readonly note?: string } & (
  | { readonly delta: number; readonly reason: Exclude<AdjustmentReason, 'counted'> }
  | { readonly counted: number; readonly reason: 'counted' }
);

/** Corrects the figure on hand. */
export const adjustStock = (sku: string, adjustment: Adjustment): Command => ({
  type: 'AdjustStock',
  path: item(sku, 'adjust'),
  body: { ...adjustment },
  target: { kind: 'stock', id: sku },
});

/** @param unitPrice in minor units of the item's currency */
export const changePrice = (sku: string, unitPrice: number): Command => ({
  type: 'ChangePrice',
  path: item(sku, 'price'),
  body: { unitPrice },
  target: { kind: 'stock', id: sku },
});
