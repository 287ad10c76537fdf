// The two deciders in one shape, keyed by topic, for whoever treats orders and stock alike: the writer, the time machine.
// The types go together by topic, so generic code needs no cast:
//     const handle = <T extends Topic>(topic: T, command: CommandFor<T>, state: StateFor<T>) =>
//       deciders[topic].decide(command, state);
import type { OrderEvent, ShopEvent, StockEvent, Topic } from '@comptoir/schemas';
import type { OrderCommand, StockItemCommand } from './commands.ts';
import type { Decider } from './decider.ts';
import { decideOrder } from './order.ts';
import { evolveOrder, initialOrder, type OrderState } from './order-state.ts';
import { decideStockItem } from './stock-item.ts';
import { evolveStockItem, initialStockItem, type StockItemState } from './stock-item-state.ts';

interface CommandByTopic {
  readonly orders: OrderCommand;
  readonly stock: StockItemCommand;
}
interface EventByTopic {
  readonly orders: OrderEvent;
  readonly stock: StockEvent;
}
interface StateByTopic {
  readonly orders: OrderState;
  readonly stock: StockItemState;
}

/** The commands of one topic's aggregates. */
export type CommandFor<T extends Topic> = CommandByTopic[T];
/** The events of one topic. */
export type EventFor<T extends Topic> = EventByTopic[T];
/** The states of one topic's aggregates. */
export type StateFor<T extends Topic> = StateByTopic[T];
/** The decider of one topic. */
export type DeciderFor<T extends Topic> = Decider<T, CommandByTopic[T], EventByTopic[T], StateByTopic[T]>;

/** The decider of every topic. */
export const deciders: { readonly [T in Topic]: DeciderFor<T> } = {
  orders: { topic: 'orders', initialState: initialOrder, decide: decideOrder, evolve: evolveOrder },
  stock: { topic: 'stock', initialState: initialStockItem, decide: decideStockItem, evolve: evolveStockItem },
};

const orderEventTypes: Readonly<Record<OrderEvent['type'], true>> = {
  OrderPlaced: true,
  OrderLineReserved: true,
  OrderLineRefused: true,
  OrderConfirmed: true,
  OrderRejected: true,
  OrderPaid: true,
  OrderShipped: true,
  OrderDelivered: true,
  OrderCancelled: true,
};

/** Whether an event is an order's; otherwise it is a stock item's. Keeps what else the event carries. */
export const isOrderEvent = <E extends ShopEvent>(event: E): event is Extract<E, OrderEvent> =>
  Object.hasOwn(orderEventTypes, event.type);
