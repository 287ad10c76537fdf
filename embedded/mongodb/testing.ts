// A server of its own for a test file, with the driver connected to it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startMongoDB } from './index.ts';
import type { Db } from 'mongodb';

export interface ServerForTest {
  readonly address: string;
  readonly port: number;
  readonly client: MongoClient;
  readonly db: Db;
  /** Stops the server and starts it again on the same data; the client reconnects by itself. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port, in a folder that goes with it. */
export async function startForTest(): Promise<ServerForTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedded-mongodb-'));
  let server = await startMongoDB({ dataDir, port: 0 });
  const { port, address } = server;
  const client = await new MongoClient(address, { serverSelectionTimeoutMS: 10_000 }).connect();
  return {
    address,
    port,
    client,
    db: client.db('test'),
    async restart() {
      await server.stop();
      server = await startMongoDB({ dataDir, port });
      // The client finds its connections broken, one command at a time.
      for (let tries = 0; tries < 20; tries++) {
        const reached = await client
          .db('admin')
          .command({ ping: 1 })
          .then(Boolean, () => false);
        if (reached) return;
      }
      throw new Error('the server that was started again does not answer');
    },
    async stop() {
      await client.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
