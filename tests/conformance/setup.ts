// Before the conformance suites: starts the embedded servers and, where Java and Maven are there, the real ones, in temporary
// folders, and provides their addresses. `CONFORMANCE_ON=embedded` or `real` leaves the others out.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers, type ServerKind } from '@comptoir/launcher';
import type { TestProject } from 'vitest/node';

/** A server that a suite runs against. */
export interface Target {
  readonly name: 'embedded' | 'real';
  /** `127.0.0.1:9092`, `http://…`, `mongodb://…`. */
  readonly address: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly kafka: readonly Target[];
    readonly schemaRegistry: readonly Target[];
    readonly mongodb: readonly Target[];
  }
}

/** The three servers of one kind. */
interface Running {
  readonly kafka: string;
  readonly schemaRegistry: string;
  readonly mongodb: string;
  stop(): Promise<void>;
}

async function start(kind: ServerKind, dataDir: string): Promise<Running> {
  const say = (line: string): void => {
    console.log(line);
  };
  const servers = await startServers({ kind, dataDir, env: kind === 'real' ? process.env : {}, say });
  const {
    KAFKA_BROKERS: kafka = '',
    SCHEMA_REGISTRY_URL: schemaRegistry = '',
    MONGODB_URI: mongodb = '',
  } = servers.env;
  return { kafka, schemaRegistry, mongodb, stop: () => servers.stop() };
}

const isThere = (program: string): boolean =>
  spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0;

/** Starts the servers; what it returns stops them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-conformance-'));
  const only = process.env.CONFORMANCE_ON;
  const running: { readonly name: Target['name']; readonly servers: Running }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(({ servers }) => servers.stop()));
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    if (only !== 'real')
      running.push({ name: 'embedded', servers: await start('embedded', join(dataDir, 'embedded')) });
    if (only !== 'embedded') {
      if (isThere('java') && isThere('mvn'))
        running.push({ name: 'real', servers: await start('real', join(dataDir, 'real')) });
      else console.log('no Java or no Maven here: the suites run on the embedded servers alone');
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const targets = (server: 'kafka' | 'schemaRegistry' | 'mongodb'): Target[] =>
    running.map(({ name, servers }) => ({ name, address: servers[server] }));
  project.provide('kafka', targets('kafka'));
  project.provide('schemaRegistry', targets('schemaRegistry'));
  project.provide('mongodb', targets('mongodb'));
  return stop;
}
