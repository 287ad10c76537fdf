// Test support: engines on a database of its own for each test, and what is expected of their views.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { createLogger } from '@comptoir/service';
import type { ProjectionName } from '@comptoir/views';
import type { Db } from 'mongodb';
import { startEngine, type Engine } from '../engine.ts';
import { hasReached } from '../progress.ts';
import type { Projection } from '../projection.ts';
import { orders } from '../projections/orders.ts';
import { shopProjections } from '../projections/shop-projections.ts';
import type { InMemoryLog } from './in-memory-log.ts';
import { plainFold } from './plain-fold.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { openTestDatabase, type TestDatabase } from './test-database.ts';

/** How long a test waits for what happens by itself, ms. */
export const patience = { timeout: 30_000, interval: 50 };

export interface EngineBench {
  readonly database: TestDatabase;
  /** Starts an engine, by default with every projection; it is stopped after the test. */
  start(log: InMemoryLog, projections?: readonly Projection[], db?: Db): Engine;
  /** Another database, reached through a proxy. */
  openThroughProxy(): Promise<{ readonly proxy: TcpProxy; readonly reached: TestDatabase }>;
  /** Waits until the live generation has read the log to its end. */
  expectCaughtUp(log: InMemoryLog, name: ProjectionName): Promise<void>;
  /** The documents of a generation, by default the live one, are the plain fold of the log. */
  expectPlainFold(log: InMemoryLog, projection: Projection, generation?: number): Promise<void>;
}

/** A bench for the tests of a file; its database is there while a test runs. */
export function useEngines(): EngineBench {
  const logger = createLogger({ service: 'test', level: process.env.LOG_LEVEL ?? 'silent' });
  let database: TestDatabase | undefined;
  let engines: Engine[] = [];
  let through: { readonly proxy: TcpProxy; readonly reached: TestDatabase } | undefined;

  const current = (): TestDatabase => {
    if (database === undefined) throw new Error('no test is running');
    return database;
  };

  beforeEach(async () => {
    database = await openTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(engines.map((engine) => engine.stop()));
    engines = [];
    if (through !== undefined) {
      const { proxy, reached } = through;
      through = undefined;
      await proxy.cut();
      await proxy.restore();
      // Connections of before may still be found broken.
      await vi.waitFor(() => reached.drop(), patience);
      await proxy.cut();
    }
    await current().drop();
  });

  return {
    get database() {
      return current();
    },
    start(log, projections = shopProjections, db = current().db) {
      const pace = { first: 10, most: 200, failed: 300 };
      const engine = startEngine({ db, log, projections, logger, pace });
      engines.push(engine);
      return engine;
    },
    async openThroughProxy() {
      const address = new URL(current().uri);
      const proxy = await startTcpProxy(address.hostname, Number(address.port || 27_017));
      address.host = `127.0.0.1:${String(proxy.port)}`;
      through = { proxy, reached: await openTestDatabase(address.href) };
      return through;
    },
    async expectCaughtUp(log, name) {
      const { topics } = shopProjections.find((each) => each.name === name) ?? orders;
      const ends = Object.fromEntries(await log.endOffsets(topics));
      await vi.waitFor(async () => {
        expect(hasReached(await current().positions(name), ends)).toBe(true);
      }, patience);
    },
    async expectPlainFold(log, projection, generation) {
      expect(await current().documents(projection.name, generation)).toEqual(
        plainFold(projection, log.events),
      );
    },
  };
}
