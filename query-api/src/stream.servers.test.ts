import { get, type IncomingMessage } from 'node:http';
import { createHttp, createLogger, createMetrics, Gauge, type Http } from '@comptoir/service';
import { projectionsCollection, type JournalView, type Stored } from '@comptoir/views';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createQueryApi } from './app.ts';
import { addStreamRoute, standardStreamSettings } from './routes/stream.ts';
import { appendToJournal, journalOf, openTestDatabase, registerProjections } from './testing/database.ts';
import { createViewAccess, type ViewAccess } from './view-access.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let app: Http;
let address: string;
const open: IncomingMessage[] = [];
const nextOffset = new Map<string, number>();

beforeAll(async () => {
  database = await openTestDatabase();
  await registerProjections(database.db);
  app = await createQueryApi({
    database,
    logger: createLogger({ service: 'test', level: 'error' }),
    streams: { journalInterval: 20, projectionsInterval: 20, maxStreams: 3, heartbeat: 100 },
  });
  address = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await expect
    .poll(async () => (await app.inject('/metrics')).body)
    .toContain('query_api_streams{service="query-api"} 0');
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Writes events into partitions, every third offset left out as if it were a marker of a transaction. */
async function append(logs: readonly ('orders-3' | 'stock-1')[]): Promise<string[]> {
  const events: Stored<JournalView>[] = logs.map((log) => {
    const offset = nextOffset.get(log) ?? 0;
    nextOffset.set(log, offset % 3 === 1 ? offset + 2 : offset + 1);
    return log === 'orders-3' ? journalOf('orders', 3, offset) : journalOf('stock', 1, offset);
  });
  await appendToJournal(database.db, events);
  return events.map(({ position }) => position);
}

interface Client {
  readonly response: IncomingMessage;
  readonly positions: string[];
  readonly events: { readonly event: string; readonly id: string | undefined; readonly data: string }[];
  readonly comments: string[];
  lastId: string;
}

/** A client of server-sent events, as the specification reads them. */
async function connect(
  options: { lastEventId?: string; query?: string; paused?: boolean } = {},
): Promise<Client> {
  const { lastEventId, query = '', paused = false } = options;
  const headers = {
    accept: 'text/event-stream',
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${address}/v1/stream${query}`, { headers }, resolve).once('error', reject);
  });
  expect(response.statusCode).toBe(200);
  open.push(response);
  const client: Client = { response, positions: [], events: [], comments: [], lastId: '' };
  let buffer = '';
  response.setEncoding('utf8');
  response.on('error', () => undefined);
  response.on('data', (chunk: string) => {
    buffer += chunk;
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      if (block.startsWith(':')) client.comments.push(block);
      client.lastId = field('id') ?? client.lastId;
      const data = field('data');
      const event = field('event');
      if (data === undefined || event === undefined) continue;
      client.events.push({ event, id: field('id'), data });
      if (event === 'journal') client.positions.push((JSON.parse(data) as { position: string }).position);
    }
  });
  if (paused) response.pause();
  else await expect.poll(() => client.events.length).toBeGreaterThan(0);
  return client;
}

describe('the live stream', () => {
  it('shows events as the journal view gets them, whole, with the vector of next offsets as id', async () => {
    await append(['orders-3', 'stock-1']);
    const client = await connect();
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const [position] = await append(['stock-1']);
    await expect.poll(() => client.positions).toEqual([position]);
    expect(client.lastId).toBe('orders-3@1,stock-1@2');
    const { data = '' } = client.events.findLast(({ event }) => event === 'journal') ?? {};
    const shown = JSON.parse(data) as Record<string, unknown>;
    expect(shown).toMatchObject({
      position: 'stock-1@1',
      time: '2026-11-25T08:01:00.000Z',
      schema: { id: 7 },
    });
    for (const hidden of ['_id', '_pos', '_rev', 'text']) expect(shown).not.toHaveProperty(hidden);
  });

  it('resumes after a broken connection without loss or double', async () => {
    const client = await connect();
    const before = await append(['orders-3', 'stock-1', 'orders-3']);
    await expect.poll(() => client.positions.length).toBe(3);
    client.response.destroy();
    const meanwhile = await append(['stock-1', 'stock-1', 'orders-3', 'stock-1']);
    const again = await connect({ lastEventId: client.lastId });
    const afterwards = await append(['orders-3']);
    await expect.poll(() => again.positions.length).toBeGreaterThanOrEqual(5);
    expect([...client.positions, ...again.positions].toSorted()).toEqual(
      [...before, ...meanwhile, ...afterwards].toSorted(),
    );
  });

  it('resumes although nothing had come before the connection broke', async () => {
    const client = await connect();
    client.response.destroy();
    expect(client.positions).toEqual([]);
    const meanwhile = await append(['orders-3']);
    const again = await connect({ query: `?lastEventId=${encodeURIComponent(client.lastId)}` });
    await expect.poll(() => again.positions).toEqual(meanwhile);
  });

  it('replays from long ago to a client that takes nothing for a while', async () => {
    const text = 'x'.repeat(4_000);
    const start = Object.fromEntries(nextOffset);
    const first = start['orders-3'] ?? 0;
    const events = Array.from({ length: 2_000 }, (_, index) =>
      journalOf('orders', 3, first + index, { actor: text, time: new Date(index) }),
    );
    await appendToJournal(database.db, events);
    nextOffset.set('orders-3', first + events.length);
    const from = `orders-3@${String(first)},stock-1@${String(start['stock-1'])}`;
    const client = await connect({ lastEventId: from, paused: true });
    // 8 MB are more than the sockets hold: the service has to wait for its client.
    const [live] = await append(['stock-1']);
    client.response.resume();
    await expect.poll(() => client.positions.length, { timeout: 20_000 }).toBe(2_001);
    expect(client.positions).toEqual([...events.map(({ position }) => position), live]);
  });

  it('tells of projections when they change, without an id', async () => {
    const client = await connect();
    await projectionsCollection(database.db).updateOne({ _id: 'sales' }, { $set: { state: 'failed' } });
    await expect.poll(() => client.events.at(-1)?.data).toContain('"state":"failed"');
    const { event, id, data } = client.events.at(-1) ?? {};
    expect([event, id]).toEqual(['projections', undefined]);
    expect(JSON.parse(data ?? '')).toHaveLength(4);
  });

  it('sends comments while nothing happens', async () => {
    const client = await connect();
    await expect.poll(() => client.comments.length).toBeGreaterThan(1);
  });

  it('is open a bounded number of times', async () => {
    await Promise.all([connect(), connect(), connect()]);
    const answer = await fetch(`${address}/v1/stream`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ code: 'too-many-streams' });
  });

  it('refuses an id that is none, and a client that takes no stream', async () => {
    const refused = await fetch(`${address}/v1/stream`, { headers: { 'last-event-id': 'x' } });
    expect(await refused.json()).toMatchObject({ status: 400, code: 'invalid-last-event-id' });
    const wrong = await fetch(`${address}/v1/stream`, { headers: { accept: 'application/json' } });
    expect(await wrong.json()).toMatchObject({ status: 406 });
  });

  it('ends when the service stops', async () => {
    const other = await createQueryApi({
      database,
      logger: createLogger({ service: 'test', level: 'error' }),
    });
    const there = await other.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${there}/v1/stream`);
    const body = answer.text();
    await other.close();
    expect(await body).toContain('event: projections');
  });
});

