// Starts a MongoDB server: the folder is opened, the socket listens, and what expires is deleted now and then.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Cursors } from './commands/cursors.ts';
import { responder } from './commands/dispatch.ts';
import { Expiry } from './commands/expiry.ts';
import { forgetOldSessions } from './commands/retries.ts';
import { Catalogue } from './storage/catalogue.ts';
import { GarbageCollector } from './storage/garbage.ts';
import { Store } from './storage/store.ts';
import { Listener } from './wire/listener.ts';
import type { ServerOptions, StartedServer } from '../options.ts';
import type { Server } from './commands/command.ts';

/**
 * Starts a server on its data in `dataDir`, in a folder of its own.
 *
 * @returns Its address as drivers take it
 * @throws Error when the address is taken, or the folder is another server's
 */
export async function startMongoDB({
  dataDir,
  port,
  host = '127.0.0.1',
}: ServerOptions): Promise<StartedServer> {
  const folder = join(dataDir, 'mongodb');
  const store = new Store(folder);
  const catalogue = new Catalogue(store);
  store.onCommit(
    () => {
      catalogue.flush();
    },
    () => {
      catalogue.load();
    },
  );
  const garbage = new GarbageCollector({ store, catalogue });
  const cursors = new Cursors();
  let listener: Listener | undefined;
  const server: Server = {
    store,
    catalogue,
    garbage,
    cursors,
    folder,
    started: new Date(),
    host: hostname(),
    counters: { insert: 0, query: 0, update: 0, delete: 0, getmore: 0, command: 0 },
    connections: () => listener?.counts ?? { current: 0, created: 0 },
  };
  const expiry = new Expiry(server);
  try {
    listener = await Listener.listen(port, host, responder(server));
    await forgetOldSessions(server);
  } catch (error) {
    await store.close();
    throw error;
  }
  garbage.start();
  expiry.start();
  const listening = listener;
  return {
    address: `mongodb://${host.includes(':') ? `[${host}]` : host}:${String(listening.port)}`,
    port: listening.port,
    async stop() {
      await listening.stop();
      await expiry.stop();
      await garbage.stop();
      cursors.stop();
      await store.close();
    },
  };
}
