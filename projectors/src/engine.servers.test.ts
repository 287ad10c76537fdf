// The engine on a real server of MongoDB's protocol, with a log in memory.
import { describe, expect, it, vi } from 'vitest';
import type { Projection } from './projection.ts';
import { orders } from './projections/orders.ts';
import { shopProjections } from './projections/shop-projections.ts';
import { stock } from './projections/stock.ts';
import { patience, useEngines } from './testing/engine-bench.ts';
import { plainFold } from './testing/plain-fold.ts';
import { appendOrders, sampleLog } from './testing/sample-log.ts';

const bench = useEngines();

describe('the engine', () => {
  it('folds the log into every view, and follows it', async () => {
    const log = sampleLog(40);
    bench.start(log);
    await bench.expectCaughtUp(log, 'journal');
    appendOrders(log, 40, 20);
    for (const projection of shopProjections) {
      await bench.expectCaughtUp(log, projection.name);
      await bench.expectPlainFold(log, projection);
    }
  });

  it('goes on from its checkpoint after a stop, and says that it stopped', async () => {
    const log = sampleLog(10);
    const first = bench.start(log, [orders]);
    await bench.expectCaughtUp(log, 'orders');
    await first.stop();
    expect(await bench.database.registry('orders')).toMatchObject({ state: 'stopped' });
    appendOrders(log, 10, 10);
    bench.start(log, [orders]);
    await bench.expectCaughtUp(log, 'orders');
    await bench.expectPlainFold(log, orders);
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({ state: 'running', error: null });
    }, patience);
  });

  it('shares a projection with another process', async () => {
    const log = sampleLog(60);
    bench.start(log);
    bench.start(log);
    appendOrders(log, 60, 40);
    for (const projection of shopProjections) {
      await bench.expectCaughtUp(log, projection.name);
      await bench.expectPlainFold(log, projection);
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
    bench.start(log, [stumbling, stock]);
    appendOrders(log, 5, 5);
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({
        state: 'failed',
        error: {
          message: expect.stringContaining('no such thing') as unknown,
          position: expect.stringMatching(/^orders-\d@\d+$/) as unknown,
        },
      });
    }, patience);
    await bench.expectCaughtUp(log, 'stock');
    expect(await bench.database.registry('stock')).toMatchObject({ error: null });
    state.broken = false;
    await bench.expectCaughtUp(log, 'orders');
    await bench.expectPlainFold(log, orders);
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({ state: 'running', error: null });
    }, patience);
  });

  it('waits for MongoDB when it is away, and goes on by itself when it is back', async () => {
    const { proxy, reached } = await bench.openThroughProxy();
    const log = sampleLog(5);
    const engine = bench.start(log, [orders], reached.db);
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
  });
});

describe('a stop', () => {
  it('does not wait for the end of a batch, and what was begun is done by the next process', async () => {
    const log = sampleLog(40, 200);
    const reached = Promise.withResolvers<undefined>();
    let handled = 0;
    const slow: Projection = {
      ...orders,
      apply: (view, event, id) => {
        handled += 1;
        if (handled === 30) reached.resolve(undefined);
        return orders.apply(view, event, id);
      },
    };
    const first = bench.start(log, [slow]);
    await reached.promise;
    await first.stop();
    const seen = await bench.database.documents('orders');
    bench.start(log, [orders]);
    await bench.expectCaughtUp(log, 'orders');
    await bench.expectPlainFold(log, orders);
    expect(seen.size).toBeLessThanOrEqual(40);
  });

  it.each(['cut', 'stall'] as const)(
    'takes no longer than a process is given when MongoDB does not answer (%s)',
    async (how) => {
      const { proxy, reached } = await bench.openThroughProxy();
      const log = sampleLog(5);
      const writing = Promise.withResolvers<undefined>();
      let gone = false;
      const watched: Projection = {
        ...orders,
        apply: (view, event, id) => {
          if (gone) writing.resolve(undefined);
          return orders.apply(view, event, id);
        },
      };
      const engine = bench.start(log, [watched, stock], reached.db);
      await vi.waitFor(async () => {
        expect((await reached.documents('orders')).size).toBe(5);
      }, patience);
      gone = true;
      appendOrders(log, 5, 5);
      // The documents are loaded, their write is in hand or about to be.
      await writing.promise;
      await proxy[how]();
      const started = performance.now();
      await engine.stop();
      expect(performance.now() - started).toBeLessThan(8_000);
    },
  );
});
