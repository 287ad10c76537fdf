// The engine on a real server of MongoDB's protocol, with a log in memory.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@comptoir/service';
import { requestRebuild, type ProjectionName } from '@comptoir/views';
import { startEngine, type Engine } from './engine.ts';
import { hasReached } from './progress.ts';
import type { Projection } from './projection.ts';
import { orders } from './projections/orders.ts';
import { shopProjections } from './projections/shop-projections.ts';
import { stock } from './projections/stock.ts';
import type { InMemoryLog } from './testing/in-memory-log.ts';
import { plainFold } from './testing/plain-fold.ts';
import { appendOrders, sampleLog } from './testing/sample-log.ts';
import { startTcpProxy } from './testing/tcp-proxy.ts';
import { openTestDatabase, type TestDatabase } from './testing/test-database.ts';

const logger = createLogger({ service: 'test', level: process.env.LOG_LEVEL ?? 'silent' });
const patience = { timeout: 30_000, interval: 50 };

let database: TestDatabase;
let engines: Engine[] = [];

beforeEach(async () => {
  database = await openTestDatabase();
});

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  engines = [];
  await database.drop();
});

function start(
  log: InMemoryLog,
  projections: readonly Projection[] = shopProjections,
  db = database.db,
): Engine {
  const pace = { first: 10, most: 200, failed: 300 };
  const engine = startEngine({ db, log, projections, logger, pace });
  engines.push(engine);
  return engine;
}

async function expectCaughtUp(log: InMemoryLog, name: ProjectionName): Promise<void> {
  const { topics } = shopProjections.find((each) => each.name === name) ?? orders;
  const ends = Object.fromEntries(await log.endOffsets(topics));
  await vi.waitFor(async () => {
    expect(hasReached(await database.positions(name), ends)).toBe(true);
  }, patience);
}

async function expectPlainFold(log: InMemoryLog, projection: Projection, generation?: number): Promise<void> {
  expect(await database.documents(projection.name, generation)).toEqual(plainFold(projection, log.events));
}

describe('the engine', () => {
  it('folds the log into every view, and follows it', async () => {
    const log = sampleLog(40);
    start(log);
    await expectCaughtUp(log, 'journal');
    appendOrders(log, 40, 20);
    for (const projection of shopProjections) {
      await expectCaughtUp(log, projection.name);
      await expectPlainFold(log, projection);
    }
  });

  it('goes on from its checkpoint after a stop, and says that it stopped', async () => {
    const log = sampleLog(10);
    await vi.waitFor(() => start(log, [orders]));
    await expectCaughtUp(log, 'orders');
    await engines[0]?.stop();
    expect(await database.registry('orders')).toMatchObject({ state: 'stopped' });
    appendOrders(log, 10, 10);
    start(log, [orders]);
    await expectCaughtUp(log, 'orders');
    await expectPlainFold(log, orders);
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({ state: 'running', error: null });
    }, patience);
  });

  it('shares a projection with another process', async () => {
    const log = sampleLog(60);
    start(log);
    start(log);
    appendOrders(log, 60, 40);
    for (const projection of shopProjections) {
      await expectCaughtUp(log, projection.name);
      await expectPlainFold(log, projection);
    }
  });

  it('reports an event that it cannot fold, leaves the other projections alone, and goes on when it can', async () => {
    const log = sampleLog(5);
    const state = { broken: true };
    const stumbling: Projection = {
      ...orders,
      apply: (view, event, id) => {
        if (state.broken && id === 'order-6') throw new Error('no such thing');
        return orders.apply(view, event, id);
      },
    };
    start(log, [stumbling, stock]);
    appendOrders(log, 5, 5);
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({
        state: 'failed',
        error: {
          message: expect.stringContaining('no such thing') as unknown,
          position: expect.stringMatching(/^orders-\d@\d+$/) as unknown,
        },
      });
    }, patience);
    await expectCaughtUp(log, 'stock');
    expect(await database.registry('stock')).toMatchObject({ error: null });
    state.broken = false;
    await expectCaughtUp(log, 'orders');
    await expectPlainFold(log, orders);
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({ state: 'running', error: null });
    }, patience);
  });

  it('waits for MongoDB when it is away, and goes on by itself when it is back', async () => {
    const address = new URL(database.uri);
    const proxy = await startTcpProxy(address.hostname, Number(address.port || 27_017));
    address.host = `127.0.0.1:${String(proxy.port)}`;
    const log = sampleLog(5);
    const reached = await openTestDatabase(address.href);
    const engine = start(log, [orders], reached.db);
    try {
      await vi.waitFor(async () => {
        expect((await reached.documents('orders')).size).toBe(5);
      }, patience);
      await proxy.cut();
      appendOrders(log, 5, 5);
      await vi.waitFor(() => {
        expect(engine.status()).toMatchObject([{ failure: { ofEvent: false } }]);
      }, patience);
      await proxy.restore();
      await vi.waitFor(async () => {
        expect(await reached.documents('orders')).toEqual(plainFold(orders, log.events));
      }, patience);
      await vi.waitFor(() => {
        expect(engine.status()).toMatchObject([{ failure: undefined, trouble: undefined }]);
      }, patience);
    } finally {
      await engine.stop();
      await reached.drop();
      await proxy.cut();
    }
  });
});

