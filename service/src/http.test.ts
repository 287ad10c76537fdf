import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp, createLogger, problem, problemResponses, type Http, type HttpOptions } from './index.ts';

let app: Http | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

const Thing = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    colour: Type.Optional(Type.Union([Type.Literal('red'), Type.Literal('blue')])),
    lines: Type.Array(
      Type.Object({ sku: Type.String(), quantity: Type.Integer() }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);

async function shop(options: Partial<HttpOptions> = {}): Promise<Http> {
  const http = await createHttp({
    name: 'test',
    title: 'Test',
    description: 'A service for tests.',
    version: '1.2.3',
    logger: createLogger({ service: 'test', level: 'silent' }),
    ...options,
  });
  app = http;
  http.post(
    '/things',
    { schema: { body: Thing, response: { 200: Thing, ...problemResponses } } },
    ({ body }) => body,
  );
  http.get(
    '/things/:id',
    {
      schema: {
        params: Type.Object({ id: Type.Integer() }),
        querystring: Type.Object(
          { limit: Type.Integer({ minimum: 1, default: 50 }) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ id: Type.Integer(), limit: Type.Integer() }), ...problemResponses },
      },
    },
    ({ params, query }) => ({ id: params.id, limit: query.limit }),
  );
  http.get('/refused', { schema: { response: { ...problemResponses } } }, () => {
    throw problem({
      status: 422,
      code: 'stale-price',
      detail: 'The price is no longer true.',
      extras: { refusal: { currentUnitPrice: 1200 } },
    });
  });
  http.get('/busy', () => {
    throw problem({ status: 503, code: 'writer-unavailable', detail: 'Starting.', retryAfterSeconds: 2 });
  });
  http.get('/broken', () => {
    throw new Error('password=hunter2');
  });
  return http;
}

const post = (http: Http, payload: unknown, headers: Record<string, string> = {}) =>
  http.inject({
    method: 'POST',
    url: '/things',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

async function connected(http: Http): Promise<Socket> {
  await http.listen({ host: '127.0.0.1', port: 0 });
  const [address] = http.addresses();
  return connect(typeof address === 'object' ? address.port : 0, '127.0.0.1');
}

const thing = { name: 'lamp', lines: [{ sku: 'A', quantity: 1 }] };

describe('a request that is not valid', () => {
  it('is answered 400 with a JSON pointer to every error', async () => {
    const answer = await post(await shop(), {
      name: '',
      colour: 'green',
      size: 3,
      lines: [{ sku: 'A', quantity: 1.5 }, { quantity: 1 }],
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const body: { code: string; title: string; errors: { pointer: string; detail: string }[] } =
      answer.json();
    expect(body).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'validation-failed',
    });
    expect(body.errors.toSorted((a, b) => a.pointer.localeCompare(b.pointer))).toEqual([
      { pointer: '/colour', detail: 'must be one of red, blue' },
      { pointer: '/lines/0/quantity', detail: 'must be integer' },
      { pointer: '/lines/1/sku', detail: 'is required' },
      { pointer: '/name', detail: 'must NOT have fewer than 1 characters' },
      { pointer: '/size', detail: 'is not known here' },
    ]);
  });

  it('has no value of its body coerced', async () => {
    const answer = await post(await shop(), { ...thing, lines: [{ sku: 'A', quantity: '1' }] });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      errors: [{ pointer: '/lines/0/quantity', detail: 'must be integer' }],
    });
  });

  it('lists a bounded number of errors', async () => {
    const lines = Array.from({ length: 500 }, () => ({ sku: 1, quantity: 'x' }));
    const answer = await post(await shop(), { name: 'lamp', lines });
    const { errors }: { errors: unknown[] } = answer.json();
    expect(errors).toHaveLength(50);
  });

  it('names the part when it is the query string or the path', async () => {
    const http = await shop();
    expect((await http.inject('/things/7?limit=0&colour=red')).json()).toMatchObject({
      status: 400,
      errors: [
        { pointer: '/colour', detail: 'is not known here', in: 'query' },
        { pointer: '/limit', detail: 'must be >= 1', in: 'query' },
      ],
    });
    expect((await http.inject('/things/seven')).json()).toMatchObject({
      errors: [{ pointer: '/id', detail: 'must be integer', in: 'path' }],
    });
  });

  it('may write numbers in its query string, and gets defaults there', async () => {
    const http = await shop();
    expect((await http.inject('/things/7?limit=20')).json()).toEqual({ id: 7, limit: 20 });
    expect((await http.inject('/things/7')).json()).toEqual({ id: 7, limit: 50 });
  });

  it('is answered 400 when its body is no JSON, or empty', async () => {
    const http = await shop();
    expect((await post(http, '{"name":')).json()).toMatchObject({ status: 400, code: 'malformed-body' });
    expect((await post(http, '')).json()).toMatchObject({ status: 400, code: 'malformed-body' });
  });

  it('is answered 413 when its body is too large, 415 when it is not JSON', async () => {
    const http = await shop({ bodyLimit: 1000 });
    expect((await post(http, { ...thing, name: 'x'.repeat(2000) })).json()).toMatchObject({
      status: 413,
      code: 'body-too-large',
    });
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
      const answer = await post(http, 'name=lamp', { 'content-type': type });
      expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    }
  });
});

