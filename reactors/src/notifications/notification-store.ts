// The collection `notifications`: one document per event that somebody is told of, and the queue of mails at the same time.
// Queued documents carry two fields more: `dueAt`, when an outbox may take it (a claim moves it to the end of its lease, so lease
// and back-off are one thing), and `claim`, the token of who holds it. Both go when the mail is sent or given up.
// Updates are single-document and by `_id`, so any server of MongoDB's protocol will do.
import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '@comptoir/event-log';
import { formatPosition } from '@comptoir/schemas';
import { notificationIndexes, notificationsName, type NotificationDocument } from '@comptoir/views';
import { MongoBulkWriteError, type Collection, type Db } from 'mongodb';
import type { Notification } from './notifications.ts';
import type { ClaimedNotification, Queue } from './outbox.ts';

/** A notification as it is stored. */
export type StoredNotification = NotificationDocument & {
  readonly dueAt?: Date;
  readonly claim?: string;
};

/** The collection, with the indexes that its readers and the queue need. */
export async function openNotifications(db: Db): Promise<Collection<StoredNotification>> {
  const collection = db.collection<StoredNotification>(notificationsName);
  await collection.createIndexes([...notificationIndexes, { name: 'queue', key: { status: 1, dueAt: 1 } }]);
  return collection;
}

/**
 * The document of a notification.
 * @param mail - whether a mail is to be sent; without one it is only recorded
 * @param now - epoch ms
 */
export function toDocument(
  event: RecordedEvent,
  notification: Notification,
  mail: boolean,
  now: number,
): StoredNotification {
  const createdAt = new Date(now);
  return {
    _id: event.id,
    ...notification,
    status: mail ? 'queued' : 'recorded',
    attempts: 0,
    eventId: event.id,
    eventType: event.type,
    position: formatPosition(event),
    correlationId: event.correlationId,
    createdAt,
    ...(mail ? { dueAt: createdAt } : {}),
  };
}

const duplicateKey = 11_000;

/**
 * Inserts documents that are not there yet.
 * @returns how many were new
 */
export async function insertNew(
  collection: Collection<StoredNotification>,
  documents: readonly StoredNotification[],
): Promise<number> {
  if (documents.length === 0) return 0;
  try {
    await collection.insertMany(documents, { ordered: false });
    return documents.length;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    if (failures.some(({ code }) => code !== duplicateKey)) throw error;
    // Counted here: not every server counts what it inserted beside the failures.
    return documents.length - failures.length;
  }
}

/** The queue over the collection. */
export function createQueue(collection: Collection<StoredNotification>): Queue {
  const held = ({ id, claim }: ClaimedNotification): { _id: string; claim: string } => ({ _id: id, claim });
  return {
    async claim(now, leaseEnd) {
      const token = randomUUID();
      const taken = await collection.findOneAndUpdate(
        { status: 'queued', dueAt: { $lte: new Date(now) } },
        { $set: { dueAt: new Date(leaseEnd), claim: token }, $inc: { attempts: 1 } },
        { sort: { dueAt: 1 }, returnDocument: 'after' },
      );
      if (taken === null) return undefined;
      const { _id, attempts, to, subject, text, language, createdAt } = taken;
      return { id: _id, claim: token, attempts, to, subject, text, language, createdAt: createdAt.getTime() };
    },
    async markSent(claimed, at) {
      await collection.updateOne(held(claimed), {
        $set: { status: 'sent', sentAt: new Date(at) },
        $unset: { dueAt: '', claim: '', reason: '' },
      });
    },
    async markFailed(claimed, reason) {
      await collection.updateOne(held(claimed), {
        $set: { status: 'failed', reason },
        $unset: { dueAt: '', claim: '' },
      });
    },
    async postpone(claimed, dueAt, reason, counted) {
      await collection.updateOne(held(claimed), {
        $set: { dueAt: new Date(dueAt), reason },
        $unset: { claim: '' },
        ...(counted ? {} : { $inc: { attempts: -1 } }),
      });
    },
  };
}
