// The servers behind the services: those that have no address in the environment are started, side by side; those that have
// one are left alone.
import { setTimeout as delay } from 'node:timers/promises';
import { failureOf } from '../failures.ts';
import { keepRunning } from '../processes/keep-running.ts';
import { startKafka } from './kafka.ts';
import { startMongodb } from './mongodb.ts';
import { startSchemaRegistry } from './schema-registry.ts';
import type { RealServer, ServerOptions } from './server.ts';
import type { Say } from './java.ts';

/** The three servers, and the variable that says where each is. */
export const serverVariables = {
  kafka: 'KAFKA_BROKERS',
  schemaRegistry: 'SCHEMA_REGISTRY_URL',
  mongodb: 'MONGODB_URI',
} as const;

/** `kafka`, `schemaRegistry` or `mongodb`. */
export type ServerName = keyof typeof serverVariables;

/** Where the servers are, as the services' variables. */
export type ServerAddresses = Readonly<Partial<Record<(typeof serverVariables)[ServerName], string>>>;

const starters: Readonly<Record<ServerName, (options: ServerOptions) => Promise<RealServer>>> = {
  kafka: startKafka,
  schemaRegistry: startSchemaRegistry,
  mongodb: startMongodb,
};
export const serverNames: readonly ServerName[] = ['kafka', 'schemaRegistry', 'mongodb'];

/** Which servers to start, and where. */
export interface RealServersOptions {
  /** Their data and logs. */
  readonly dataDir: string;
  /** Addresses of servers that run already (`KAFKA_BROKERS`, …); by default none. An empty one counts as none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** 0 (the default) picks a free one. */
  readonly ports?: Readonly<Partial<Record<ServerName, number>>>;
  /** By default all three. */
  readonly only?: readonly ServerName[];
  /** Whether a server that crashes is started again where it was; by default no. */
  readonly restart?: boolean;
  /** Told about what takes long, and about crashes. */
  readonly say?: Say;
}

/** Running servers. */
export interface RealServers {
  /** Every address, given or started: the variables for the services. */
  readonly env: ServerAddresses;
  /** Those we have started. */
  readonly started: Readonly<Partial<Record<ServerName, RealServer>>>;
  /** Stops those we have started; kills what has not stopped within `within` ms (default 8,000). */
  stop(within?: number): Promise<void>;
}

/**
 * Starts every server that has no address, and waits until all are ready.
 *
 * @throws Error of the first that does not start; the others have been stopped by then
 */
export async function startRealServers(options: RealServersOptions): Promise<RealServers> {
  const {
    dataDir,
    env = {},
    ports = {},
    only = serverNames,
    restart = false,
    say = () => undefined,
  } = options;
  const addresses: Partial<Record<(typeof serverVariables)[ServerName], string>> = {};
  const started: Partial<Record<ServerName, RealServer>> = {};
  const stopping = new AbortController();
  const kept: Promise<void>[] = [];
  const stop = async (within = 8_000): Promise<void> => {
    stopping.abort();
    await Promise.all(Object.values(started).map((server) => server.stop(within)));
    // One that was starting again just now is stopped as soon as it has started. The guardian has the last word.
    const late = delay(within, undefined, { ref: false });
    await Promise.race([Promise.all(kept), late]);
  };
  const outcomes = await Promise.allSettled(
    serverNames.map(async (name) => {
      const variable = serverVariables[name];
      const given = env[variable];
      if (given !== undefined && given !== '') {
        addresses[variable] = given;
      } else if (only.includes(name)) {
        const start = async (port: number): Promise<RealServer> => {
          const server = await starters[name]({ dataDir, port, say });
          started[name] = server;
          return server;
        };
        const server = await start(ports[name] ?? 0);
        addresses[variable] = server.address;
        const { product, port } = server;
        if (restart)
          kept.push(
            keepRunning(server, { name: product, start: () => start(port), signal: stopping.signal, say }),
          );
      }
    }),
  );
  const failure = failureOf(outcomes);
  if (failure !== undefined) {
    await stop();
    throw failure;
  }
  return { env: addresses, started, stop };
}
