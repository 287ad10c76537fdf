// The whole shop: servers that have no address, and the services, each as a process of its own.
import { join } from 'node:path';
import { failureOf } from './failures.ts';
import { openLog } from './processes/bounded-log.ts';
import { freePort, httpAddress, portToUse } from './servers/ports.ts';
import { serverNames, serverVariables, type ServerName } from './servers/server.ts';
import { startServers, type ServerKind, type Servers } from './servers/servers.ts';
import { serviceNames, services as catalogue, stopGroups, type ServiceName } from './services/catalogue.ts';
import { Service } from './services/service.ts';

/** What to start, and where. */
export interface StartOptions {
  /** Data and logs of servers and services. */
  readonly dataDir: string;
  /** Which servers to start for the addresses that are not set; by default embedded ones. */
  readonly kind?: ServerKind;
  /** Variables for the services. Servers whose address is among them (`KAFKA_BROKERS`, …) are used and not started. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0 (the default) picks a free one. */
  readonly ports?: Readonly<Partial<Record<ServerName | ServiceName, number>>>;
  /** By default all. */
  readonly services?: readonly ServiceName[];
  /** Whether a service that crashes is started again; by default yes. */
  readonly restart?: boolean;
  /** Whether a service is started again when its code changes; by default no. */
  readonly watch?: boolean;
  /** Told about what takes long, and about crashes. */
  readonly say?: (line: string) => void;
  /** Gets every line that a service prints. */
  readonly onLine?: (service: ServiceName, line: string) => void;
}

/** Where everything is. A service has an address whether it was started or not. */
export interface Addresses {
  readonly panel: string;
  readonly commandApi: string;
  readonly queryApi: string;
  /** `undefined` when no service needs it. */
  readonly kafka: string | undefined;
  readonly schemaRegistry: string | undefined;
  readonly mongodb: string | undefined;
}

/** A running shop. */
export interface Comptoir {
  readonly addresses: Addresses;
  readonly services: Readonly<Record<ServiceName, Service>>;
  /** Those we have started. */
  readonly servers: Servers['started'];
  /** Stops the services, then the servers; what has not stopped in time is killed. All of it takes less than ten seconds. */
  stop(): Promise<void>;
}

const servicesWithin = 3_000;
const serversWithin = 3_500;

async function choosePorts(options: StartOptions, host: string): Promise<Record<ServiceName, number>> {
  const { ports = {}, services: wanted = serviceNames } = options;
  const chosen = await Promise.all(
    serviceNames.map(async (name) => {
      const port = ports[name] ?? 0;
      const { portVariable: variable } = catalogue[name];
      return [name, wanted.includes(name) ? await portToUse({ host, port, variable }) : port] as const;
    }),
  );
  const result = Object.fromEntries(chosen) as Record<ServiceName, number>;
  const taken = new Set<number>();
  for (const name of serviceNames) {
    // Two free ports asked for at the same time may be the same one.
    while (taken.has(result[name]) && (ports[name] ?? 0) === 0) result[name] = await freePort(host);
    taken.add(result[name]);
  }
  return result;
}

/**
 * Starts the shop and waits until all of it is ready.
 *
 * @throws Error saying what did not start and why, when everything that did has been stopped again
 */
export async function startComptoir(options: StartOptions): Promise<Comptoir> {
  const {
    dataDir,
    kind = 'embedded',
    env = {},
    host = '127.0.0.1',
    ports = {},
    services: wanted = serviceNames,
    restart = true,
    watch = false,
    say,
  } = options;
  const chosen = await choosePorts(options, host);
  const needed = serverNames.filter((name) =>
    wanted.some((service) => catalogue[service].needs.includes(name)),
  );
  const servers = await startServers({
    kind,
    dataDir,
    env,
    ports,
    only: needed,
    restart,
    ...(say === undefined ? {} : { say }),
  });

  const urlOf = (name: ServiceName): string => httpAddress(host, chosen[name]);
  const variables = {
    ...env,
    ...servers.env,
    COMMAND_API_URL: urlOf('command-api'),
    QUERY_API_URL: urlOf('query-api'),
  };
  const running = Object.fromEntries(
    serviceNames.map((name) => [
      name,
      new Service({
        name,
        host,
        port: chosen[name],
        env: variables,
        log: openLog(join(dataDir, 'logs', `${name}.log`)),
        onLine: (line) => options.onLine?.(name, line),
        restart,
        watch,
        say,
      }),
    ]),
  ) as Record<ServiceName, Service>;
  const stop = async (): Promise<void> => {
    for (const group of stopGroups)
      await Promise.all(group.map((name) => running[name].stop(servicesWithin)));
    await servers.stop(serversWithin);
  };

  const outcomes = await Promise.allSettled(wanted.map((name) => running[name].start()));
  const failure = failureOf(outcomes);
  if (failure !== undefined) {
    await stop();
    throw failure;
  }
  return {
    addresses: {
      panel: urlOf('gateway'),
      commandApi: urlOf('command-api'),
      queryApi: urlOf('query-api'),
      kafka: servers.env[serverVariables.kafka],
      schemaRegistry: servers.env[serverVariables.schemaRegistry],
      mongodb: servers.env[serverVariables.mongodb],
    },
    services: running,
    servers: servers.started,
    stop,
  };
}
