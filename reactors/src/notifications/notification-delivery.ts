// The delivery of the reactor `notifications`: a document per event. The mail is not sent here but by the outbox, so that a slow or
// dead mail server stops no partition.
import type { Collection } from 'mongodb';
import type { Delivery } from '../runner.ts';
import { insertNew, toDocument, type StoredNotification } from './notification-store.ts';
import type { Notification } from './notifications.ts';

export interface NotificationDeliveryOptions {
  readonly collection: Collection<StoredNotification>;
  /** Whether mails are sent; else notifications are only recorded. */
  readonly mail: boolean;
  /** Called when there are new mails to send. */
  readonly onQueued?: () => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** Writes notifications down, each once. */
export function deliverNotifications(options: NotificationDeliveryOptions): Delivery<Notification> {
  const { collection, mail, onQueued, now = Date.now } = options;
  return async (wave) => {
    const createdAt = now();
    const documents = wave.flatMap(({ event, outputs }) =>
      outputs.map((notification) => toDocument(event, notification, mail, createdAt)),
    );
    const inserted = await insertNew(collection, documents);
    if (mail && inserted > 0) onQueued?.();
  };
}