describe('a route', () => {
  it('that does not exist is answered 404', async () => {
    const answer = await (await shop()).inject('/nothing?x=1');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'route-not-found',
      detail: 'There is nothing at GET /nothing.',
    });
  });

  it('asked with another method is answered 405 and says which it takes', async () => {
    const answer = await (await shop()).inject({ method: 'DELETE', url: '/things/7' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect(answer.json()).toMatchObject({ code: 'method-not-allowed' });
  });

  it('is answered 406 when its caller takes nothing that it has', async () => {
    const http = await shop();
    const ask = (accept: string) => http.inject({ url: '/things/7', headers: { accept } });
    expect((await ask('image/png')).json()).toMatchObject({ status: 406, code: 'not-acceptable' });
    expect((await ask('application/json;q=0, */*')).statusCode).toBe(406);
    for (const accept of ['application/json', 'text/html, */*;q=0.1', 'application/*']) {
      expect((await ask(accept)).statusCode).toBe(200);
    }
  });

  it('with a path that is no URL, or too long, is answered with a problem', async () => {
    const http = await shop();
    expect((await http.inject('/things/%E0%A4%A')).json()).toMatchObject({
      status: 400,
      code: 'malformed-url',
    });
    expect((await http.inject(`/things/${'7'.repeat(300)}`)).json()).toMatchObject({
      status: 414,
      code: 'url-too-long',
    });
  });
});

describe('a failure', () => {
  it('thrown as a problem keeps its code and extras', async () => {
    const answer = await (await shop()).inject('/refused');
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      title: 'Unprocessable Entity',
      code: 'stale-price',
      detail: 'The price is no longer true.',
      refusal: { currentUnitPrice: 1200 },
    });
  });

  it('that will pass says when to try again', async () => {
    const answer = await (await shop()).inject('/busy');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('nobody foresaw is answered 500 without its insides', async () => {
    const answer = await (await shop()).inject('/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal-error' });
    expect(answer.body).not.toContain('hunter2');
  });

  it('is answered 503 when the handler takes too long', async () => {
    const http = await shop({ handlerTimeout: 20 });
    http.get('/slow', async ({ signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve, { once: true });
      });
    });
    const answer = await http.inject('/slow');
    expect(answer.json()).toMatchObject({ status: 503, code: 'timeout' });
  });

  it('is answered 429 beyond the rate limit', async () => {
    const http = await shop({ rateLimit: 2 });
    const answers = [
      await http.inject('/things/1'),
      await http.inject('/things/1'),
      await http.inject('/things/1'),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429]);
    expect(answers[2]?.json()).toMatchObject({ code: 'too-many-requests' });
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is a problem even when the request is not HTTP', async () => {
    const http = await shop();
    const socket = await connected(http);
    socket.write('NONSENSE\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toContain('HTTP/1.1 400 Bad Request');
    expect(answer).toContain('"code":"malformed-request"');
  });
});

