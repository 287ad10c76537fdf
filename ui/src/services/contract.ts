// What both APIs say over HTTP, as the panel reads it: raw data, before any model has looked at it.
// Instants are ISO 8601 strings in UTC; money is an integer in minor units beside its ISO 4217 currency.
// A field that a later version adds is ignored here; a field missing here is not relied on.

export type OrderStatus =
  'placed' | 'awaiting-payment' | 'paid' | 'shipped' | 'delivered' | 'rejected' | 'cancelled';
export type LineStatus = 'pending' | 'reserved' | 'refused' | 'released' | 'shipped';
export type RefusalReason = 'INSUFFICIENT_STOCK' | 'UNKNOWN_ITEM' | 'PRICE_CHANGED' | 'CURRENCY_MISMATCH';
export type AdjustmentReason = 'received' | 'counted' | 'damaged' | 'returned' | 'correction';

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: string;
}

export interface QuotedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

export interface Refusal {
  readonly reason: RefusalReason;
  readonly available: number | null;
  readonly currentUnitPrice: number | null;
}

export interface OrderLine extends QuotedLine {
  readonly status: LineStatus;
  readonly refusal?: Refusal;
}

export interface Order {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly customer: Customer;
  readonly lines: readonly OrderLine[];
  readonly total: number;
  readonly currency: string;
  readonly placedAt: string;
  readonly updatedAt: string;
  readonly confirmedAt?: string;
  readonly rejectedAt?: string;
  readonly paidAt?: string;
  readonly shippedAt?: string;
  readonly deliveredAt?: string;
  readonly cancelledAt?: string;
  readonly payment?: { readonly amount: number; readonly method: string };
  readonly shipment?: { readonly carrier: string; readonly trackingNumber: string };
  readonly rejection?: Refusal & { readonly sku: string };
  readonly cancellation?: { readonly by: string; readonly reason: string; readonly refund: number };
  readonly version: number;
  readonly correlationId: string;
}

export interface StockItem {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: number;
  readonly currency: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly lowStockThreshold: number;
  readonly low: boolean;
  readonly version: number;
  readonly registeredAt: string;
  readonly updatedAt: string;
}

export interface Sale {
  /** Absent when summed by sku. */
  readonly day?: string;
  /** Absent when summed by day, and so is `orders`: an order has several skus. */
  readonly sku?: string;
  readonly currency: string;
  readonly orders?: number;
  readonly quantity: number;
  readonly revenue: number;
  readonly refundedQuantity: number;
  readonly refunds: number;
}

export interface JournalEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** `orders-3@1841` */
  readonly position: string;
  /** `orders-3` */
  readonly log: string;
  readonly type: string;
  readonly key: string;
  readonly version: number;
  readonly time: string;
  readonly eventId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly commandId: string;
  readonly actor: string;
  readonly source: string;
  readonly traceparent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly schema: { readonly id: number; readonly subject: string; readonly version: number | null };
}

export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'recorded';

export interface Notification {
  readonly kind: string;
  readonly orderId?: string;
  readonly sku?: string;
  readonly to: string;
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly status: NotificationStatus;
  readonly reason?: string;
  readonly attempts: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly position: string;
  readonly correlationId: string;
  readonly createdAt: string;
  readonly sentAt?: string;
}

export interface ProjectionBuild {
  readonly generation: number;
  readonly state: 'requested' | 'filling' | 'following' | 'switching' | 'failed';
  readonly requestedAt: string;
  readonly startedAt: string | null;
  /** End of every partition when filling began. */
  readonly targetOffsets: Readonly<Record<string, number>>;
  readonly total: number;
  readonly done: number;
  readonly ratePerSecond: number;
  readonly secondsLeft: number | null;
  readonly error: string | null;
}

export interface Projection {
  readonly name: string;
  readonly state: 'running' | 'failed' | 'stopped';
  readonly live: number;
  readonly version: number;
  readonly generations: readonly {
    readonly number: number;
    readonly version: number;
    readonly state: 'live' | 'building' | 'kept';
    readonly createdAt: string;
    readonly readyAt: string | null;
  }[];
  readonly build: ProjectionBuild | null;
  readonly lag: { readonly events: number; readonly seconds: number | null };
  readonly partitions: readonly {
    readonly partition: string;
    readonly position: number;
    readonly end: number;
    readonly lag: number;
  }[];
  readonly ratePerSecond: number;
  readonly error: { readonly message: string; readonly position: string | null; readonly at: string } | null;
  readonly updatedAt: string;
  readonly documents: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface CommandAccepted {
  readonly commandId: string;
  readonly aggregateId: string;
  readonly version: number;
  /** Of the aggregate's latest event. */
  readonly position?: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly events: readonly { readonly id: string; readonly type: string; readonly version: number }[];
  readonly token: string;
}

export interface RebuildAnswer {
  readonly name: string;
  readonly generation: number;
  /** Offsets to read. */
  readonly events: number;
  /** The generation that readers use meanwhile, and that is kept afterwards. */
  readonly keeps: number;
  readonly dryRun: boolean;
  readonly message: string;
}

/** RFC 9457 problem details, with the members this shop adds. */
export interface ProblemDetails {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code?: string;
  readonly correlationId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly refusal?: Readonly<Record<string, unknown>>;
}
