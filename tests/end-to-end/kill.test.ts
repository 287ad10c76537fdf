// kill -9 at the places where it hurts: the process dies at a named point, is started again, and a client repeats what it was
// not answered. One effect, nothing lost, nothing doubled.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { foldOrders } from './support/independent-fold.ts';
import { brokenSequences, placedBy, readPlainly } from './support/plain-log.ts';
import { freshSku, servers, startSystem, type System } from './support/system.ts';

const patient = { timeout: 45_000, interval: 50 };
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const customer = { id: 'c-1', name: 'Ann', email: 'ann@example.org' };

describe('the command API', () => {
  it.each([
    ['between send and commit', 'command-api:after-send', false],
    ['between commit and answer', 'command-api:after-commit', true],
  ])('killed %s gives a repeated command one effect', async (_when, failpoint, survives) => {
    const { shop, comptoir } = system;
    const api = comptoir.services['command-api'];
    const sku = freshSku('killed');
    await shop.registerItem(sku, 100);
    await api.kill('SIGKILL');
    await api.start({ FAILPOINT: failpoint });
    const key = randomUUID();
    const orderId = randomUUID();
    const order = { orderId, customer, currency: 'EUR', lines: [{ sku, quantity: 1, unitPrice: 450 }] };
    await expect(shop.command('/v1/orders', order, key)).rejects.toThrow();
    await api.exited;
    await api.start({});
    const repeated = await shop.untilAccepted('/v1/orders', order, key);
    expect(repeated.headers.get('idempotent-replayed')).toBe(survives ? 'true' : null);
    const again = await shop.command('/v1/orders', order, key);
    expect(again.body).toEqual(repeated.body);
    await shop.orderWith('awaiting-payment', orderId);
    const events = await readPlainly(servers);
    expect(placedBy(events).get(key)).toBe(1);
    expect(brokenSequences(events)).toEqual([]);
    await vi.waitFor(async () => {
      expect((await shop.item(sku)).body).toMatchObject({ onHand: 100, reserved: 1, available: 99 });
    }, patient);
  });
});

describe('the projectors', () => {
  it('killed between view write and checkpoint apply every event once', async () => {
    const { shop, comptoir, db } = system;
    const projectors = comptoir.services.projectors;
    const sku = freshSku('folded');
    await shop.registerItem(sku, 100);
    await projectors.kill('SIGKILL');
    await projectors.start({ FAILPOINT: 'projector:after-view-write:orders' });
    const { body } = await shop.placeOrder([{ sku, quantity: 2, unitPrice: 450 }]);
    await projectors.exited;
    await projectors.start({});
    const order = await shop.orderWith('awaiting-payment', body.aggregateId);
    const expected = foldOrders(await readPlainly(servers)).get(body.aggregateId);
    const stored = await db.collection<{ _id: string }>('orders.g1').findOne({ _id: body.aggregateId });
    expect(stored ?? (await liveOrder(body.aggregateId))).toMatchObject({ ...expected });
    expect(order.lines).toHaveLength(1);
  });
});

describe('the reactors', () => {
  it('killed between command and checkpoint send the command again, without a second effect', async () => {
    const { shop, comptoir } = system;
    const reactors = comptoir.services.reactors;
    const sku = freshSku('reserved');
    await shop.registerItem(sku, 100);
    await reactors.kill('SIGKILL');
    await reactors.start({ FAILPOINT: 'reactor:after-command:fulfilment' });
    const { body } = await shop.placeOrder([{ sku, quantity: 7, unitPrice: 450 }]);
    await reactors.exited;
    await reactors.start({});
    await shop.orderWith('awaiting-payment', body.aggregateId);
    const events = await readPlainly(servers);
    expect(events.filter(({ key, type }) => key === sku && type === 'StockReserved')).toHaveLength(1);
    expect((await shop.item(sku)).body).toMatchObject({ reserved: 7, available: 93 });
    expect(brokenSequences(events)).toEqual([]);
  });
});

describe('a rebuild', () => {
  it('killed in the middle goes on where it was, and ends in the view that the log says', async () => {
    const { shop, comptoir, db } = system;
    const projectors = comptoir.services.projectors;
    const before = await liveGeneration();
    await projectors.kill('SIGKILL');
    await projectors.start({ FAILPOINT: 'rebuild:filling:orders' });
    const asked = await fetch(`${comptoir.addresses.queryApi}/v1/projections/orders/rebuild`, {
      method: 'POST',
    });
    expect(asked.status).toBe(202);
    await projectors.exited;
    expect(await liveGeneration()).toBe(before);
    await projectors.start({});
    await vi.waitFor(async () => {
      expect(await liveGeneration()).toBe(before + 1);
    }, patient);
    const expected = foldOrders(await readPlainly(servers));
    const stored = db.collection<{ _id: string }>(`orders.g${String(before + 1)}`);
    const documents = await stored.find().toArray();
    expect(documents.map(({ _id }) => _id).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const document of documents) expect(document).toMatchObject({ ...expected.get(document._id) });
    expect((await shop.query('/v1/orders?limit=1')).status).toBe(200);
  });
});

async function liveGeneration(): Promise<number> {
  const registry = await system.db
    .collection<{ _id: string; live: number }>('projections')
    .findOne({ _id: 'orders' });
  return registry?.live ?? 0;
}

async function liveOrder(orderId: string) {
  return system.db
    .collection<{ _id: string }>(`orders.g${String(await liveGeneration())}`)
    .findOne({ _id: orderId });
}
