import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerWith } from '../testing/answers.ts';
import { readProblem, request, retryAfterMs, withParameters } from './http.ts';
import { listJournal, listProjections, rebuildProjection } from './queries.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a request', () => {
  it('that is no JSON has failed, whatever its status', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 200 })));
    await expect(request('/x')).rejects.toMatchObject({ status: 502 });
  });

  it('that was refused carries the problem', async () => {
    answerWith({ status: 404, body: { title: 'Not Found', status: 404, code: 'order-not-found' } });
    await expect(request('/x')).rejects.toMatchObject({ status: 404, problem: { code: 'order-not-found' } });
  });

  it('that was given up is not a failure of the server', async () => {
    const controller = new AbortController();
    controller.abort();
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('Aborted', 'AbortError')));
    await expect(request('/x', { signal: controller.signal })).rejects.toThrow('Aborted');
  });
});

it('reads problem details, and nothing else, as a problem', () => {
  expect(readProblem({ title: 'T', status: 400 }, 500)).toMatchObject({ status: 400 });
  expect(readProblem({ title: 'T' }, 500)).toMatchObject({ status: 500 });
  expect(readProblem('<html>', 500)).toBeUndefined();
  expect(readProblem([], 500)).toBeUndefined();
});

it('takes the server’s wish to wait, within reason', () => {
  expect(retryAfterMs(new Headers({ 'retry-after': '1' }))).toBe(1_000);
  expect(retryAfterMs(new Headers({ 'retry-after': '3600' }))).toBe(10_000);
  expect(retryAfterMs(new Headers())).toBeUndefined();
});

it('leaves out parameters without a value', () => {
  expect(withParameters('/x', { a: '', b: undefined, c: 0, d: 'é&' })).toBe('/x?c=0&d=%C3%A9%26');
  expect(withParameters('/x', {})).toBe('/x');
});

it('asks the query API', async () => {
  const asked = answerWith({ body: { items: [], nextCursor: null } });
  await listJournal({ topic: 'orders', type: '' });
  await listProjections();
  await rebuildProjection('orders', { dryRun: true });
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /query-api/v1/journal?topic=orders',
    'GET /query-api/v1/projections',
    'POST /query-api/v1/projections/orders/rebuild?dryRun=true',
  ]);
});
