// The bodies of commands, as JSON Schemas: what is validated is what the OpenAPI document says. Every text and list has a
// bound, unknown fields are refused, nothing is coerced. The domain checks again what it depends on.
import { maximumFigure } from '@comptoir/domain';
import { Type, type Static } from 'typebox';

/** A stock keeping unit. Letters, digits and `._-`, so that it can stand in a URL and in a document id. */
export const Sku = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  description: 'stock keeping unit',
});
export const OrderId = Type.String({ format: 'uuid', description: 'the order' });
/** A whole number that JavaScript holds exactly. */
const figure = (description: string) => Type.Integer({ minimum: 0, maximum: maximumFigure, description });
const Money = figure('minor units of the currency (cents for EUR)');
const Quantity = Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'pieces' });
const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' });
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description });
const closed = { additionalProperties: false } as const;
const RefusalReason = Type.Enum(['INSUFFICIENT_STOCK', 'UNKNOWN_ITEM', 'PRICE_CHANGED', 'CURRENCY_MISMATCH']);
const NullableFigure = Type.Union([figure('figure at that moment'), Type.Null()]);

const orderFields = {
  customer: Type.Object(
    {
      id: text(64, 'the customer’s identifier'),
      name: text(200, 'full name'),
      email: Type.String({ format: 'email', maxLength: 254 }),
      language: Type.Optional(
        Type.Enum(['en', 'fr'], { description: 'of notifications; en unless said otherwise' }),
      ),
    },
    closed,
  ),
  currency: Currency,
  lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity, unitPrice: Money }, closed), {
    minItems: 1,
    maxItems: 100,
    description: 'one line per sku; unitPrice is the price that was quoted to the customer',
  }),
};

/** Body of `POST /v1/orders`. */
export const PlaceOrderBody = Type.Object({ orderId: Type.Optional(OrderId), ...orderFields }, closed);

/** Body of `POST /v1/stock`. */
export const RegisterStockItemBody = Type.Object(
  {
    sku: Sku,
    name: text(200, 'what the item is called'),
    unitPrice: Money,
    currency: Currency,
    onHand: figure('pieces in the house'),
    lowStockThreshold: figure(
      'LowStockReached is recorded when the available pieces fall to this figure or below',
    ),
  },
  closed,
);

const { sku: _sku, ...registerFields } = RegisterStockItemBody.properties;

/** What every command carries beside the id of its aggregate, by its type: the `data` of `POST /v1/commands`. */
export const commandData = {
  PlaceOrder: Type.Object(orderFields, closed),
  PayOrder: Type.Object({ amount: Money, method: text(40, 'card, transfer, …') }, closed),
  ShipOrder: Type.Object(
    { carrier: text(80, 'who carries the parcel'), trackingNumber: text(80, 'the carrier’s number') },
    closed,
  ),
  DeliverOrder: Type.Object({}, closed),
  CancelOrder: Type.Object(
    {
      reason: text(500, 'why, in words'),
      by: Type.Optional(
        Type.Enum(['customer', 'shop', 'timer'], {
          description: 'who cancels; the customer unless said otherwise',
        }),
      ),
    },
    closed,
  ),
  RecordReservation: Type.Object({ sku: Sku, quantity: Quantity }, closed),
  RecordRefusal: Type.Object(
    {
      sku: Sku,
      quantity: Quantity,
      reason: RefusalReason,
      available: NullableFigure,
      currentUnitPrice: NullableFigure,
    },
    closed,
  ),
  RegisterStockItem: Type.Object(registerFields, closed),
  AdjustStock: Type.Object(
    {
      delta: Type.Optional(
        Type.Integer({
          minimum: -maximumFigure,
          maximum: maximumFigure,
          description: 'pieces added or taken away; either this or `counted`',
        }),
      ),
      counted: Type.Optional(figure('pieces that were counted, for the reason `counted`')),
      reason: Type.Enum(['received', 'counted', 'damaged', 'returned', 'correction']),
      note: Type.Optional(Type.Union([text(500, 'a remark'), Type.Null()])),
    },
    closed,
  ),
  ChangePrice: Type.Object({ unitPrice: Money }, closed),
  ReserveStock: Type.Object(
    { orderId: OrderId, quantity: Quantity, unitPrice: Money, currency: Currency },
    closed,
  ),
  ReleaseReservation: Type.Object({ orderId: OrderId }, closed),
  ShipReservation: Type.Object({ orderId: OrderId }, closed),
} as const;

/** The data of each command as it comes in over HTTP. */
export type CommandData = { [Type in keyof typeof commandData]: Static<(typeof commandData)[Type]> };
