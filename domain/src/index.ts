// The rules of the shop, pure: deciders of orders and stock items, their commands, states and refusals.
export {
  aggregateIdOf,
  commandTopics,
  isCommandType,
  isOrderCommand,
  type Canceller,
  type CommandOf,
  type CommandType,
  type OrderCommand,
  type OrderCommandData,
  type ShopCommand,
  type StockItemCommand,
  type StockItemCommandData,
} from './commands.ts';
export { maximumFigure, maximumLines, maximumQuantity } from './bounds.ts';
export type { Decider, Decision } from './decider.ts';
export {
  deciders,
  isOrderEvent,
  type CommandFor,
  type DeciderFor,
  type EventFor,
  type StateFor,
} from './deciders.ts';
export { ImpossibleEventError } from './impossible-event.ts';
export type { EndedOrder, OpenOrder, OrderState } from './order-state.ts';
export { refusalCodes, type JsonValue, type Refusal, type RefusalCode } from './refusal.ts';
export { availableOf, type RegisteredStockItem, type StockItemState } from './stock-item-state.ts';
