import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { correlationOf, endAll, heartbeat, request, start, versions } from './testing/server.ts';

afterEach(endAll);

describe('limits', () => {
  it('pause a client that sends more than is answered, and lose nothing', async () => {
    const waits: (() => void)[] = [];
    const { client } = await start(
      {
        heartbeat: () =>
          new Promise((resolve) =>
            waits.push(() => {
              resolve({ errorCode: 0 });
            }),
          ),
      },
      { maxRequestsInHand: 4 },
    );
    const one = await client();
    const count = 20;
    for (let i = 0; i < count; i++) one.send(heartbeat(i));
    for (let i = 0; i < count; i++) {
      await expect.poll(() => waits.length).toBe(1);
      waits.shift()?.();
      expect(correlationOf(await one.next())).toBe(i);
    }
  });

  it('start no request while the client does not read its answers', async () => {
    let started = 0;
    const { client } = await start(
      {
        heartbeat: () => {
          started += 1;
          return { errorCode: 0 };
        },
        fetch: () => {
          started += 1;
          const records = Buffer.alloc(1_000_000);
          return {
            responses: [
              { topic: 't', partitions: [{ partitionIndex: 0, errorCode: 0, highWatermark: 0, records }] },
            ],
          };
        },
      },
      { maxBytesUnsent: 1_000_000 },
    );
    const one = await client();
    one.socket.pause();
    const fetch = request('fetch', 4, 1, {
      ...{
        clusterId: null,
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 0,
        isolationLevel: 0,
        sessionId: 0,
      },
      ...{ sessionEpoch: -1, topics: [], forgottenTopicsData: [], rackId: '' },
    });
    const count = 100;
    for (let i = 0; i < count; i++) one.send(fetch);
    await expect.poll(() => started).toBeGreaterThan(0);
    const other = await client();
    other.send(heartbeat(1));
    await other.next();
    expect(started).toBeLessThan(count / 2);
    one.socket.resume();
    for (let i = 0; i < count; i++) expect(await one.next()).toBeDefined();
  });

  it('close a silent connection', async () => {
    const one = await (await start({}, { maxIdle: 20 })).client();
    expect(await one.next()).toBeUndefined();
  });

  it('refuse a connection beyond the last', async () => {
    const { client, lines } = await start({}, {}, 1);
    const first = await client();
    const second = await client();
    expect(await second.next()).toBeUndefined();
    expect(lines).toEqual(['connection refused: 1 are open']);
    first.send(versions(1));
    expect(correlationOf(await first.next())).toBe(1);
  });
});

describe('the end', () => {
  it('of a connection ends what waits for it', async () => {
    const signals: AbortSignal[] = [];
    const { client } = await start({
      heartbeat: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    const one = await client();
    one.send(heartbeat(1));
    await expect.poll(() => signals.length).toBe(1);
    one.close();
    await expect.poll(() => signals[0]?.aborted).toBe(true);
  });

  it('of the server answers what is in hand', async () => {
    let isStarted = false;
    const { client, server } = await start({
      heartbeat: (_, { signal }) => {
        isStarted = true;
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve({ errorCode: 27 });
          });
        });
      },
    });
    const one = await client();
    one.send(heartbeat(1));
    await expect.poll(() => isStarted).toBe(true);
    await server.close();
    expect(correlationOf(await one.next())).toBe(1);
    expect(await one.next()).toBeUndefined();
    expect(server.connections).toBe(0);
  });

  it('of the port frees it', async () => {
    const { server } = await start({});
    await server.close();
    const refused = await new Promise<string | undefined>((resolve) => {
      const socket = createConnection(server.port, '127.0.0.1');
      socket.once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code);
      });
    });
    expect(refused).toBe('ECONNREFUSED');
  });
});

it('a port that is taken is EADDRINUSE, with the port', async () => {
  const { server } = await start({});
  await expect(start({}, {}, 10, server.port)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port: server.port,
  });
});