describe('the correlation id', () => {
  it('is taken over from the caller and stands in header and problem', async () => {
    const answer = await (await shop()).inject({ url: '/refused', headers: { 'x-correlation-id': 'abc-1' } });
    expect(answer.headers['x-correlation-id']).toBe('abc-1');
    expect(answer.json()).toMatchObject({ correlationId: 'abc-1' });
  });

  it('is made when the caller gives none', async () => {
    const answer = await (await shop()).inject('/things/7');
    expect(answer.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is refused when it could not be taken over', async () => {
    const answer = await (await shop()).inject({ url: '/things/7', headers: { 'x-correlation-id': 'a b' } });
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-correlation-id' });
  });
});

describe('operation', () => {
  it('is live always, ready when every check passes', async () => {
    let up = true;
    const http = await shop({
      readiness: {
        mongodb: async () => {
          await Promise.resolve();
          if (!up) throw new Error('connection refused');
        },
      },
    });
    expect((await http.inject('/health/ready')).json()).toEqual({
      status: 'ready',
      checks: { mongodb: 'ok' },
    });
    up = false;
    const answer = await http.inject('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'not-ready', checks: { mongodb: 'connection refused' } });
    expect((await http.inject('/health/live')).json()).toEqual({ status: 'live' });
  });

  it('measures requests by method, route and status', async () => {
    const http = await shop();
    await http.inject('/things/7');
    const { body, headers } = await http.inject('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toMatch(
      /http_request_duration_seconds_count\{.*method="GET",route="\/things\/:id",status="200".*\} 1/,
    );
    expect(body).toContain('nodejs_eventloop_lag_seconds');
  });

  it('describes the routes as OpenAPI 3.1', async () => {
    const document: unknown = (await (await shop()).inject('/openapi.json')).json();
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Test', version: '1.2.3' },
      paths: {
        '/things': {
          post: {
            requestBody: { content: { 'application/json': { schema: { required: ['name', 'lines'] } } } },
          },
        },
        '/things/{id}': {
          get: { responses: { '200': {}, '4XX': { content: { 'application/problem+json': {} } } } },
        },
      },
    });
  });

  it('serves a documents page that needs nothing from outside, also behind a prefix', async () => {
    const http = await shop();
    const redirect = await http.inject('/docs');
    expect([redirect.statusCode, redirect.headers.location]).toEqual([301, 'docs/']);
    const page = await http.inject('/docs/');
    expect(page.body).toContain('../openapi.json');
    expect([...page.body.matchAll(/src="([^"]+)"/g)].map(([, source]) => source)).toEqual(['js/scalar.js']);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect((await http.inject('/docs/js/scalar.js')).statusCode).toBe(200);
  });

  it('stops as soon as nothing is under way, although connections are kept alive', async () => {
    const http = await shop();
    const inHandler = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    http.get('/long', async () => {
      inHandler.resolve(undefined);
      await release.promise;
      return { status: 'finished' };
    });
    const socket = await connected(http);
    const answers = text(socket);
    socket.write('GET /long HTTP/1.1\r\nHost: test\r\n\r\n');
    await inHandler.promise;
    const closed = http.close();
    release.resolve(undefined);
    await closed;
    expect(await answers).toContain('"status":"finished"');
  });

  it('finishes what is under way while it stops, and refuses what comes after', async () => {
    const http = await shop();
    const inHandler = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    http.get('/long', async () => {
      inHandler.resolve(undefined);
      await release.promise;
      return { status: 'finished' };
    });
    const socket = await connected(http);
    const answers = text(socket);
    socket.write('GET /long HTTP/1.1\r\nHost: test\r\n\r\n');
    await inHandler.promise;
    const closed = http.close();
    const second = new Promise((resolve) => http.server.once('request', resolve));
    socket.write('GET /things/7 HTTP/1.1\r\nHost: test\r\n\r\n');
    await second;
    release.resolve(undefined);
    await closed;
    expect(await answers).toMatch(
      /200 OK[^]*"status":"finished"[^]*503 Service Unavailable[^]*"code":"stopping"/,
    );
  });
});
