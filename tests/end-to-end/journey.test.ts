// The shop as its users see it, end to end: commands and queries over HTTP, mail over SMTP, and the same facts in Kafka and in
// MongoDB for any other program.
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { brokenSequences, readPlainly } from './support/plain-log.ts';
import type { Order } from './support/shop.ts';
import { freshSku, servers, startSystem, type System } from './support/system.ts';

const patient = { timeout: 30_000, interval: 50 };
const mails: string[] = [];
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, _session, done) {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.on('end', () => {
      mails.push(text);
      done();
    });
  },
});

let system: System;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    smtp.listen(0, '127.0.0.1', resolve);
  });
  const { port } = smtp.server.address() as AddressInfo;
  system = await startSystem({ env: { SMTP_URL: `smtp://127.0.0.1:${String(port)}` } });
});
afterAll(async () => {
  await system.stop();
  await new Promise<void>((resolve) => {
    smtp.close(resolve);
  });
});

const notificationsOf = async (orderId: string) => {
  const { body } = await system.shop.query<{
    items: { kind: string; status: string; language: string; text: string }[];
  }>(`/v1/notifications?orderId=${orderId}`);
  return body.items;
};

describe('an order that can be served', () => {
  const sku = freshSku('tea');
  const orderId = randomUUID();

  it('is placed, confirmed, paid, shipped and delivered, and every answer can be read at once', async () => {
    const { shop } = system;
    const registered = await shop.registerItem(sku, 10, { lowStockThreshold: 8 });
    expect(registered.status).toBe(201);
    const item = await shop.item(sku, registered.body.token);
    expect(item.headers.get('consistency')).toBe('fresh');
    expect(item.body).toMatchObject({ onHand: 10, reserved: 0, available: 10, version: 1 });

    const placed = await shop.placeOrder([{ sku, quantity: 3, unitPrice: 450 }], { orderId });
    expect(placed.status).toBe(201);
    const seen = await shop.order(orderId, placed.body.token);
    expect(seen.headers.get('consistency')).toBe('fresh');
    expect(seen.body.version).toBeGreaterThanOrEqual(1);

    const confirmed = await shop.orderWith('awaiting-payment', orderId);
    expect(confirmed.lines).toEqual([{ sku, quantity: 3, unitPrice: 450, status: 'reserved' }]);

    const steps = [
      ['pay', { amount: 1350, method: 'card' }, 'paid'],
      ['ship', { carrier: 'La Poste', trackingNumber: 'LP-1' }, 'shipped'],
      ['deliver', {}, 'delivered'],
    ] as const;
    for (const [step, body, status] of steps) {
      const answer = await shop.command(`/v1/orders/${orderId}/${step}`, body);
      expect(answer.status).toBe(200);
      const after = await shop.order(orderId, answer.body.token);
      expect(after.headers.get('consistency')).toBe('fresh');
      expect(after.body.status).toBe(status);
    }
    await vi.waitFor(async () => {
      expect((await shop.item(sku)).body).toMatchObject({ onHand: 7, reserved: 0, available: 7 });
    }, patient);
  });

  it('is told of: confirmed and shipped, in the customer’s language, and the warehouse of the low stock', async () => {
    await vi.waitFor(async () => {
      expect(
        (await notificationsOf(orderId)).map(({ kind, status }) => `${kind} ${status}`).toSorted(),
      ).toEqual(['order-confirmed sent', 'order-shipped sent']);
      const { body } = await system.shop.query<{ items: { kind: string; sku?: string; status: string }[] }>(
        '/v1/notifications?limit=500',
      );
      expect(body.items.filter((each) => each.sku === sku)).toMatchObject([
        { kind: 'low-stock', status: 'sent' },
      ]);
    }, patient);
    const mine = mails.filter((mail) => mail.includes(orderId) || mail.includes(sku));
    expect(mine.length).toBeGreaterThanOrEqual(3);
    expect(mine.filter((mail) => mail.includes('LP-1'))).toHaveLength(1);
  });

  it('has its whole story under one correlation id in the journal', async () => {
    const { body: order } = await system.shop.order(orderId);
    await vi.waitFor(async () => {
      const journal = await system.shop.query<{
        items: { type: string; key: string; causationId: string; eventId: string }[];
      }>(`/v1/journal?correlationId=${order.correlationId}&sort=time`);
      const { items } = journal.body;
      expect(items.map(({ type }) => type).toSorted()).toEqual(
        [
          'LowStockReached',
          'OrderConfirmed',
          'OrderDelivered',
          'OrderLineReserved',
          'OrderPaid',
          'OrderPlaced',
          'OrderShipped',
          'StockReserved',
          'StockShipped',
        ].toSorted(),
      );
      const placed = items.find(({ type }) => type === 'OrderPlaced');
      expect(items.find(({ type }) => type === 'StockReserved')?.causationId).toBe(placed?.eventId);
    }, patient);
  });

  it('is the same to a plain consumer of Kafka and to a plain driver of MongoDB', async () => {
    const { shop, db } = system;
    const events = (await readPlainly(servers)).filter(({ key }) => key === orderId || key === sku);
    expect(brokenSequences(events)).toEqual([]);
    expect(events.filter(({ key }) => key === orderId).map(({ type }) => type)).toEqual([
      'OrderPlaced',
      'OrderLineReserved',
      'OrderConfirmed',
      'OrderPaid',
      'OrderShipped',
      'OrderDelivered',
    ]);
    expect(events[0]?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'OrderPlaced',
      ce_subject: orderId,
      ce_source: '/command-api',
    });
    const registry = await db
      .collection<{ _id: string; live: number }>('projections')
      .findOne({ _id: 'orders' });
    const stored = await db
      .collection<{ _id: string }>(`orders.g${String(registry?.live)}`)
      .findOne({ _id: orderId });
    const { body } = await shop.query<Order>(`/v1/orders/${orderId}`);
    expect(JSON.parse(JSON.stringify(stored))).toMatchObject(JSON.parse(JSON.stringify(body)) as object);
  });
});

