// Two command APIs started by mistake on one log. The newer takes the shard over; the older is fenced, even when it was frozen
// and wakes up believing that it still owns it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { brokenSequences, placedBy, readPlainly } from './support/plain-log.ts';
import { shopAt } from './support/shop.ts';
import { freshSku, servers, startSystem, type System } from './support/system.ts';

const patient = { timeout: 60_000, interval: 50 };
let older: System;
let newer: System;
beforeAll(async () => {
  older = await startSystem({ services: ['command-api'] });
});
afterAll(async () => {
  await newer.stop();
  await older.stop();
});

const isReady = async (system: System): Promise<boolean> =>
  (await fetch(`${system.comptoir.addresses.commandApi}/health/ready`)).ok;

describe('two command APIs on one log', () => {
  it('take turns, never both: the newer owns the log, the older stands by', async () => {
    const sku = freshSku('twice');
    expect((await older.shop.registerItem(sku, 1_000)).status).toBe(201);
    newer = await startSystem({ services: ['command-api'] });
    await vi.waitFor(async () => {
      expect([await isReady(older), await isReady(newer)]).toEqual([false, true]);
    }, patient);
    const answer = await newer.shop.command(`/v1/stock/${sku}/adjust`, { delta: 1, reason: 'received' });
    expect(answer.body.version).toBe(2);
    const refused = await older.shop.command(`/v1/stock/${sku}/adjust`, { delta: 1, reason: 'received' });
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'writer-unavailable',
      '1',
    ]);
  });

  it('keep every version right when the older is frozen, overtaken, and wakes up with commands in hand', async () => {
    const frozen = newer.comptoir.services['command-api'];
    process.kill(frozen.pid, 'SIGSTOP');
    const sku = freshSku('frozen');
    // The other one gets the shard when the group has given the frozen one up.
    await older.shop.untilAccepted(
      '/v1/stock',
      { sku, name: sku, unitPrice: 450, currency: 'EUR', onHand: 1_000, lowStockThreshold: 0 },
      randomUUID(),
    );
    const zombie = shopAt({ commandApi: newer.comptoir.addresses.commandApi, queryApi: '' });
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const line = { sku, quantity: 1, unitPrice: 450 };
    const place = (shop: { placeOrder: typeof zombie.placeOrder }, key: string) =>
      shop.placeOrder.call(zombie, [line], { key }).catch(() => undefined);
    // These reach the frozen process's socket and are handled the moment it wakes.
    const asleep = keys.slice(0, 20).map((key) => place(zombie, key));
    process.kill(frozen.pid, 'SIGCONT');
    const awake = keys.slice(20).map((key) => place(older.shop, key));
    const adjusted = await Promise.all(
      Array.from({ length: 20 }, () =>
        older.shop
          .command(`/v1/stock/${sku}/adjust`, { delta: 1, reason: 'received' })
          .catch(() => undefined),
      ),
    );
    const answers = await Promise.all([...asleep, ...awake]);
    const events = await readPlainly(servers);
    expect(brokenSequences(events)).toEqual([]);
    const placed = placedBy(events);
    for (const [n, answer] of answers.entries()) {
      if (answer?.status === 201) expect(placed.get(keys[n] ?? '')).toBe(1);
      expect(placed.get(keys[n] ?? '') ?? 0).toBeLessThanOrEqual(1);
    }
    const accepted = adjusted.filter((answer) => answer?.status === 200).length;
    expect(
      events.filter(({ key, type }) => key === sku && type === 'StockAdjusted').length,
    ).toBeGreaterThanOrEqual(accepted);
    await vi.waitFor(async () => {
      expect([await isReady(older), await isReady(newer)].filter(Boolean)).toHaveLength(1);
    }, patient);
  });
});
