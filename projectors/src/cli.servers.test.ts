// `npm run projections` as whoever types it sees it: a process of its own, its lines and its exit code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '@comptoir/service';
import { requestRebuild } from '@comptoir/views';
import { startEngine, type Engine } from './engine.ts';
import type { Projection } from './projection.ts';
import { orders } from './projections/orders.ts';
import { appendOrders, sampleLog } from './testing/sample-log.ts';
import { startTcpProxy } from './testing/tcp-proxy.ts';
import { openTestDatabase, type TestDatabase } from './testing/test-database.ts';

const program = fileURLToPath(new URL('./cli.ts', import.meta.url));
const patience = { timeout: 30_000, interval: 50 };

let database: TestDatabase;
let engine: Engine | undefined;

beforeEach(async () => {
  database = await openTestDatabase();
});

afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  await database.drop();
});

function projections(args: readonly string[], uri = database.uri) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, MONGODB_URI: uri },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const started = performance.now();
  const ended = once(child, 'close').then(([code]: unknown[]) => ({
    code,
    ...said,
    seconds: (performance.now() - started) / 1000,
  }));
  return { child, said, ended };
}

async function startOrders(projection: Projection = orders): Promise<void> {
  const log = sampleLog(20);
  const pace = { first: 10, most: 50, failed: 100 };
  const logger = createLogger({ service: 'test', level: 'silent' });
  engine = startEngine({ db: database.db, log, projections: [projection], logger, pace });
  await vi.waitFor(async () => {
    expect((await database.documents('orders')).size).toBe(20);
  }, patience);
  appendOrders(log, 20, 10);
}

/** Leaves a projection in the registry that no process runs. */
async function leaveOrders(): Promise<void> {
  await startOrders();
  await engine?.stop();
  engine = undefined;
}

describe('npm run projections', () => {
  it.each([[[]], [['rebuild']], [['list', 'orders']], [['drop', 'orders']]])(
    'asked with %j says how it is used, and exits 2',
    async (args) => {
      expect(await projections(args).ended).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('usage: npm run projections -- list') as unknown,
      });
    },
  );

  it('helps who asks for it', async () => {
    expect(await projections(['--help']).ended).toMatchObject({
      code: 0,
      out: expect.stringContaining('rebuild <orders|stock|sales|journal>') as unknown,
    });
  });

  it('says which projections there are when it is asked for another, without looking for a server', async () => {
    const { code, err } = await projections(['rebuild', 'order'], 'mongodb://127.0.0.1:9').ended;
    expect({ code, err }).toEqual({
      code: 2,
      err: 'There is no projection order. There are: orders, stock, sales, journal.\n',
    });
  });

  it('says what to do when MongoDB does not answer, soon', async () => {
    const { code, err, seconds } = await projections(['list'], 'mongodb://127.0.0.1:9').ended;
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('MongoDB does not answer at MONGODB_URI') as unknown,
    });
    expect(seconds).toBeLessThan(10);
  });

  it('does not wait long for a server that takes connections and says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { code, err, seconds } = await projections(['list'], `mongodb://127.0.0.1:${String(port)}`).ended;
    silent.close();
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('MongoDB does not answer at MONGODB_URI') as unknown,
    });
    expect(seconds).toBeLessThan(10);
  });
});

describe('npm run projections -- list', () => {
  it('says so when no projector has ever run', async () => {
    expect(await projections(['list']).ended).toMatchObject({
      code: 0,
      out: 'No projection is known here yet: no projector has run on this database.\n',
    });
  });

  it('shows what runs', async () => {
    await startOrders();
    const { code, out } = await projections(['list']).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^name +state +version +live .*\norders +running +1 +orders\.g1 /);
  });
});

describe('npm run projections -- rebuild', () => {
  it('shows the progress until readers use the new generation', async () => {
    await startOrders();
    const { code, out } = await projections(['rebuild', 'orders']).ended;
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'Rebuilding orders: orders.g2 is filled from the log while readers keep orders.g1.',
    );
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.at(-1)).toMatch(/^Done in \d+\.\d s: readers use orders\.g2\.$/);
    expect(await database.registry('orders')).toMatchObject({ live: 2 });
  });

  it('says that nothing was ever built when no projector has run', async () => {
    expect(await projections(['rebuild', 'orders']).ended).toMatchObject({
      code: 1,
      err: 'Projection orders is not known on this database: no projector has run on it yet.\n',
    });
  });

  it('interrupted leaves the rebuild to go on, and says so; asked again it shows how it goes on', async () => {
    await leaveOrders();
    const { child, said, ended } = projections(['rebuild', 'orders']);
    await vi.waitFor(() => {
      expect(said.out).toContain('waiting for a projector');
    }, patience);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 130,
      out: expect.stringContaining('The rebuild of orders goes on without us') as unknown,
    });
    expect(await database.registry('orders')).toMatchObject({ live: 1, build: { generation: 2 } });
    const again = projections(['rebuild', 'orders']);
    await vi.waitFor(() => {
      expect(again.said.out).toContain('A rebuild of orders is under way already');
    }, patience);
    await startOrders();
    expect(await again.ended).toMatchObject({ code: 0 });
  });

  it('ends with 1 and the reason when the rebuild fails', async () => {
    const state = { broken: false };
    await startOrders({
      ...orders,
      apply: (view, event, id) => {
        if (state.broken) throw new Error('no such thing');
        return orders.apply(view, event, id);
      },
    });
    state.broken = true;
    const { code, out } = await projections(['rebuild', 'orders']).ended;
    expect(code).toBe(1);
    expect(out).toContain('no such thing');
    expect(out).toContain('The rebuild failed; readers keep orders.g1.');
  });

  it('says that the rebuild goes on when MongoDB goes away while it watches', async () => {
    await leaveOrders();
    await requestRebuild(database.db, 'orders');
    const address = new URL(database.uri);
    const proxy = await startTcpProxy(address.hostname, Number(address.port || 27_017));
    address.host = `127.0.0.1:${String(proxy.port)}`;
    const { said, ended } = projections(['rebuild', 'orders'], address.href);
    await vi.waitFor(() => {
      expect(said.out).toContain('waiting for a projector');
    }, patience);
    await proxy.cut();
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain('MongoDB does not answer any more');
    expect(err).toContain('The rebuild of orders goes on without us');
  });
});
