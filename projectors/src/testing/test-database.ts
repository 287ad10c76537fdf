// Test support: a database of its own for each test, on the server of MONGODB_URI, dropped afterwards.
import { randomUUID } from 'node:crypto';
import {
  generationName,
  openDatabase,
  readCheckpoints,
  readProjection,
  type Database,
  type ProjectionDocument,
  type ProjectionName,
} from '@comptoir/views';
import type { StoredDocument } from '../fold.ts';
import { withoutBookkeeping } from './plain-fold.ts';

export interface TestDatabase extends Database {
  /** With the database in its path. */
  readonly uri: string;
  /** The documents of a generation, the live one unless said otherwise, without bookkeeping. */
  documents(name: ProjectionName, generation?: number): Promise<Map<string, object>>;
  registry(name: ProjectionName): Promise<ProjectionDocument>;
  /** Offsets that the live generation has passed. */
  positions(name: ProjectionName, generation?: number): Promise<Readonly<Record<string, number>>>;
  drop(): Promise<void>;
}

/** Opens a new, empty database. @param address other than MONGODB_URI, for example through a proxy */
export async function openTestDatabase(address = process.env.MONGODB_URI): Promise<TestDatabase> {
  if (address === undefined)
    throw new Error('set MONGODB_URI: these tests need a server of MongoDB’s protocol');
  const url = new URL(address);
  url.pathname = `/projectors-test-${randomUUID()}`;
  const database = await openDatabase(url.href, { patience: 10_000 });
  const { db } = database;

  const registry = async (name: ProjectionName): Promise<ProjectionDocument> => {
    const document = await readProjection(db, name);
    if (document === null) throw new Error(`projection ${name} is not in the registry`);
    return document;
  };
  return {
    ...database,
    uri: url.href,
    registry,
    async documents(name, generation) {
      const number = generation ?? (await registry(name)).live;
      const collection = db.collection<StoredDocument>(generationName(name, number));
      return withoutBookkeeping(await collection.find().toArray());
    },
    async positions(name, generation) {
      const id = generationName(name, generation ?? (await registry(name)).live);
      return (await readCheckpoints(db, [id])).get(id)?.positions ?? {};
    },
    async drop() {
      await db.dropDatabase();
      await database.close();
    },
  };
}
