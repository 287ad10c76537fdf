// The servers that the MongoDB suites run against: the embedded one, what the launcher starts as the real one (mongod, or
// mongo-java-server where there is none) and FerretDB where Go can build it. What is left out is said.
import { MongoClient, type Db } from 'mongodb';
import { afterAll, inject } from 'vitest';
import { goIsThere, startFerretDB } from './ferretdb.ts';

/** The servers by what they are. */
export type Product = 'embedded' | 'mongod' | 'mongo-java-server' | 'ferretdb';

/** A server that runs, with one client for the whole file. */
export interface Server {
  readonly product: Product;
  /** `mongodb://127.0.0.1:27017`, without a database. */
  readonly address: string;
  readonly client: MongoClient;
  /** A database of this test file alone, empty at first. */
  readonly db: Db;
}

/** mongo-java-server says that it is 5.0.0 and names no commit; a mongod always does. */
async function whatIsReal(client: MongoClient): Promise<Product> {
  const info = await client.db('admin').command({ buildInfo: 1 });
  return typeof info.gitVersion === 'string' ? 'mongod' : 'mongo-java-server';
}

async function opened(address: string, database: string, product?: Product): Promise<Server> {
  const { origin } = new URL(address.replace('mongodb:', 'http:'));
  const base = origin.replace('http:', 'mongodb:');
  const client = await MongoClient.connect(base, { serverSelectionTimeoutMS: 10_000 });
  const db = client.db(database);
  return { product: product ?? (await whatIsReal(client)), address: base, client, db };
}

/**
 * The servers for one test file, connected; they are let go after its last test. Call it at the top of the file:
 * `const servers = await serversFor('query')`.
 *
 * @param suite - name of the database
 */
export async function serversFor(suite: string): Promise<readonly Server[]> {
  // A name of this run alone: mongo-java-server keeps indexes of a database that was dropped.
  const database = `conformance_${suite}_${String(process.pid)}`;
  const servers: Server[] = [];
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await Promise.allSettled(servers.map(({ db }) => db.dropDatabase()));
    await Promise.all(servers.map(({ client }) => client.close()));
    await Promise.all(stops.map((stop) => stop()));
  }, 30_000);
  for (const { name, address } of inject('mongodb'))
    servers.push(await opened(address, database, name === 'embedded' ? name : undefined));
  const only = process.env.CONFORMANCE_ON;
  if (only === 'embedded') return servers;
  if (await goIsThere()) {
    const { address, stop } = await startFerretDB();
    stops.push(stop);
    servers.push(await opened(address, database, 'ferretdb'));
  } else console.log('left out: FerretDB, which needs Go to build it');
  return servers;
}