describe('live streams whose journal takes long to look at', () => {
  /** A service whose looks at the journal end when the test lets them. */
  async function slowService(maxStreams: number) {
    const gate = Promise.withResolvers<undefined>();
    let looks = 0;
    const quick = createViewAccess(database.db);
    const views: ViewAccess = {
      ...quick,
      live: async (name) => {
        looks += 1;
        await gate.promise;
        return quick.live(name);
      },
    };
    const metrics = createMetrics('test');
    const slow = await createHttp({
      name: 'test',
      title: 'Test',
      description: '',
      version: '1',
      logger: createLogger({ service: 'test', level: 'silent' }),
      metrics,
      docs: false,
    });
    const gauge = new Gauge({ name: 'streams', help: 'Open.', registers: [metrics] });
    addStreamRoute(slow, views, { ...standardStreamSettings, maxStreams }, gauge);
    const url = `${await slow.listen({ host: '127.0.0.1', port: 0 })}/v1/stream`;
    const count = async (): Promise<number | undefined> => (await gauge.get()).values[0]?.value;
    return {
      slow,
      url,
      count,
      looks: () => looks,
      go: () => {
        gate.resolve(undefined);
      },
    };
  }

  it('count no client that has gone meanwhile', async () => {
    const { slow, url, count, looks, go } = await slowService(1);
    const leaving = new AbortController();
    const left = fetch(url, { signal: leaving.signal }).catch((error: unknown) => error);
    await expect.poll(looks).toBe(1);
    leaving.abort();
    await left;
    const connections = (): Promise<number> =>
      new Promise((resolve) => {
        slow.server.getConnections((_error, number) => {
          resolve(number);
        });
      });
    await expect.poll(connections).toBe(0);
    go();
    // Answered 503 for ever, if the one that left were still counted.
    await expect.poll(async () => (await fetch(url, { method: 'GET' })).status).toBe(200);
    expect(await count()).toBe(1);
    await slow.close();
  });

  it('are not open more often than allowed', async () => {
    const { slow, url, count, looks, go } = await slowService(2);
    const asked = Array.from({ length: 5 }, () => fetch(url));
    await expect.poll(looks).toBe(1);
    go();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 503, 503, 503]);
    expect(await count()).toBe(2);
    await slow.close();
  });
});
