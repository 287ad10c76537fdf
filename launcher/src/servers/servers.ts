// The servers behind the services: those that have no address in the environment are started, embedded or real; those that have
// one are left alone.
import { setTimeout as delay } from 'node:timers/promises';
import { failureOf } from '../failures.ts';
import { keepRunning } from '../processes/keep-running.ts';
import { startEmbeddedServers } from './embedded.ts';
import { startKafka } from './kafka.ts';
import { startMongodb } from './mongodb.ts';
import { startSchemaRegistry } from './schema-registry.ts';
import {
  serverNames,
  serverVariables,
  type Server,
  type ServerAddresses,
  type ServerName,
  type ServerOptions,
} from './server.ts';
import type { Say } from './java.ts';

/** `embedded`: ours, in one Node process. `real`: Apache Kafka, Apicurio Registry and MongoDB or what stands in for it. */
export type ServerKind = 'embedded' | 'real';

/** Which servers to start, and where. */
export interface ServersOptions {
  readonly kind: ServerKind;
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

type Started = Readonly<Partial<Record<ServerName, Server>>>;

/** Running servers. */
export interface Servers {
  /** Every address, given or started: the variables for the services. */
  readonly env: ServerAddresses;
  /** Those we have started. */
  readonly started: Started;
  /** Stops those we have started; kills what has not stopped within `within` ms (default 8,000). */
  stop(within?: number): Promise<void>;
}

/** What is started, and ends, as one process. */
interface Unit {
  readonly names: readonly ServerName[];
  /** @param ports - 0 picks a free one */
  readonly start: (ports: Readonly<Record<ServerName, number>>) => Promise<Started>;
}

const realStarters: Readonly<Record<ServerName, (options: ServerOptions) => Promise<Server>>> = {
  kafka: startKafka,
  schemaRegistry: startSchemaRegistry,
  mongodb: startMongodb,
};

function unitsOf(
  kind: ServerKind,
  names: readonly ServerName[],
  options: Omit<ServerOptions, 'port'>,
  given: ServerAddresses,
): readonly Unit[] {
  if (names.length === 0) return [];
  if (kind === 'embedded')
    return [{ names, start: (ports) => startEmbeddedServers({ ...options, names, ports, given }) }];
  return names.map((name) => ({
    names: [name],
    start: async (ports) => ({ [name]: await realStarters[name]({ ...options, port: ports[name] }) }),
  }));
}

/**
 * Starts every server that has no address, and waits until all are ready.
 *
 * @throws Error of the first that does not start; the others have been stopped by then
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { kind, dataDir, env = {}, ports = {}, only = serverNames, restart = false } = options;
  const say = options.say ?? (() => undefined);
  const addresses: Partial<Record<(typeof serverVariables)[ServerName], string>> = {};
  for (const name of serverNames) {
    const given = env[serverVariables[name]];
    if (given !== undefined && given !== '') addresses[serverVariables[name]] = given;
  }
  const missing = only.filter((name) => addresses[serverVariables[name]] === undefined);
  const started: Partial<Record<ServerName, Server>> = {};
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
    unitsOf(kind, missing, { dataDir, say }, { ...addresses }).map(async (unit) => {
      const start = async (at: Readonly<Record<ServerName, number>>): Promise<Server> => {
        const servers = Object.entries(await unit.start(at)) as [ServerName, Server][];
        for (const [name, server] of servers) started[name] = server;
        const [first] = servers;
        if (first === undefined) throw new Error(`none of ${unit.names.join(', ')} was started`);
        return first[1];
      };
      const first = await start({ kafka: 0, schemaRegistry: 0, mongodb: 0, ...ports });
      const fixed = { kafka: 0, schemaRegistry: 0, mongodb: 0 };
      for (const name of unit.names) {
        const server = started[name];
        if (server === undefined) continue;
        addresses[serverVariables[name]] = server.address;
        fixed[name] = server.port;
      }
      const name = unit.names.length === 1 ? first.product : 'the embedded servers';
      if (restart)
        kept.push(keepRunning(first, { name, start: () => start(fixed), signal: stopping.signal, say }));
    }),
  );
  const failure = failureOf(outcomes);
  if (failure !== undefined) {
    await stop();
    throw failure;
  }
  return { env: addresses, started, stop };
}
