// A database of its own for each test file, at MONGODB_URI, dropped afterwards.
import { randomUUID } from 'node:crypto';
import { openDatabase, type Database } from '@comptoir/views';

/** Where the tests' MongoDB is; without it tests against a server are skipped. */
export const mongoUri = process.env.MONGODB_URI;

/** Opens an empty database with a name of its own. */
export async function openTestDatabase(): Promise<Database> {
  const url = new URL(mongoUri ?? 'mongodb://127.0.0.1:27017');
  url.pathname = `/reactors-test-${randomUUID().slice(0, 8)}`;
  return openDatabase(url.toString(), { patience: 5_000 });
}

/** Drops and closes it. */
export async function dropTestDatabase(database: Database | undefined): Promise<void> {
  await database?.db.dropDatabase();
  await database?.close();
}