describe('an order that cannot be served', () => {
  it('because a line is out of stock is rejected, and its other lines are released', async () => {
    const { shop } = system;
    const [plenty, scarce] = [freshSku('plenty'), freshSku('scarce')];
    await shop.registerItem(plenty, 10);
    await shop.registerItem(scarce, 1);
    const placed = await shop.placeOrder([
      { sku: plenty, quantity: 4, unitPrice: 450 },
      { sku: scarce, quantity: 2, unitPrice: 450 },
    ]);
    const order = await shop.orderWith('rejected', placed.body.aggregateId);
    expect(order.rejection).toMatchObject({ sku: scarce, reason: 'INSUFFICIENT_STOCK', available: 1 });
    await vi.waitFor(async () => {
      expect((await shop.item(plenty)).body).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
      expect(await notificationsOf(order.orderId)).toMatchObject([
        { kind: 'order-rejected', status: 'sent', language: 'fr' },
      ]);
    }, patient);
    expect(
      (await shop.command(`/v1/orders/${order.orderId}/pay`, { amount: 2700, method: 'card' })).body.code,
    ).toBe('order-ended');
  });

  it('because its price is no longer true is rejected with the new one', async () => {
    const { shop } = system;
    const sku = freshSku('dear');
    await shop.registerItem(sku, 10, { unitPrice: 450 });
    await shop.command(`/v1/stock/${sku}/price`, { unitPrice: 500 });
    const placed = await shop.placeOrder([{ sku, quantity: 1, unitPrice: 450 }]);
    const order = await shop.orderWith('rejected', placed.body.aggregateId);
    expect(order.rejection).toMatchObject({ sku, reason: 'PRICE_CHANGED', currentUnitPrice: 500 });
  });

  it('because nobody knows the item is rejected too', async () => {
    const placed = await system.shop.placeOrder([{ sku: freshSku('unknown'), quantity: 1, unitPrice: 1 }]);
    const order = await system.shop.orderWith('rejected', placed.body.aggregateId);
    expect(order.rejection).toMatchObject({ reason: 'UNKNOWN_ITEM' });
  });
});

describe('an order that is cancelled', () => {
  it('gives its reserved stock back, and says what is refunded', async () => {
    const { shop } = system;
    const sku = freshSku('returned');
    await shop.registerItem(sku, 5);
    const { body } = await shop.placeOrder([{ sku, quantity: 5, unitPrice: 450 }]);
    await shop.orderWith('awaiting-payment', body.aggregateId);
    expect(
      (await shop.command(`/v1/orders/${body.aggregateId}/pay`, { amount: 1, method: 'card' })).body.code,
    ).toBe('wrong-amount');
    expect(
      (await shop.command(`/v1/orders/${body.aggregateId}/ship`, { carrier: 'x', trackingNumber: 'y' })).body
        .code,
    ).toBe('order-not-paid');
    await shop.command(`/v1/orders/${body.aggregateId}/pay`, { amount: 2250, method: 'card' });
    const cancelled = await shop.command(`/v1/orders/${body.aggregateId}/cancel`, {
      reason: 'changed my mind',
    });
    const order = await shop.order(body.aggregateId, cancelled.body.token);
    expect(order.body).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'customer', reason: 'changed my mind', refund: 2250 },
    });
    await vi.waitFor(async () => {
      expect((await shop.item(sku)).body).toMatchObject({ onHand: 5, reserved: 0, available: 5 });
    }, patient);
  });
});
