// Every command of the shop: what someone wants to happen. `command.type` narrows `command.data`; `at` is the clock.
// An order's commands go to the aggregate of `orderId` on topic `orders`, a stock item's to that of `sku` on topic `stock`.
import type { AdjustmentReason, Customer, Line, RefusalReason } from '@comptoir/schemas';

/** Who cancels an order: its customer, the shop, or the timer of a payment that did not come. */
export type Canceller = 'customer' | 'shop' | 'timer';

/** The data of every command of an order. Amounts are minor units of the order's currency, quantities are pieces. */
export interface OrderCommandData {
  readonly PlaceOrder: {
    readonly orderId: string;
    readonly customer: Customer;
    readonly currency: string;
    readonly lines: readonly Line[];
  };
  readonly RecordReservation: { readonly orderId: string; readonly sku: string; readonly quantity: number };
  readonly RecordRefusal: {
    readonly orderId: string;
    readonly sku: string;
    readonly quantity: number;
    readonly reason: RefusalReason;
    readonly available: number | null;
    readonly currentUnitPrice: number | null;
  };
  readonly PayOrder: { readonly orderId: string; readonly amount: number; readonly method: string };
  readonly ShipOrder: { readonly orderId: string; readonly carrier: string; readonly trackingNumber: string };
  readonly DeliverOrder: { readonly orderId: string };
  readonly CancelOrder: {
    readonly orderId: string;
    readonly reason: string;
    readonly cancelledBy: Canceller;
  };
}

/** The data of every command of a stock item. Prices are minor units of the item's currency, quantities are pieces. */
export interface StockItemCommandData {
  readonly RegisterStockItem: {
    readonly sku: string;
    readonly name: string;
    readonly unitPrice: number;
    readonly currency: string;
    readonly onHand: number;
    readonly lowStockThreshold: number;
  };
  /** Either a difference, or what was counted: then the decider finds the difference. */
  readonly AdjustStock:
    | {
        readonly sku: string;
        readonly delta: number;
        readonly reason: AdjustmentReason;
        readonly note: string | null;
      }
    | {
        readonly sku: string;
        readonly counted: number;
        readonly reason: 'counted';
        readonly note: string | null;
      };
  readonly ChangePrice: { readonly sku: string; readonly unitPrice: number };
  readonly ReserveStock: {
    readonly sku: string;
    readonly orderId: string;
    readonly quantity: number;
    /** As quoted to the customer. */
    readonly unitPrice: number;
    /** As quoted to the customer. */
    readonly currency: string;
  };
  readonly ReleaseReservation: { readonly sku: string; readonly orderId: string };
  readonly ShipReservation: { readonly sku: string; readonly orderId: string };
}

type CommandIn<DataByType> = {
  [Type in keyof DataByType & string]: {
    readonly type: Type;
    readonly data: DataByType[Type];
    /** The instant of the command: ms since 1970-01-01T00:00:00Z. It becomes the instant of its events. */
    readonly at: number;
  };
}[keyof DataByType & string];

/** A command of an order. */
export type OrderCommand = CommandIn<OrderCommandData>;
/** A command of a stock item. */
export type StockItemCommand = CommandIn<StockItemCommandData>;
/** Any command of the shop. */
export type ShopCommand = OrderCommand | StockItemCommand;
/** The name of a command's type: `PlaceOrder`. */
export type CommandType = ShopCommand['type'];
/** The command of one type. */
export type CommandOf<Type extends CommandType> = Extract<ShopCommand, { readonly type: Type }>;

/** The topic that a command's events go to, by the command's type. */
export const commandTopics = {
  PlaceOrder: 'orders',
  RecordReservation: 'orders',
  RecordRefusal: 'orders',
  PayOrder: 'orders',
  ShipOrder: 'orders',
  DeliverOrder: 'orders',
  CancelOrder: 'orders',
  RegisterStockItem: 'stock',
  AdjustStock: 'stock',
  ChangePrice: 'stock',
  ReserveStock: 'stock',
  ReleaseReservation: 'stock',
  ShipReservation: 'stock',
} as const satisfies Record<OrderCommand['type'], 'orders'> & Record<StockItemCommand['type'], 'stock'>;

/** Whether a text names a command. */
export const isCommandType = (text: string): text is CommandType => Object.hasOwn(commandTopics, text);

/** Whether a command is for an order; otherwise it is for a stock item. */
export const isOrderCommand = (command: ShopCommand): command is OrderCommand =>
  commandTopics[command.type] === 'orders';

/** The aggregate that a command is for: an order id or a sku. It is the key of the command's events. */
export const aggregateIdOf = (command: ShopCommand): string =>
  isOrderCommand(command) ? command.data.orderId : command.data.sku;
