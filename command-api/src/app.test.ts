import { createLogger } from '@comptoir/service';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCommandApi } from './app.ts';
import { inMemoryLog } from './testing/in-memory-log.ts';
import { Writer } from './writer/writer.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const log = inMemoryLog();
const writer = new Writer({ log: log as never, logger });
const app = await createCommandApi({ writer, logger });
beforeAll(async () => {
  await writer.start();
  await vi.waitFor(() => {
    expect(writer.status).toBe('ready');
  });
});
afterAll(async () => {
  await app.close();
  await writer.stop();
});

let keys = 0;
const post = async (url: string, payload: unknown, headers: Record<string, string> = {}) => {
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { 'idempotency-key': `key-${String(++keys)}`, 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.json<Record<string, unknown>>(),
  };
};

const item = (sku: string) => ({
  sku,
  name: sku,
  unitPrice: 450,
  currency: 'EUR',
  onHand: 10,
  lowStockThreshold: 2,
});
const order = {
  customer: { id: 'c-1', name: 'Ann', email: 'ann@example.org', language: 'fr' },
  currency: 'EUR',
  lines: [{ sku: 'tea', quantity: 1, unitPrice: 450 }],
};

describe('a command', () => {
  it('that creates something is answered 201 with version, position, events and token', async () => {
    const { status, headers, body } = await post('/v1/stock', item('created'));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      aggregateId: 'created',
      version: 1,
      position: { topic: 'stock' },
      events: [{ version: 1 }],
    });
    expect(headers['consistency-token']).toBe(body.token);
    expect(headers.etag).toBe('"1"');
  });

  it('that is repeated gets the first answer, and says so', async () => {
    const first = await post('/v1/stock', item('repeated'), { 'idempotency-key': 'same' });
    const second = await post('/v1/stock', item('repeated'), { 'idempotency-key': 'same' });
    expect(second.body).toEqual(first.body);
    expect(second.status).toBe(201);
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([
      undefined,
      'true',
    ]);
  });

  it('without an orderId gets one that a repeat gets again', async () => {
    const first = await post('/v1/orders', order, { 'idempotency-key': 'order' });
    const second = await post('/v1/orders', order, { 'idempotency-key': 'order' });
    expect(first.status).toBe(201);
    expect(second.body.aggregateId).toBe(first.body.aggregateId);
  });

  const placed = '5b0f2b3c-9d1e-4f6a-8b7c-1a2b3c4d5e6f';
  it.each([
    [
      'an Idempotency-Key with another body',
      422,
      'idempotency-key-reused',
      () => post('/v1/stock', item('other'), { 'idempotency-key': 'same' }),
    ],
    [
      'an unknown order',
      404,
      'order-not-found',
      () => post(`/v1/orders/${placed}/pay`, { amount: 1, method: 'card' }),
    ],
    [
      'an unknown item',
      404,
      'stock-item-not-found',
      () => post('/v1/stock/nothing/adjust', { delta: 1, reason: 'received' }),
    ],
    ['an item that exists', 409, 'stock-item-exists', () => post('/v1/stock', item('created'))],
    [
      'another version',
      412,
      'version-conflict',
      () => post('/v1/stock/created/price', { unitPrice: 1 }, { 'if-match': '"9"' }),
    ],
    [
      'a rule of the shop',
      422,
      'adjustment-below-reserved',
      () => post('/v1/stock/created/adjust', { delta: -11, reason: 'damaged' }),
    ],
    [
      'no Idempotency-Key',
      400,
      'validation-failed',
      () => post('/v1/stock', item('x'), { 'idempotency-key': '' }),
    ],
    [
      'an If-Match that is no version',
      400,
      'validation-failed',
      () => post('/v1/stock', item('x'), { 'if-match': 'abc' }),
    ],
    [
      'a body that is too large',
      413,
      'body-too-large',
      () => post('/v1/stock', { ...item('x'), name: 'x'.repeat(2_000_000) }),
    ],
    [
      'another media type',
      415,
      'unsupported-media-type',
      () => post('/v1/stock', item('x'), { 'content-type': 'text/csv' }),
    ],
    [
      'a count and a difference',
      400,
      'validation-failed',
      () => post('/v1/stock/created/adjust', { delta: 1, counted: 3, reason: 'counted' }),
    ],
    ['a path that is not there', 404, 'route-not-found', () => post('/v1/nothing', {})],
  ])('is refused for %s with %i %s', async (_why, status, code, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body.correlationId).toBe(answer.headers['x-correlation-id']);
  });

  it('with wrong fields is told each of them, and nothing is coerced or removed', async () => {
    const { status, body } = await post('/v1/orders', {
      ...order,
      currency: 'euro',
      extra: 1,
      lines: [{ sku: 'tea', quantity: '2', unitPrice: 1.5 }],
    });
    expect(status).toBe(400);
    expect((body.errors as { pointer: string }[]).map(({ pointer }) => pointer).toSorted()).toEqual([
      '/currency',
      '/extra',
      '/lines/0/quantity',
      '/lines/0/unitPrice',
    ]);
  });

  it('may set the counted figure', async () => {
    await post('/v1/stock', item('counted'));
    expect((await post('/v1/stock/counted/adjust', { counted: 4, reason: 'counted' })).status).toBe(200);
    expect((await post('/v1/stock/counted/adjust', { delta: -5, reason: 'damaged' })).status).toBe(422);
  });
});

