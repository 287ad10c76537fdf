// The whole system for one test file: all services as processes of their own, on the servers at the addresses in the
// environment (`npm run test:real` starts them when there are none), stopped at the end whatever happened.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startComptoir, type Comptoir, type StartOptions } from '@comptoir/launcher';
import { MongoClient, type Db } from 'mongodb';
import { shopAt, type Shop } from './shop.ts';

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: run these tests through npm run test:real`);
  return value;
}

/** Where the servers are. */
export const servers = {
  get brokers(): string[] {
    return required('KAFKA_BROKERS').split(',');
  },
  get registryUrl(): string {
    return required('SCHEMA_REGISTRY_URL');
  },
  get mongoUri(): string {
    return required('MONGODB_URI');
  },
};

export interface System {
  readonly comptoir: Comptoir;
  readonly shop: Shop;
  readonly db: Db;
  readonly stop: () => Promise<void>;
}

/** Starts the services on the servers of the environment, on free ports; a service that dies stays dead. */
export async function startSystem(options: Partial<StartOptions> = {}): Promise<System> {
  const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-test-'));
  const { env = {}, ...rest } = options;
  const comptoir = await startComptoir({
    dataDir,
    restart: false,
    services: ['command-api', 'query-api', 'projectors', 'reactors'],
    ...rest,
    env: {
      KAFKA_BROKERS: servers.brokers.join(','),
      SCHEMA_REGISTRY_URL: servers.registryUrl,
      MONGODB_URI: servers.mongoUri,
      ...env,
    },
  });
  const client = new MongoClient(servers.mongoUri);
  const { commandApi, queryApi } = comptoir.addresses;
  return {
    comptoir,
    shop: shopAt({ commandApi, queryApi }),
    db: client.db(),
    async stop() {
      await client.close();
      await comptoir.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

let items = 0;
/** A sku that no other test uses. */
export const freshSku = (name: string): string => `${name}-${Date.now().toString(36)}-${String(++items)}`;
