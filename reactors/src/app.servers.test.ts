// The whole service but Kafka: events from a log in memory, commands to a real HTTP server, documents in MongoDB (MONGODB_URI), mails
// to a real SMTP server.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  notificationsName,
  readCheckpoints,
  type Database,
  type NotificationDocument,
} from '@comptoir/views';
import { startReactors, type Reactors, type ReactorsOptions } from './app.ts';
import { captureLog } from './testing/captured-log.ts';
import { FakeCommandApi } from './testing/fake-command-api.ts';
import { InMemoryLog } from './testing/in-memory-log.ts';
import { MailServer } from './testing/mail-server.ts';
import { dropTestDatabase, mongoUri, openTestDatabase } from './testing/mongo.ts';
import { instant, orderCancelled, orderPlaced } from './testing/recorded-events.ts';

describe.skipIf(mongoUri === undefined)('the reactors', { timeout: 20_000 }, () => {
  let database: Database;
  let api: FakeCommandApi;
  let url: string;
  let mailServer: MailServer;
  let log: InMemoryLog;
  let running: Reactors[];

  beforeEach(async () => {
    database = await openTestDatabase();
    api = new FakeCommandApi();
    url = await api.listen();
    mailServer = new MailServer();
    await mailServer.listen();
    log = new InMemoryLog();
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map(stop));
    await mailServer.close();
    await api.close();
    await dropTestDatabase(database);
  });

  async function start(options: Partial<ReactorsOptions> = {}): Promise<Reactors> {
    const started = await startReactors({
      log: Object.assign(log, { isReachable: () => Promise.resolve(true) }),
      database,
      commandApiUrl: url,
      mail: { url: mailServer.url, from: 'Comptoir <shop@comptoir.example>' },
      warehouseEmail: 'warehouse@comptoir.example',
      warehouseLanguage: 'fr',
      startAt: 'beginning',
      logger: captureLog().logger,
      ...options,
    });
    running.push(started);
    return started;
  }
  async function stop(reactors: Reactors): Promise<void> {
    await reactors.http.close();
    await reactors.stop();
  }
  const told = (): Promise<NotificationDocument[]> =>
    database.db.collection<NotificationDocument>(notificationsName).find().sort({ position: 1 }).toArray();
  const until = (check: () => Promise<void> | void): Promise<void> =>
    vi.waitFor(check, { timeout: 10_000, interval: 25 });
  const lowStock = {
    type: 'LowStockReached',
    data: { sku: 'KETTLE', name: 'Bouilloire', available: 2, lowStockThreshold: 5, reachedAt: instant },
  } as const;

  it('send commands, write notifications down, and send each as a mail', async () => {
    log.append(orderPlaced());
    const cancelled = log.append(orderCancelled());
    log.append(lowStock);
    await start();
    await until(async () => {
      expect((await told()).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
        'order-cancelled sent',
        'low-stock sent',
      ]);
    });
    expect(mailServer.mails.map(({ to, subject }) => `${String(to)}: ${subject}`).toSorted()).toEqual([
      'ada@example.org: Your order 1b9d6bcd is cancelled',
      'warehouse@comptoir.example: Stock bas\u00a0: KETTLE',
    ]);
    expect(mailServer.mails.map(({ headers }) => headers['message-id'])).toContain(
      `<${cancelled.id}@comptoir.example>`,
    );
    await until(() => {
      expect(api.commands.map(({ type }) => type)).toEqual([
        'ReserveStock',
        'ReserveStock',
        'ReleaseReservation',
        'ReleaseReservation',
      ]);
    });
    await until(async () => {
      const checkpoints = await readCheckpoints(database.db, ['reactor.fulfilment', 'reactor.notifications']);
      expect([...checkpoints.values()].map(({ positions }) => positions['orders-0'])).toEqual([2, 2]);
    });
  });

  it('go on after a restart where they were, and tell nobody twice', async () => {
    log.append(orderPlaced());
    log.append(orderCancelled());
    const first = await start();
    await until(async () => {
      expect((await told())[0]?.status).toBe('sent');
      expect(api.commands).toHaveLength(4);
      const [checkpoint] = (await readCheckpoints(database.db, ['reactor.fulfilment'])).values();
      expect(checkpoint?.positions).toEqual({ 'orders-0': 2 });
    });
    await stop(first);
    log.append(lowStock);
    await start();
    await until(async () => {
      expect((await told()).map(({ status }) => status)).toEqual(['sent', 'sent']);
    });
    expect(mailServer.mails).toHaveLength(2);
    expect(api.commands).toHaveLength(4);
  });

  it('only record notifications when there is no mail server', async () => {
    log.append(orderCancelled());
    await start({ mail: undefined });
    await until(async () => {
      expect((await told()).map(({ status }) => status)).toEqual(['recorded']);
    });
    expect(mailServer.connections).toBe(0);
  });

  it('do not let a dead mail server hold anything up', async () => {
    await mailServer.close();
    log.append(orderPlaced());
    log.append(orderCancelled());
    await start();
    await until(async () => {
      const [notification] = await told();
      expect(notification).toMatchObject({ status: 'queued', attempts: 0 });
      expect(notification?.reason).toContain('ECONNREFUSED');
      expect(api.commands).toHaveLength(4);
    });
  });

  it('say whether they can do their work, and how they are doing', async () => {
    log.append(orderPlaced());
    const { http } = await start();
    expect((await http.inject('/health/live')).statusCode).toBe(200);
    expect((await http.inject('/health/ready')).json()).toEqual({
      status: 'ready',
      checks: { kafka: 'ok', mongodb: 'ok' },
    });
    await until(async () => {
      const metrics = (await http.inject('/metrics')).body;
      expect(metrics).toMatch(
        /comptoir_reactor_commands_total\{reactor="fulfilment",command="ReserveStock",outcome="accepted",code="",service="reactors"\} 2/,
      );
      expect(metrics).toMatch(
        /comptoir_reactor_lag_events\{reactor="fulfilment",partition="orders-0",service="reactors"\} 0/,
      );
    });
  });

  it('are not ready while Kafka does not answer', async () => {
    const { http } = await start();
    Object.assign(log, { isReachable: () => Promise.resolve(false) });
    const answer = await http.inject('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'not-ready' });
  });
});
