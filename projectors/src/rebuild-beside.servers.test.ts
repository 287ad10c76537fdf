// A whole rebuild beside the running view, on a real server of MongoDB's protocol, with a log in memory.
import { describe, expect, it, vi } from 'vitest';
import { requestRebuild } from '@comptoir/views';
import type { Projection } from './projection.ts';
import { orders } from './projections/orders.ts';
import { stock } from './projections/stock.ts';
import { patience, useEngines } from './testing/engine-bench.ts';
import { plainFold } from './testing/plain-fold.ts';
import { appendOrders, sampleLog } from './testing/sample-log.ts';

const bench = useEngines();

describe('a rebuild', () => {
  it('fills a new generation beside the live one and switches when it has caught up', async () => {
    const log = sampleLog(40);
    bench.start(log);
    await bench.expectCaughtUp(log, 'orders');
    expect(await requestRebuild(bench.database.db, 'orders')).toEqual({
      outcome: 'requested',
      generation: 2,
      live: 1,
    });
    expect(await requestRebuild(bench.database.db, 'orders')).toMatchObject({
      outcome: 'in-progress',
      generation: 2,
    });
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({
        live: 2,
        build: null,
        generations: [
          { number: 1, state: 'kept' },
          { number: 2, state: 'live' },
        ],
      });
    }, patience);
    appendOrders(log, 40, 10);
    await bench.expectCaughtUp(log, 'orders');
    await bench.expectPlainFold(log, orders, 2);
    expect((await bench.database.documents('orders', 1)).size).toBe(40);
  });

  it('can follow another at once, while readers are still in the generation before', async () => {
    const log = sampleLog(5);
    bench.start(log, [stock]);
    await bench.expectCaughtUp(log, 'stock');
    for (const live of [2, 3]) {
      await requestRebuild(bench.database.db, 'stock');
      await vi.waitFor(async () => {
        expect(await bench.database.registry('stock')).toMatchObject({ live });
      }, patience);
    }
    for (const generation of [1, 2, 3]) await bench.expectPlainFold(log, stock, generation);
  });

  it('never shows a reader an older state, or none, while orders come in', async () => {
    const log = sampleLog(30);
    bench.start(log, [orders]);
    bench.start(log, [orders]);
    await bench.expectCaughtUp(log, 'orders');
    await requestRebuild(bench.database.db, 'orders');
    const seen = new Map<string, number>();
    let next = 30;
    for (;;) {
      const { live } = await bench.database.registry('orders');
      const documents = await bench.database.documents('orders', live);
      for (const [id, version] of seen)
        expect(documents.get(id)).toMatchObject({
          version: expect.toSatisfy((found: number) => found >= version) as unknown,
        });
      for (const [id, view] of documents) seen.set(id, 'version' in view ? Number(view.version) : 0);
      if (live === 2) break;
      appendOrders(log, next, 2);
      next += 2;
    }
    await bench.expectCaughtUp(log, 'orders');
    await bench.expectPlainFold(log, orders, 2);
  });

  it('is asked for by code with a new version; readers keep the old generation until it is ready', async () => {
    const log = sampleLog(20);
    const first = bench.start(log, [orders]);
    await bench.expectCaughtUp(log, 'orders');
    await first.stop();
    const shouting: Projection = {
      ...orders,
      version: 2,
      apply: (view, event, id) => {
        const next = orders.apply(view, event, id);
        return next === null ? null : { ...next, status: 'SHIPPED' };
      },
    };
    bench.start(log, [shouting]);
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({ live: 2, version: 2, build: null });
    }, patience);
    expect(await bench.database.documents('orders')).toEqual(plainFold(shouting, log.events));
    expect(await bench.database.documents('orders', 1)).toEqual(plainFold(orders, log.events));
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
    bench.start(log, [stumbling]);
    await bench.expectCaughtUp(log, 'orders');
    state.broken = true;
    await requestRebuild(bench.database.db, 'orders');
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({
        live: 1,
        state: 'running',
        build: { state: 'failed', error: expect.stringContaining('no such thing') as unknown },
      });
    }, patience);
    appendOrders(log, 10, 5);
    await bench.expectCaughtUp(log, 'orders');
    state.broken = false;
    expect(await requestRebuild(bench.database.db, 'orders')).toMatchObject({
      outcome: 'requested',
      generation: 3,
    });
    await vi.waitFor(async () => {
      expect(await bench.database.registry('orders')).toMatchObject({ live: 3, build: null });
    }, patience);
    await bench.expectPlainFold(log, orders, 3);
  });
});