describe('a rebuild', () => {
  it('fills a new generation beside the live one and switches when it has caught up', async () => {
    const log = sampleLog(40);
    start(log);
    await expectCaughtUp(log, 'orders');
    expect(await requestRebuild(database.db, 'orders')).toEqual({
      outcome: 'requested',
      generation: 2,
      live: 1,
    });
    expect(await requestRebuild(database.db, 'orders')).toMatchObject({
      outcome: 'in-progress',
      generation: 2,
    });
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({
        live: 2,
        build: null,
        generations: [
          { number: 1, state: 'kept' },
          { number: 2, state: 'live' },
        ],
      });
    }, patience);
    appendOrders(log, 40, 10);
    await expectCaughtUp(log, 'orders');
    await expectPlainFold(log, orders, 2);
    expect((await database.documents('orders', 1)).size).toBe(40);
  });

  it('drops the generation before the live one when the next begins', async () => {
    const log = sampleLog(5);
    start(log, [stock]);
    await expectCaughtUp(log, 'stock');
    for (const live of [2, 3]) {
      await requestRebuild(database.db, 'stock');
      await vi.waitFor(async () => {
        expect(await database.registry('stock')).toMatchObject({ live });
      }, patience);
    }
    expect((await database.registry('stock')).generations.map(({ number }) => number)).toEqual([2, 3]);
    expect((await database.documents('stock', 1)).size).toBe(0);
    expect(await database.positions('stock', 1)).toEqual({});
  });

  it('never shows a reader an older state, or none, while orders come in', async () => {
    const log = sampleLog(30);
    start(log, [orders]);
    start(log, [orders]);
    await expectCaughtUp(log, 'orders');
    await requestRebuild(database.db, 'orders');
    const seen = new Map<string, number>();
    let next = 30;
    for (;;) {
      const { live } = await database.registry('orders');
      const documents = await database.documents('orders', live);
      for (const [id, version] of seen)
        expect(documents.get(id)).toMatchObject({
          version: expect.toSatisfy((found: number) => found >= version) as unknown,
        });
      for (const [id, view] of documents) seen.set(id, 'version' in view ? Number(view.version) : 0);
      if (live === 2) break;
      appendOrders(log, next, 2);
      next += 2;
    }
    await expectCaughtUp(log, 'orders');
    await expectPlainFold(log, orders, 2);
  });

  it('is asked for by code with a new version; readers keep the old generation until it is ready', async () => {
    const log = sampleLog(20);
    const first = start(log, [orders]);
    await expectCaughtUp(log, 'orders');
    await first.stop();
    const shouting: Projection = {
      ...orders,
      version: 2,
      apply: (view, event, id) => {
        const next = orders.apply(view, event, id);
        return next === null ? null : { ...next, status: 'SHIPPED' };
      },
    };
    start(log, [shouting]);
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({ live: 2, version: 2, build: null });
    }, patience);
    expect(await database.documents('orders')).toEqual(plainFold(shouting, log.events));
    expect(await database.documents('orders', 1)).toEqual(plainFold(orders, log.events));
  });

  it('that meets an event which it cannot fold fails, and the live generation goes on', async () => {
    const log = sampleLog(10);
    const state = { broken: false };
    const stumbling: Projection = {
      ...orders,
      apply: (view, event, id) => {
        if (state.broken && event.offset === 0) throw new Error('no such thing');
        return orders.apply(view, event, id);
      },
    };
    start(log, [stumbling]);
    await expectCaughtUp(log, 'orders');
    state.broken = true;
    await requestRebuild(database.db, 'orders');
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({
        live: 1,
        state: 'running',
        build: { state: 'failed', error: expect.stringContaining('no such thing') as unknown },
      });
    }, patience);
    appendOrders(log, 10, 5);
    await expectCaughtUp(log, 'orders');
    state.broken = false;
    expect(await requestRebuild(database.db, 'orders')).toMatchObject({
      outcome: 'requested',
      generation: 3,
    });
    await vi.waitFor(async () => {
      expect(await database.registry('orders')).toMatchObject({ live: 3, build: null });
    }, patience);
    await expectPlainFold(log, orders, 3);
  });
});
