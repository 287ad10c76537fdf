// What the shop writes to people: one pure function per notification. Every language has all of them.
import type {
  LowStockReached,
  OrderCancelled,
  OrderConfirmed,
  OrderRejected,
  OrderShipped,
} from '@comptoir/schemas';

/** A message in plain text. */
export interface Text {
  readonly subject: string;
  readonly text: string;
}

/** Every message, in one language. */
export interface Texts {
  readonly confirmed: (order: OrderConfirmed) => Text;
  readonly rejected: (order: OrderRejected) => Text;
  readonly shipped: (order: OrderShipped) => Text;
  readonly cancelled: (order: OrderCancelled) => Text;
  readonly lowStock: (item: LowStockReached) => Text;
}