describe('a batch of commands', () => {
  it('is answered command by command, in order, and one that is wrong does not stop the others', async () => {
    const adjust = (commandId: string, data: unknown, more = {}) => ({
      commandId,
      type: 'AdjustStock',
      aggregateId: 'created',
      data,
      ...more,
    });
    const { status, body } = await post('/v1/commands', {
      commands: [
        adjust('b-1', { delta: 1, reason: 'received' }),
        adjust('b-2', { delta: '1', reason: 'received' }),
        adjust('b-3', { delta: -1000, reason: 'damaged' }, { correlationId: 'mine' }),
        { commandId: 'b-4', type: 'Nonsense', aggregateId: 'created', data: {} },
        { commandId: 'b-5', type: 'PayOrder', aggregateId: 'created', data: { amount: 1, method: 'card' } },
        adjust('b-1', { delta: 1, reason: 'received' }),
      ],
    });
    expect(status).toBe(200);
    const results = body.results as {
      status: number;
      replayed?: boolean;
      problem?: { code: string; correlationId: string; errors?: { pointer: string }[] };
    }[];
    expect(results.map((result) => result.status)).toEqual([200, 400, 422, 400, 400, 200]);
    expect(results[1]?.problem?.errors?.[0]?.pointer).toBe('/data/delta');
    expect(results[2]?.problem).toMatchObject({ code: 'adjustment-below-reserved', correlationId: 'mine' });
    expect(results[4]?.problem?.errors?.[0]?.pointer).toBe('/aggregateId');
    expect([results[0]?.replayed, results[5]?.replayed]).toEqual([false, true]);
  });

  it('holds at most 500', async () => {
    const commands = Array.from({ length: 501 }, (_, n) => ({
      commandId: `many-${String(n)}`,
      type: 'DeliverOrder',
      aggregateId: 'x',
      data: {},
    }));
    expect((await post('/v1/commands', { commands })).status).toBe(400);
  });
});

describe('a command API that does not own the shard', () => {
  it('answers 503 with Retry-After, and is not ready', async () => {
    const idle = new Writer({ log: inMemoryLog() as never, logger });
    const standby = await createCommandApi({ writer: idle, logger });
    const answer = await standby.inject({
      method: 'POST',
      url: '/v1/stock',
      headers: { 'idempotency-key': 'k' },
      payload: item('x'),
    });
    expect([answer.statusCode, answer.headers['retry-after'], answer.json<{ code: string }>().code]).toEqual([
      503,
      '1',
      'writer-unavailable',
    ]);
    expect((await standby.inject('/health/ready')).statusCode).toBe(503);
    expect((await standby.inject('/health/live')).statusCode).toBe(200);
    await standby.close();
    await idle.stop();
  });
});

describe('the description', () => {
  it('is OpenAPI 3.1 with every command', async () => {
    const document = (await app.inject('/openapi.json')).json<{ openapi: string; paths: object }>();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v1/orders', '/v1/orders/{id}/pay', '/v1/stock/{sku}/adjust', '/v1/commands']),
    );
  });
});
