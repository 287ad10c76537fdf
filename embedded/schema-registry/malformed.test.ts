// Nonsense, sent to a listening registry: it answers, with an error where it should, and goes on. `MALFORMED_FRAMES` sets how
// many requests.
import { connect } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRegistry, type TestRegistry } from './testing/server.ts';

const count = Number(process.env.MALFORMED_FRAMES ?? 2_000);
const word = fc.constantFrom(
  'subjects',
  'versions',
  'schemas',
  'ids',
  'config',
  'mode',
  'compatibility',
  'a',
  'b',
  '1',
  'latest',
  '-1',
  '0',
  '99999999999',
  'schema',
  'referencedby',
  '%00',
  '%zz',
  '%F0%9F%98%80',
  '..',
  '',
);
const path = fc.oneof(
  fc
    .array(fc.oneof({ arbitrary: word, weight: 5 }, { arbitrary: fc.webSegment(), weight: 1 }), {
      maxLength: 6,
    })
    .map((parts) => `/${parts.join('/')}`),
  fc.constantFrom(
    '/subjects/a/versions',
    '/subjects/a',
    '/compatibility/subjects/a/versions/latest?verbose=true',
    '/config/a',
    '/mode/a',
    '/config',
  ),
);
const query = fc.oneof(
  fc.constant(''),
  fc.webQueryParameters().map((text) => `?${text}`),
  fc.constantFrom('?deleted=true&deleted=x', '?offset=x', '?limit=-5&offset=999999999', '?permanent=true'),
);
const schema = fc.oneof(
  fc.string(),
  fc.json(),
  fc.constantFrom(
    '"string"',
    '{"type":"record","name":"R","fields":[]}',
    '{"type":"array","items":"R"}',
    '['.repeat(10_000),
  ),
);
const body = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .record(
      {
        schema,
        schemaType: fc.constantFrom('AVRO', 'JSON', 5, null),
        references: fc.oneof(fc.constant(null), fc.array(fc.anything({ maxDepth: 1 }))),
        id: fc.constantFrom(undefined, 1, -1, 'x', 1e12),
        version: fc.constantFrom(undefined, 1, -1, 2.5),
      },
      { requiredKeys: [] },
    )
    .map((value) => {
      try {
        return JSON.stringify(value);
      } catch {
        return '{}';
      }
    }),
  fc
    .record({
      compatibility: fc.oneof(fc.string(), fc.constant('FULL'), fc.integer()),
      mode: fc.constantFrom('IMPORT', 'READONLY', 'READWRITE', 7),
    })
    .map((value) => JSON.stringify(value)),
);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
  path: fc.tuple(path, query).map((parts) => parts.join('')),
  type: fc.constantFrom('application/json', 'application/vnd.schemaregistry.v1+json', 'text/plain', ''),
  accept: fc.constantFrom('*/*', 'application/json', 'text/html', ';;,q=', 'application/json;q=0'),
  body,
});

describe('malformed requests', () => {
  let registry: TestRegistry;
  let url: URL;
  beforeAll(async () => {
    registry = await testRegistry();
    await registry.app.listen({ host: '127.0.0.1', port: 0 });
    url = new URL(`http://127.0.0.1:${String((registry.app.server.address() as AddressInfo).port)}`);
  });
  afterAll(() => registry.close());

  it(`are answered, ${String(count)} of them, and the registry goes on`, async () => {
    const statuses = new Map<number, number>();
    for (const { method, path: target, type, accept, body: sent } of fc.sample(request, { numRuns: count })) {
      const hasBody = method !== 'GET' && method !== 'HEAD';
      const response = await fetch(`${url.origin}${target}`, {
        method,
        headers: type === '' ? { accept } : { accept, 'content-type': type },
        ...(hasBody ? { body: sent } : {}),
        signal: AbortSignal.timeout(5_000),
      });
      const text = await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      expect(response.status, `${method} ${target} ${sent} ${text}`).toBeLessThan(500);
      if (response.status >= 400 && method !== 'HEAD') expect(JSON.parse(text)).toHaveProperty('error_code');
    }
    expect(statuses.size).toBeGreaterThan(4);
    expect((await fetch(url)).status).toBe(200);
  }, 120_000);

  it('that are no HTTP are answered or cut off', async () => {
    const frames = fc
      .sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 50)
      .map((bytes) => Buffer.from(bytes));
    const broken = [
      'GET',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      '\r\n\r\n\r\n',
    ];
    for (const bytes of [...frames, ...broken.map((text) => Buffer.from(text))]) {
      const socket = connect(Number(url.port), url.hostname);
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(bytes);
      await once(socket, 'close');
    }
    expect((await fetch(url)).status).toBe(200);
  });

  it('that are too large are refused', async () => {
    // Random requests may have switched it.
    await fetch(`${url.origin}/mode`, {
      method: 'PUT',
      body: JSON.stringify({ mode: 'READWRITE' }),
      headers: { 'content-type': 'application/json' },
    });
    const post = (text: string) =>
      fetch(`${url.origin}/subjects/large/versions`, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json' },
      });
    const large = await post(JSON.stringify({ schema: 'x'.repeat(3_000_000) }));
    expect([large.status, await large.json()]).toMatchObject([413, { error_code: 413 }]);
    const deep = await post(JSON.stringify({ schema: '{"type":"array","items":'.repeat(50_000) }));
    expect([deep.status, await deep.json()]).toMatchObject([422, { error_code: 42201 }]);
  });

  it('that are costly to compare end in time', async () => {
    const chain = (type: string): string =>
      JSON.stringify(
        Array.from({ length: 9_000 }, (_, n) => ({
          type: 'record',
          name: `R${String(n)}`,
          fields: [{ name: 'f', type: n === 0 ? type : `R${String(n - 1)}` }],
        })),
      );
    const start = performance.now();
    for (const type of ['int', 'string']) {
      const answer = await fetch(`${url.origin}/subjects/chain/versions`, {
        method: 'POST',
        body: JSON.stringify({ schema: chain(type) }),
        headers: { 'content-type': 'application/json' },
      });
      expect([200, 409, 422]).toContain(answer.status);
    }
    expect(performance.now() - start).toBeLessThan(15_000);
  }, 30_000);
});
