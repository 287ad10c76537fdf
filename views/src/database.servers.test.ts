// Opening the database, and what its silence looks like.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import timers from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isUnavailable } from './availability.ts';
import { openDatabase } from './database.ts';

let server: Server | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  if (server?.listening === true) await new Promise((resolve) => server?.close(resolve));
});

/** A server that takes connections and says nothing. */
async function silentServer(): Promise<string> {
  server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `mongodb://127.0.0.1:${String((server.address() as AddressInfo).port)}/x`;
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};

describe('a server that does not answer', () => {
  it('is an error that says what to do, after the patience given', async () => {
    await expect(openDatabase('mongodb://127.0.0.1:9/x', { patience: 0 })).rejects.toThrow(
      'MongoDB does not answer at MONGODB_URI',
    );
  });

  it('is the same error as soon when it takes connections and says nothing', async () => {
    const uri = await silentServer();
    const took = await seconds(() =>
      expect(openDatabase(uri, { patience: 0 })).rejects.toThrow(/MongoDB does not answer at MONGODB_URI/),
    );
    expect(took).toBeLessThan(6);
  });

  it('is waited for as long as patience lasts, and each attempt is told of', async () => {
    const reasons: string[] = [];
    const onWait = ({ message }: Error): void => {
      reasons.push(message);
    };
    await expect(openDatabase('mongodb://127.0.0.1:9/x', { patience: 3_500, onWait })).rejects.toThrow();
    expect(reasons).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});

describe('an open database', () => {
  /** A way to the server that can fall silent, and break. */
  async function relay() {
    const uri = process.env.MONGODB_URI;
    if (uri === undefined)
      throw new Error('set MONGODB_URI: these tests need a server of MongoDB’s protocol');
    const { hostname, port } = new URL(uri);
    const state = { silent: false };
    server = createServer((client) => {
      const upstream = connect(Number(port), hostname);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          client.destroy();
          upstream.destroy();
        });
      }
      client.on('data', (chunk) => {
        if (!state.silent) upstream.write(chunk);
      });
      upstream.pipe(client);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: through } = server.address() as AddressInfo;
    const address = `mongodb://127.0.0.1:${String(through)}/views-test-relay`;
    return { state, database: await openDatabase(address, { patience: 0 }) };
  }
  const breakConnections = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  it('whose server says nothing any more is not answered by its ping for long', async () => {
    const { state, database } = await relay();
    await database.ping();
    state.silent = true;
    const took = await seconds(() => expect(database.ping()).rejects.toThrow('no answer within 4000 ms'));
    expect(took).toBeLessThan(7);
    breakConnections();
    await database.close();
  });

  it('does not look after its pool ten times a second', async () => {
    const timersSet = vi.spyOn(timers, 'setTimeout');
    const { database } = await relay();
    await database.ping();
    expect(timersSet.mock.calls.map(([, after]) => after)).not.toContain(100);
    timersSet.mockRestore();
    await database.close();
  });

  it('is there again after a silence and the end of every connection at once', async () => {
    const { state, database } = await relay();
    state.silent = true;
    const asked = Array.from({ length: 5 }, () => database.db.collection('none').findOne({}));
    await Promise.race([Promise.allSettled(asked.slice(0, 1)), delay(500)]);
    breakConnections();
    state.silent = false;
    await Promise.allSettled(asked);
    await vi.waitFor(() => database.ping(), { timeout: 40_000, interval: 200 });
    await database.close();
  });
});

describe('an error of the driver', () => {
  it('means that the database is away when it could not be reached, and nothing else does', async () => {
    const away = await openDatabase('mongodb://127.0.0.1:9/x', { patience: 0 }).catch(
      (error: unknown) => error,
    );
    expect(away).toBeInstanceOf(Error);
    expect(isUnavailable(away instanceof Error ? away.cause : away)).toBe(true);
    expect(isUnavailable(new Error('no such thing'))).toBe(false);
    expect(isUnavailable('away')).toBe(false);
  });
});
