// Before the tests on servers: starts those that have no address in the environment, in a temporary folder, and puts their
// addresses into the environment of the tests; afterwards stops them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers, type ServerKind } from '../servers/servers.ts';

/** Starts the servers; what it returns stops them. */
export async function setUpServers(kind: ServerKind): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-servers-'));
  const say = (line: string): void => {
    console.log(line);
  };
  const servers = await startServers({ kind, dataDir, env: process.env, say }).catch(
    async (error: unknown) => {
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    },
  );
  for (const server of Object.values(servers.started)) say(`${server.product} at ${server.address}`);
  Object.assign(process.env, servers.env);
  return async () => {
    await servers.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  };
}
