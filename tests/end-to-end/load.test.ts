// Sixteen clients place orders for twenty seconds, while the orders view is rebuilt under them. No error; every acknowledged
// order is in the log once and in the rebuilt view; no reader ever gets a 404 or an older state than it has seen.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { foldOrders } from './support/independent-fold.ts';
import { brokenSequences, placedBy, readPlainly } from './support/plain-log.ts';
import type { Order } from './support/shop.ts';
import { freshSku, servers, startSystem, type System } from './support/system.ts';

const patient = { timeout: 120_000, interval: 100 };
const clients = 16;
const duration = 20_000;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

interface Registry {
  readonly _id: string;
  readonly live: number;
  readonly build: unknown;
}

const registry = async (): Promise<Registry> => {
  const found = await system.db.collection<Registry>('projections').findOne({ _id: 'orders' });
  if (found === null) throw new Error('no projection orders');
  return found;
};

describe('sixteen clients placing orders for twenty seconds, with a rebuild under way', () => {
  const acknowledged = new Map<string, string>();
  const failures: string[] = [];
  const regressions: string[] = [];
  let generation = 0;

  it('get no error, and no reader an older state', { timeout: 240_000 }, async () => {
    const { shop, comptoir } = system;
    const sku = freshSku('load');
    await shop.registerItem(sku, 100_000_000);
    const watched = await shop.placeOrder([{ sku, quantity: 1, unitPrice: 450 }]);
    await shop.orderWith('awaiting-payment', watched.body.aggregateId);
    generation = (await registry()).live;
    const end = Date.now() + duration;
    let running = true;

    const client = async (): Promise<void> => {
      while (Date.now() < end) {
        const key = randomUUID();
        const answer = await shop.placeOrder([{ sku, quantity: 1, unitPrice: 450 }], { key });
        if (answer.status === 201) acknowledged.set(key, answer.body.aggregateId);
        else failures.push(`${String(answer.status)} ${String(answer.body.code)}`);
      }
    };
    const seen = new Map<string, number>();
    const reader = async (): Promise<void> => {
      while (running) {
        const recent = [watched.body.aggregateId, ...[...acknowledged.values()].slice(0, 50)];
        for (const id of recent) {
          const { status, body } = await shop.query<Order>(`/v1/orders/${id}`);
          const before = seen.get(id);
          if (before === undefined && status === 404) continue;
          if (status !== 200) regressions.push(`${id}: HTTP ${String(status)}`);
          else if (body.version < (before ?? 0))
            regressions.push(`${id}: version ${String(body.version)} after ${String(before)}`);
          if (status === 200) seen.set(id, body.version);
        }
        const list = await shop.query<{ items: unknown[] }>('/v1/orders?limit=5');
        if (list.status !== 200 || list.body.items.length === 0)
          regressions.push(`list: HTTP ${String(list.status)}`);
      }
    };
    const reading = [reader(), reader()];
    const placing = Array.from({ length: clients }, client);
    const rebuild = await fetch(`${comptoir.addresses.queryApi}/v1/projections/orders/rebuild`, {
      method: 'POST',
    });
    expect(rebuild.status).toBe(202);
    await Promise.all(placing);
    await vi.waitFor(async () => {
      expect(await registry()).toMatchObject({ live: generation + 1, build: null });
    }, patient);
    running = false;
    await Promise.all(reading);
    expect(failures).toEqual([]);
    expect(regressions).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(100);
    console.log(`${String(acknowledged.size)} orders acknowledged in ${String(duration / 1_000)} s`);
  });

  it(
    'find every acknowledged order in the log once, and in the rebuilt view as an independent fold has it',
    { timeout: 240_000 },
    async () => {
      const { shop, db } = system;
      const last = [...acknowledged.values()].at(-1) ?? '';
      await vi.waitFor(async () => {
        const { body } = await shop.query<{ items: { name: string; lag: { events: number } }[] }>(
          '/v1/projections',
        );
        expect(body.items.find(({ name }) => name === 'orders')?.lag.events).toBe(0);
        expect((await shop.order(last)).body.status).toBe('awaiting-payment');
      }, patient);
      const events = await readPlainly(servers);
      expect(brokenSequences(events)).toEqual([]);
      const placed = placedBy(events);
      expect([...acknowledged.keys()].filter((key) => placed.get(key) !== 1)).toEqual([]);
      const expected = foldOrders(events);
      const stored = db.collection<{ _id: string }>(`orders.g${String(generation + 1)}`);
      const documents = await stored.find().toArray();
      expect(documents).toHaveLength(expected.size);
      for (const document of documents) expect(document).toMatchObject({ ...expected.get(document._id) });
    },
  );
});
