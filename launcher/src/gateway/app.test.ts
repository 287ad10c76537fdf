import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@comptoir/service';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway } from './app.ts';

/** Nobody listens on port 1. */
const nowhere = 'http://127.0.0.1:1';
const apps: FastifyInstance[] = [];
let folder: string;
let address: string;
/** Ends the stream that the upstream has open. */
let finish: () => void = () => undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comptoir-gateway-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>panel</title>');
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'export {}');

  const api = fastify();
  api.get('/v1/orders', (request) => ({ url: request.url }));
  api.post('/v1/orders', (request, reply) => reply.code(201).send({ body: request.body }));
  api.get('/docs', (_request, reply) => reply.redirect('docs/', 301));
  api.get('/v1/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('data: first\n\n');
    finish = () => reply.raw.end('data: last\n\n');
  });
  const upstream = await api.listen({ host: '127.0.0.1', port: 0 });
  const gateway = await createGateway({
    panelDir: folder,
    commandApiUrl: nowhere,
    queryApiUrl: upstream,
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  address = await gateway.listen({ host: '127.0.0.1', port: 0 });
  apps.push(gateway, api);
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await rm(folder, { recursive: true });
});

const get = (path: string, accept = '*/*'): Promise<Response> =>
  fetch(`${address}${path}`, { headers: { accept }, redirect: 'manual' });

describe('the panel', () => {
  it.each(['/', '/orders/5f0c1d1e', '/stock?low=true'])('is what a browser gets at %s', async (path) => {
    const response = await get(path, 'text/html,*/*;q=0.8');
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await response.text()).toContain('<title>panel</title>');
  });

  it('has files that stay the same for ever', async () => {
    const response = await get('/assets/app-1a2b.js');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is not what a program gets that asks for something else', async () => {
    for (const path of ['/assets/gone-1a2b.js', '/v1/orders', '/%2e%2e/package.json']) {
      const response = await get(path);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
      expect(await response.json()).toMatchObject({ status: 404, code: 'not-found' });
    }
  });
});

describe('an API', () => {
  it('is asked without the prefix, and with the query as it was', async () => {
    expect(await (await get('/query-api/v1/orders?q=a%2Fb&limit=2')).json()).toEqual({
      url: '/v1/orders?q=a%2Fb&limit=2',
    });
  });

  it('gets the body as it was sent', async () => {
    const response = await fetch(`${address}/query-api/v1/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a": 1}',
    });
    expect([response.status, await response.json()]).toEqual([201, { body: { a: 1 } }]);
  });

  it('redirects to relative places, which stay behind the prefix', async () => {
    const response = await get('/query-api/docs');
    expect([response.status, response.headers.get('location')]).toEqual([301, 'docs/']);
  });

  it('streams what comes as it comes', async () => {
    const { body, headers } = await get('/query-api/v1/stream', 'text/event-stream');
    expect(headers.get('content-type')).toBe('text/event-stream');
    const reader = (body ?? new ReadableStream<Uint8Array>())
      .pipeThrough(new TextDecoderStream())
      .getReader();
    expect(await reader.read()).toEqual({ done: false, value: 'data: first\n\n' });
    finish();
    expect(await reader.read()).toEqual({ done: false, value: 'data: last\n\n' });
    expect((await reader.read()).done).toBe(true);
  });

  it('that is away is a problem that says when to try again', async () => {
    const response = await get('/command-api/v1/orders');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({
      status: 503,
      code: 'service-unavailable',
      detail: 'The command-api is not reachable. It may be starting. Try again.',
    });
  });
});

it('is live and ready as soon as it listens', async () => {
  expect([(await get('/health/live')).status, (await get('/health/ready')).status]).toEqual([200, 200]);
});
