// The embedded servers: all of them in one Node process, so that a small machine carries them, and a kill takes them together.
import { fileURLToPath } from 'node:url';
import { nodeVariables } from '../processes/node-program.ts';
import { otherwiseOf, portToUse } from './ports.ts';
import { answersHttp, ask } from './readiness.ts';
import {
  dataFolder,
  runServer,
  serverNames,
  type Server,
  type ServerAddresses,
  type ServerName,
  type ServerOptions,
} from './server.ts';

const program = fileURLToPath(new URL('embedded-process.ts', import.meta.url));
const database = 'comptoir';

/** Which servers, and where. */
export interface EmbeddedOptions extends Omit<ServerOptions, 'port'> {
  readonly names: readonly ServerName[];
  /** 0 picks a free one. */
  readonly ports: Readonly<Record<ServerName, number>>;
  /** Where those are that are not started: the registry keeps its schemas in whatever Kafka there is. */
  readonly given: ServerAddresses;
}

const products: Readonly<Record<ServerName, string>> = {
  kafka: 'embedded Kafka',
  schemaRegistry: 'embedded Schema Registry',
  mongodb: 'embedded MongoDB',
};
const portVariables: Readonly<Record<ServerName, string>> = {
  kafka: 'KAFKA_PORT',
  schemaRegistry: 'SCHEMA_REGISTRY_PORT',
  mongodb: 'MONGODB_PORT',
};

/**
 * Starts embedded servers and waits until all of them answer.
 *
 * @throws Error saying which variable to set, or what the process printed last
 */
export async function startEmbeddedServers(
  options: EmbeddedOptions,
): Promise<Partial<Record<ServerName, Server>>> {
  const { dataDir, host = '127.0.0.1', names, given } = options;
  const ports: Partial<Record<ServerName, number>> = {};
  for (const name of serverNames.filter((each) => names.includes(each))) {
    const taken = Object.values(ports);
    do
      ports[name] = await portToUse({
        host,
        port: options.ports[name],
        variable: portVariables[name],
        otherwise: otherwiseOf[name],
      });
    while (options.ports[name] === 0 && taken.includes(ports[name]));
  }
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host;
  const placeOf = (name: ServerName): string => `${reachable}:${String(ports[name])}`;
  const addresses: Readonly<Record<ServerName, string>> = {
    kafka: placeOf('kafka'),
    schemaRegistry: `http://${placeOf('schemaRegistry')}`,
    mongodb: `mongodb://${placeOf('mongodb')}/${database}`,
  };
  const [name] = names;
  if (name === undefined) return {};
  const process_ = await runServer({
    name: 'embedded-servers',
    product: names.map((each) => products[each]).join(', '),
    address: addresses[name],
    port: ports[name] ?? 0,
    dataDir,
    command: process.execPath,
    args: [program],
    env: {
      ...nodeVariables,
      EMBEDDED_SERVERS: JSON.stringify({
        // Beside the data of real servers, not in it: a start may take either.
        dataDir: dataFolder(dataDir, 'embedded'),
        host,
        ports,
        kafka: names.includes('kafka') ? addresses.kafka : given.KAFKA_BROKERS,
      }),
    },
    cwd: dataDir,
    isReady: async () => {
      for (const port of Object.values(ports)) await ask(reachable, port);
      return names.includes('schemaRegistry') ? answersHttp(`${addresses.schemaRegistry}/subjects`) : true;
    },
  });
  return Object.fromEntries(
    names.map((each) => [
      each,
      {
        address: addresses[each],
        product: products[each],
        port: ports[each] ?? 0,
        pid: process_.pid,
        exited: process_.exited,
        stop: (within?: number) => process_.stop(within),
        kill: () => process_.kill(),
      },
    ]),
  );
}
