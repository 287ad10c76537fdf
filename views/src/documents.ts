// What a reader finds in the views: one type per kind of document, and the bookkeeping that every view document carries.
// Instants are BSON dates, money is an integer in minor units of the document's currency.
// Each projection writes the documents of one of these types; `text` is what a search looks in, lower case.
import type { Customer, EventType, RefusalReason, ShopEvent, Topic } from '@comptoir/schemas';

/** Bookkeeping of a view document; not for the eyes of an API's caller. */
export interface Tracked {
  readonly _id: string;
  /** Last offset applied, by partition: `{'orders-3': 1841}`. */
  readonly _pos: Readonly<Record<string, number>>;
  /** Counts the writes from 1; a write names the revision it replaces. */
  readonly _rev: number;
}

/** A view document as stored. */
export type Stored<View> = View & Tracked;

/** Where an order stands. */
export type OrderStatus =
  'placed' | 'awaiting-payment' | 'paid' | 'shipped' | 'delivered' | 'rejected' | 'cancelled';

/** Every status of an order, in the order of its life. */
export const orderStatuses: readonly OrderStatus[] = [
  'placed',
  'awaiting-payment',
  'paid',
  'shipped',
  'delivered',
  'rejected',
  'cancelled',
];

/** Why a line could not be reserved. */
export interface LineRefusal {
  readonly reason: RefusalReason;
  /** Pieces available at that moment; null when the item is unknown. */
  readonly available: number | null;
  /** Price at that moment in minor units; null when the item is unknown. */
  readonly currentUnitPrice: number | null;
}

/** One line of an order. */
export interface OrderLineView {
  readonly sku: string;
  readonly quantity: number;
  /** As quoted, in minor units. */
  readonly unitPrice: number;
  readonly status: 'pending' | 'reserved' | 'refused' | 'released' | 'shipped';
  readonly refusal?: LineRefusal;
}

/** An order; `_id` is its id. */
export interface OrderView {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly customer: Customer;
  readonly lines: readonly OrderLineView[];
  /** Minor units. */
  readonly total: number;
  readonly currency: string;
  readonly placedAt: Date;
  readonly updatedAt: Date;
  readonly confirmedAt?: Date;
  readonly rejectedAt?: Date;
  readonly paidAt?: Date;
  readonly shippedAt?: Date;
  readonly deliveredAt?: Date;
  readonly cancelledAt?: Date;
  readonly payment?: { readonly amount: number; readonly method: string };
  readonly shipment?: { readonly carrier: string; readonly trackingNumber: string };
  readonly rejection?: LineRefusal & { readonly sku: string };
  readonly cancellation?: { readonly by: string; readonly reason: string; readonly refund: number };
  /** Version of the aggregate. */
  readonly version: number;
  readonly correlationId: string;
  readonly text: string;
}

/** A stock item; `_id` is its sku. */
export interface StockView {
  readonly sku: string;
  readonly name: string;
  /** Minor units. */
  readonly unitPrice: number;
  readonly currency: string;
  readonly onHand: number;
  readonly reserved: number;
  /** `onHand - reserved`. */
  readonly available: number;
  readonly lowStockThreshold: number;
  /** Whether no more is available than the threshold. */
  readonly low: boolean;
  /** Version of the aggregate. */
  readonly version: number;
  readonly registeredAt: Date;
  readonly updatedAt: Date;
  readonly text: string;
}

/** What one sku sold on one day in one currency; `_id` is `day/currency/sku`. A day is a day in UTC. */
export interface SalesView {
  /** `2026-11-25`. */
  readonly day: string;
  readonly sku: string;
  readonly currency: string;
  /** Orders paid on that day with a line of this sku. */
  readonly orders: number;
  /** Pieces in them. */
  readonly quantity: number;
  /** What they cost, in minor units. */
  readonly revenue: number;
  /** Pieces in orders paid back on that day. */
  readonly refundedQuantity: number;
  /** What was paid back for them, in minor units. */
  readonly refunds: number;
}

/** One event of the log; `_id` is its position with the offset padded to 16 digits, so ids sort as the log does. */
export interface JournalView {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  /** `orders-3@1841`. */
  readonly position: string;
  /** The partition's name, `orders-3`. */
  readonly log: string;
  readonly type: EventType;
  readonly key: string;
  readonly version: number;
  readonly time: Date;
  readonly eventId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly commandId: string;
  readonly actor: string;
  readonly source: string;
  readonly traceparent: string | null;
  /** The event's data as recorded: instants are milliseconds since 1970-01-01T00:00:00Z. */
  readonly data: ShopEvent['data'];
  readonly schema: { readonly id: number; readonly subject: string; readonly version: number | null };
  readonly text: string;
}

/** The type of each projection's documents. */
export interface Views {
  readonly orders: OrderView;
  readonly stock: StockView;
  readonly sales: SalesView;
  readonly journal: JournalView;
}

/** The name of a projection. */
export type ProjectionName = keyof Views;

/** Every projection of the shop. */
export const projectionNames: readonly ProjectionName[] = ['orders', 'stock', 'sales', 'journal'];

/** Whether a text names a projection. */
export const isProjectionName = (text: string): text is ProjectionName =>
  projectionNames.some((name) => name === text);

/** The `_id` of an event in the journal: `orders-3@0000000000001841`. */
export const journalId = ({
  topic,
  partition,
  offset,
}: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}): string => `${topic}-${String(partition)}@${String(offset).padStart(16, '0')}`;
