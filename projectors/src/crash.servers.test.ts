// The engine killed by `kill -9` at its named failpoints: the next process goes on, and the views are the plain fold of the log.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { requestRebuild } from '@comptoir/views';
import { hasReached } from './progress.ts';
import { orders } from './projections/orders.ts';
import { sales } from './projections/sales.ts';
import { plainFold } from './testing/plain-fold.ts';
import { sampleLog } from './testing/sample-log.ts';
import { openTestDatabase, type TestDatabase } from './testing/test-database.ts';

const program = fileURLToPath(new URL('./testing/engine-process.ts', import.meta.url));
const orderCount = 60;
const log = sampleLog(orderCount);
const patience = { timeout: 30_000, interval: 50 };

let database: TestDatabase;
let child: ChildProcess | undefined;

beforeEach(async () => {
  database = await openTestDatabase();
});

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await database.drop();
});

function startEngineProcess(failpoint = ''): ChildProcess {
  child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      MONGODB_URI: database.uri,
      ORDERS: String(orderCount),
      FAILPOINT: failpoint,
      LOG_LEVEL: 'warn',
    },
    stdio: 'ignore',
  });
  return child;
}

const exited = (engine: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => {
    engine.once('exit', (_code, signal) => {
      resolve(signal);
    });
  });

async function expectCaughtUp(name: 'orders' | 'sales'): Promise<void> {
  const ends = Object.fromEntries(await log.endOffsets(['orders']));
  await vi.waitFor(async () => {
    expect(hasReached(await database.positions(name), ends)).toBe(true);
  }, patience);
}

describe('a projector that is killed between view write and checkpoint', () => {
  it.each([
    'projector:after-view-write:orders@3',
    'projector:after-view-write:sales@2',
    'projector:after-view-write',
  ])('loses nothing and doubles nothing (%s)', async (failpoint) => {
    expect(await exited(startEngineProcess(failpoint))).toBe('SIGKILL');
    startEngineProcess();
    await expectCaughtUp('orders');
    await expectCaughtUp('sales');
    expect(await database.documents('orders')).toEqual(plainFold(orders, log.events));
    expect(await database.documents('sales')).toEqual(plainFold(sales, log.events));
  });
});

describe('a rebuild that is killed', () => {
  it.each(['rebuild:filling:orders@2', 'rebuild:filling', 'rebuild:before-switch'])(
    'goes on where it was (%s)',
    async (failpoint) => {
      const first = startEngineProcess();
      await vi.waitFor(() => expectCaughtUp('orders'), patience);
      first.kill('SIGTERM');
      await exited(first);
      await requestRebuild(database.db, 'orders');
      expect(await exited(startEngineProcess(failpoint))).toBe('SIGKILL');
      const { live, build } = await database.registry('orders');
      expect({ live, generation: build?.generation }).toEqual({ live: 1, generation: 2 });
      startEngineProcess();
      await vi.waitFor(async () => {
        expect(await database.registry('orders')).toMatchObject({ live: 2, build: null });
      }, patience);
      expect(await database.documents('orders', 2)).toEqual(plainFold(orders, log.events));
    },
  );
});
