// Test support: the query API on a small shop, in a database of its own for each file of tests.
import { createLogger, type Http } from '@comptoir/service';
import { notificationsCollection, viewCollection, type NotificationDocument } from '@comptoir/views';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, expect } from 'vitest';
import { createQueryApi } from '../app.ts';
import {
  appendToJournal,
  checkpoint,
  journalOf,
  openTestDatabase,
  orderOf,
  registerProjections,
  salesOf,
  stockOf,
} from './database.ts';

/** A list as it is answered. */
export interface Listed {
  readonly items: Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
}

const notification = (number: number, change: Partial<NotificationDocument>) => ({
  _id: `event-${String(number)}`,
  kind: 'order-confirmed' as const,
  orderId: 'o-1',
  to: 'ada@example.org',
  language: 'en' as const,
  subject: 'Confirmed',
  text: 'Your order is confirmed.',
  status: 'sent' as const,
  attempts: 1,
  eventId: `event-${String(number)}`,
  eventType: 'OrderConfirmed',
  position: `orders-3@${String(number)}`,
  correlationId: 'c-1',
  createdAt: new Date(Date.UTC(2026, 10, 25, 9, number)),
  claim: 'not for readers',
  dueAt: new Date(),
  ...change,
});

async function fillShop(db: Db): Promise<void> {
  await registerProjections(db);
  await viewCollection(db, 'orders', 1).insertMany([
    ...Array.from({ length: 7 }, (_, number) => orderOf(number)),
    // Placed at the same instant as the one before: only ids tell them apart.
    orderOf(7, { placedAt: orderOf(6).placedAt }),
    orderOf(8, {
      status: 'rejected',
      customer: { id: 'c-2', name: 'Émile (100%)', email: 'emile@example.org', language: 'fr' },
      text: 'émile (100%) emile@example.org',
      lines: [
        {
          sku: 'VASE',
          quantity: 1,
          unitPrice: 900,
          status: 'refused',
          refusal: { reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null },
        },
      ],
      rejection: { sku: 'VASE', reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null },
      rejectedAt: orderOf(9).placedAt,
    }),
  ]);
  await checkpoint(db, 'orders.g1', { 'orders-3': 9, 'orders-4': 0 });
  await viewCollection(db, 'stock', 1).insertMany([
    stockOf('LAMP'),
    stockOf('VASE', { low: true, available: 1 }),
    stockOf('A/B C'),
  ]);
  await viewCollection(db, 'sales', 1).insertMany([
    salesOf('2026-11-23', 'LAMP'),
    salesOf('2026-11-24', 'LAMP', {
      orders: 3,
      quantity: 5,
      revenue: 6000,
      refunds: 1000,
      refundedQuantity: 1,
    }),
    salesOf('2026-11-24', 'VASE', { revenue: 900 }),
    salesOf('2026-11-24', 'VASE', { _id: '2026-11-24/USD/VASE', currency: 'USD', revenue: 100 } as object),
    salesOf('2026-11-25', 'VASE', { revenue: 800 }),
  ]);
  await appendToJournal(db, [
    journalOf('orders', 3, 0),
    journalOf('orders', 3, 2),
    journalOf('stock', 1, 1),
    journalOf('stock', 1, 3),
  ]);
  await notificationsCollection(db).insertMany([
    notification(1, {}),
    notification(2, { orderId: 'o-2', status: 'failed', reason: 'mailbox unavailable' }),
  ]);
}

/** The API on the shop, for all tests of a file. */
export function useShop() {
  let database: Awaited<ReturnType<typeof openTestDatabase>> | undefined;
  let app: Http | undefined;
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('no test is running');
    return value;
  };

  beforeAll(async () => {
    database = await openTestDatabase();
    app = await createQueryApi({ database, logger: createLogger({ service: 'test', level: 'error' }) });
    await fillShop(database.db);
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const list = async (url: string): Promise<Listed> => {
    const answer = await there(app).inject(url);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
  return {
    get app() {
      return there(app);
    },
    get db() {
      return there(database).db;
    },
    get: async (url: string) => {
      const answer = await there(app).inject(url);
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.json<Record<string, unknown>>(),
      };
    },
    list,
    /** Every page of a list, one after the other. */
    async pages(url: string): Promise<Listed['items'][]> {
      const found: Listed['items'][] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { items, nextCursor }: Listed = await list(cursor === '' ? url : `${url}&cursor=${cursor}`);
        found.push(items);
        cursor = nextCursor;
      }
      return found;
    },
  };
}
