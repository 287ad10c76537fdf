// What servers have in common, real or embedded: their names and variables, how they are asked for, and what comes back.
import { join } from 'node:path';
import { openLog } from '../processes/bounded-log.ts';
import { startProcess, type ManagedProcess } from '../processes/managed-process.ts';
import { plainEnvironment, type Say } from './java.ts';
import { untilReady } from './readiness.ts';

/** The three servers, and the variable that says where each is. */
export const serverVariables = {
  kafka: 'KAFKA_BROKERS',
  schemaRegistry: 'SCHEMA_REGISTRY_URL',
  mongodb: 'MONGODB_URI',
} as const;

/** `kafka`, `schemaRegistry` or `mongodb`. */
export type ServerName = keyof typeof serverVariables;

export const serverNames: readonly ServerName[] = ['kafka', 'schemaRegistry', 'mongodb'];

/** Where the servers are, as the services' variables. */
export type ServerAddresses = Readonly<Partial<Record<(typeof serverVariables)[ServerName], string>>>;

/** What a server needs to start. */
export interface ServerOptions {
  /** Data and logs of all servers; each has folders of its own in it. */
  readonly dataDir: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Told about what takes long (fetching a server the first time). */
  readonly say?: Say;
}

/** A server that we have started. */
export interface Server {
  /** As services take it: `127.0.0.1:9092`, `http://…/apis/ccompat/v7`, `mongodb://…/comptoir`. */
  readonly address: string;
  /** What it is: `Apache Kafka 4.1.1`. */
  readonly product: string;
  readonly port: number;
  readonly pid: number;
  readonly exited: ManagedProcess['exited'];
  /** Stops it; kills it after `within` ms (default 8,000). */
  stop(within?: number): Promise<void>;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
}

/** How a server is run. */
export interface ServerProcess {
  /** Folder and log file: `kafka`. */
  readonly name: string;
  readonly product: string;
  readonly address: string;
  readonly port: number;
  readonly dataDir: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly isReady: () => Promise<boolean>;
}

/** Longest time for a server to become ready, ms. A machine that runs other things too takes ten times its best. */
const readyWithin = 120_000;
const stopWithin = 8_000;

/** Folder of a server's data. */
export const dataFolder = (dataDir: string, name: string): string => join(dataDir, name);

/**
 * Runs a server and waits until it is ready.
 *
 * @throws Error with the tail of its log when it does not become ready
 */
export async function runServer(server: ServerProcess): Promise<Server> {
  const { name, product, address, port, dataDir, command, args, env, cwd, isReady } = server;
  const log = openLog(join(dataDir, 'logs', `${name}.log`));
  const child = await startProcess({
    name: product,
    command,
    args,
    cwd,
    env: { ...plainEnvironment(), ...env },
    log,
  });
  await untilReady({ process: child, log, isReady, within: readyWithin });
  return {
    address,
    product,
    port,
    pid: child.pid,
    exited: child.exited,
    async stop(within = stopWithin) {
      await child.stop(within);
    },
    async kill() {
      await child.stop(0);
    },
  };
}
