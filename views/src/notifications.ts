// The collection `notifications`: what somebody was told, or why not. Written by a reactor, once per event; not a projection,
// so a rebuild never touches it and nobody is told twice.
import type { Collection, Db, IndexDescription } from 'mongodb';

/** What a notification says. */
export type NotificationKind =
  'order-confirmed' | 'order-rejected' | 'order-shipped' | 'order-cancelled' | 'low-stock';

/** `recorded`: there is no mail server, the document is all there is. */
export type NotificationStatus = 'queued' | 'sent' | 'failed' | 'recorded';

/** One notification; `_id` is the id of the event that it tells of. */
export interface NotificationDocument {
  readonly _id: string;
  readonly kind: NotificationKind;
  readonly orderId?: string;
  readonly sku?: string;
  /** A mail address. */
  readonly to: string;
  readonly language: 'en' | 'fr';
  readonly subject: string;
  readonly text: string;
  readonly status: NotificationStatus;
  /** Why it was not sent, or not yet. */
  readonly reason?: string;
  readonly attempts: number;
  readonly eventId: string;
  readonly eventType: string;
  /** `orders-3@1841`. */
  readonly position: string;
  readonly correlationId: string;
  readonly createdAt: Date;
  readonly sentAt?: Date;
}

/** What readers list notifications by: newest first, `_id` breaks ties. */
export const notificationIndexes: readonly IndexDescription[] = [
  { name: 'created', key: { createdAt: -1, _id: -1 } },
  { name: 'order', key: { orderId: 1, createdAt: -1, _id: -1 } },
  { name: 'status', key: { status: 1, createdAt: -1, _id: -1 } },
];

/** Name of the collection. */
export const notificationsName = 'notifications';

/** What somebody was told. */
export const notificationsCollection = (db: Db): Collection<NotificationDocument> =>
  db.collection(notificationsName);
