// Opens the database of the views with every wait bounded, so that an absent server is an error soon and not a silence.
// Nothing here goes beyond what every server of MongoDB's protocol has: no sessions, no retryable writes.
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient, type Db, type WriteConcernSettings } from 'mongodb';
import { watchHeartbeats } from './heartbeat-watch.ts';
import './idle-pool.ts';

/** Acknowledged by a majority, which on a single server means by the server. */
export const acknowledged: WriteConcernSettings = { w: 'majority' };

/** Acknowledged, and the journal flushed: survives the crash of the server with everything written before it. */
export const durable: WriteConcernSettings = { w: 'majority', journal: true };

/** An open database. */
export interface Database {
  readonly db: Db;
  /** Resolves when the server answers, throws within 4 s when not. For readiness checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Shown in the server's log. */
  readonly appName?: string;
  /** How long to wait for a server that is still starting, ms. */
  readonly patience?: number;
  /** Told of each attempt that failed, while patience lasts. */
  readonly onWait?: (error: Error) => void;
}

const defaultName = 'comptoir';

/** How long to look for a server that answers, ms. */
const selectWithin = 3_000;
/** The same with its answer: a server may take the question and say nothing. */
const pingWithin = 4_000;

/** The database that an address names in its path, `comptoir` when it names none. */
export function databaseName(uri: string): string {
  const [, name] = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri) ?? [];
  return name === undefined ? defaultName : decodeURIComponent(name);
}

/** Waits for an answer, but not longer than so many ms. */
async function within(limit: number, answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${String(limit)} ms`));
  }, limit);
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Opens the database at an address. The driver reconnects by itself later.
 *
 * @param uri - `mongodb://host:port/database`; without a path the database is `comptoir`
 * @throws Error when the server does not answer within `patience`
 */
export async function openDatabase(
  uri: string,
  { appName = 'comptoir', patience = 60_000, onWait }: DatabaseOptions = {},
): Promise<Database> {
  const client = new MongoClient(uri, {
    appName,
    serverSelectionTimeoutMS: selectWithin,
    // Also how long a heartbeat may take: a server that is busy for seconds is not away.
    connectTimeoutMS: 10_000,
    socketTimeoutMS: 20_000,
    waitQueueTimeoutMS: 5_000,
    maxPoolSize: 20,
    retryWrites: false,
    retryReads: true,
    writeConcern: acknowledged,
  });
  const stopWatching = watchHeartbeats(client);
  const db = client.db(databaseName(uri));
  const close = async (): Promise<void> => {
    stopWatching();
    await client.close();
  };
  const ping = (): Promise<void> => within(pingWithin, db.command({ ping: 1 }));
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await ping();
      return { db, ping, close };
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      if (Date.now() >= deadline) {
        await close();
        throw new Error(
          `MongoDB does not answer at MONGODB_URI (${reason.message}). Start it, or set MONGODB_URI.`,
          { cause: error },
        );
      }
      onWait?.(reason);
      await delay(500);
    }
  }
}
