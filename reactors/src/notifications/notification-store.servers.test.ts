// The queue over a real server of MongoDB's protocol (MONGODB_URI).
import type { Collection } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '@comptoir/views';
import { dropTestDatabase, mongoUri, openTestDatabase } from '../testing/mongo.ts';
import { instant, orderCancelled, recorded } from '../testing/recorded-events.ts';
import {
  createQueue,
  insertNew,
  openNotifications,
  toDocument,
  type StoredNotification,
} from './notification-store.ts';
import type { ClaimedNotification, Queue } from './outbox.ts';

const document = (id: string, now: number, mail = true): StoredNotification =>
  toDocument(
    recorded(orderCancelled(), { id, partition: 3, offset: 41 }),
    {
      kind: 'order-cancelled',
      orderId: 'order-1',
      to: 'ada@example.org',
      language: 'en',
      subject: 'Subject',
      text: 'Text',
    },
    mail,
    now,
  );

describe.skipIf(mongoUri === undefined)('the notifications in MongoDB', { timeout: 20_000 }, () => {
  let database: Database | undefined;
  let collection: Collection<StoredNotification>;
  let queue: Queue;

  beforeEach(async () => {
    database = await openTestDatabase();
    collection = await openNotifications(database.db);
    queue = createQueue(collection);
  });
  afterEach(() => dropTestDatabase(database));

  const claim = async (now: number, leaseEnd = now + 1_000): Promise<ClaimedNotification> => {
    const claimed = await queue.claim(now, leaseEnd);
    if (claimed === undefined) throw new Error('nothing to claim');
    return claimed;
  };

  it('are written once per event, however often the event comes', async () => {
    expect(await insertNew(collection, [document('a', instant), document('b', instant)])).toBe(2);
    const again = [document('b', instant + 5), document('c', instant), document('a', instant + 5)];
    expect(await insertNew(collection, again)).toBe(1);
    expect(await insertNew(collection, again)).toBe(0);
    expect(await collection.countDocuments()).toBe(3);
    expect((await collection.findOne({ _id: 'b' }))?.createdAt).toEqual(new Date(instant));
  });

  it('say what they tell of', async () => {
    await insertNew(collection, [document('a', instant, false)]);
    expect(await collection.findOne({ _id: 'a' })).toEqual({
      _id: 'a',
      kind: 'order-cancelled',
      orderId: 'order-1',
      to: 'ada@example.org',
      language: 'en',
      subject: 'Subject',
      text: 'Text',
      status: 'recorded',
      attempts: 0,
      eventId: 'a',
      eventType: 'OrderCancelled',
      position: 'orders-3@41',
      correlationId: 'correlation-1',
      createdAt: new Date(instant),
    });
  });

  it('are claimed by one process at a time, the longest due first', async () => {
    await insertNew(collection, [document('late', instant), document('early', instant - 10)]);
    const claimed = await Promise.all([1, 2, 3, 4].map(() => queue.claim(instant, instant + 1_000)));
    const ids = claimed.flatMap((each) => (each === undefined ? [] : [each.id]));
    expect(ids.toSorted()).toEqual(['early', 'late']);
    await insertNew(collection, [document('next', instant + 2), document('first', instant + 1)]);
    expect((await claim(instant + 2)).id).toBe('first');
  });

  it('are not claimed when there is no mail to send', async () => {
    await insertNew(collection, [document('a', instant, false)]);
    expect(await queue.claim(instant + 1_000_000, instant + 2_000_000)).toBeUndefined();
  });

  it('are claimed again when the lease is over, and the late holder can say nothing more', async () => {
    await insertNew(collection, [document('a', instant)]);
    const late = await claim(instant);
    expect(await queue.claim(instant + 999, instant + 5_000)).toBeUndefined();
    const second = await claim(instant + 1_000);
    expect(second).toMatchObject({ id: 'a', attempts: 2, createdAt: instant });
    await queue.markFailed(late, 'too late');
    expect((await collection.findOne({ _id: 'a' }))?.status).toBe('queued');
    await queue.markSent(second, instant + 1_500);
    const sent = await collection.findOne({ _id: 'a' });
    expect(sent).toMatchObject({ status: 'sent', sentAt: new Date(instant + 1_500), attempts: 2 });
    expect(sent).not.toHaveProperty('dueAt');
    expect(sent).not.toHaveProperty('claim');
  });

  it('can be put off, with or without counting the attempt', async () => {
    await insertNew(collection, [document('a', instant)]);
    await queue.postpone(await claim(instant), instant + 100, 'mailbox busy', true);
    expect(await collection.findOne({ _id: 'a' })).toMatchObject({ attempts: 1, reason: 'mailbox busy' });
    expect(await queue.claim(instant + 99, instant + 1_000)).toBeUndefined();
    await queue.postpone(await claim(instant + 100), instant + 200, 'nobody listens', false);
    expect(await collection.findOne({ _id: 'a' })).toMatchObject({ attempts: 1, reason: 'nobody listens' });
  });

  it('say why a mail was given up', async () => {
    await insertNew(collection, [document('a', instant)]);
    await queue.markFailed(await claim(instant), '550 No such mailbox');
    const failed = await collection.findOne({ _id: 'a' });
    expect(failed).toMatchObject({ status: 'failed', reason: '550 No such mailbox' });
    expect(failed).not.toHaveProperty('dueAt');
  });
});
