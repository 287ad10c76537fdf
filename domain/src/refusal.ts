// A refusal: a command that the rules of the shop do not allow, told as a value, never as an exception.
// Its code is for programs (kebab-case, stable), its message is a full sentence for people, and its detail holds the figures
// of the sentence. A refusal leaves no event. Not to be confused with the fact ReservationRefused, which is an event.

/** Every code with which a command can be refused, and what it means. */
export const refusalCodes = {
  'order-exists': 'An order with this id was placed before.',
  'order-not-found': 'No order has this id.',
  'order-ended': 'The order is delivered, rejected or cancelled: nothing can happen to it any more.',
  'order-not-confirmed': 'The order cannot be paid before all of its lines are reserved.',
  'order-already-paid': 'The order is paid: it cannot be paid again, nor be cancelled for want of payment.',
  'order-not-paid': 'The order cannot be shipped before it is paid.',
  'order-already-shipped': 'The order has left the shop: it cannot be shipped again or cancelled.',
  'order-not-shipped': 'The order cannot be delivered before it is shipped.',
  'wrong-amount': 'A payment must be the exact total of the order.',
  'no-lines': 'An order needs at least one line.',
  'too-many-lines': 'An order has at most 100 lines.',
  'duplicate-sku': 'An order has one line per sku.',
  'total-too-large': 'The total of the order is beyond what can be counted exactly.',
  'line-not-found': 'The order has no line with this sku.',
  'line-already-reserved': 'The line is reserved: it cannot be refused any more.',
  'quantity-mismatch': 'The quantity is not the one of the order line.',
  'stock-item-exists': 'A stock item with this sku was registered before.',
  'stock-item-not-found': 'No stock item has this sku.',
  'adjustment-below-reserved': 'Stock on hand cannot go below what is reserved.',
  'delta-zero': 'An adjustment that is not a count must change something.',
  'on-hand-too-large': 'Stock on hand is beyond what can be counted exactly.',
  'price-unchanged': 'The item has this price already.',
  'reservation-conflict': 'The order holds a reservation of this item with other terms.',
  'reservation-ended': 'The reservation was shipped or released; an order reserves an item once.',
  'reservation-not-found': 'The order never reserved this item.',
  'invalid-quantity': 'A number of pieces is not a whole number in its range.',
  'invalid-price': 'A price is not a whole number of minor units from 0 on.',
  'invalid-currency': 'A currency is not an ISO 4217 code of three capital letters.',
} as const;

/** The code of a refusal. */
export type RefusalCode = keyof typeof refusalCodes;

/** A value that JSON can hold. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Why a command was not carried out. */
export interface Refusal {
  /** For programs: kebab-case, never changes its meaning. */
  readonly code: RefusalCode;
  /** For people: a full English sentence. */
  readonly message: string;
  /** The figures of the sentence; money in minor units. */
  readonly detail?: Readonly<Record<string, JsonValue>>;
}
