// What the launcher itself takes from the environment: where data goes, where everything listens, how much is printed.
import { resolve } from 'node:path';
import { configuration, port, serviceVariables } from '@comptoir/service/configuration';
import { Type } from 'typebox';
import type { ServerName } from '../servers/server.ts';
import { serviceNames, services, type ServiceName } from '../services/catalogue.ts';

/** The launcher's settings. */
export interface Settings {
  readonly dataDir: string;
  readonly host: string;
  readonly logLevel: string;
  readonly ports: Readonly<Record<ServerName | ServiceName, number>>;
}

const serverPorts = {
  KAFKA_PORT: port(9092, 'port of Kafka'),
  SCHEMA_REGISTRY_PORT: port(8081, 'port of the Schema Registry'),
  MONGODB_PORT: port(27_017, 'port of MongoDB'),
};
const servicePorts = Object.fromEntries(
  serviceNames.map((name) => [
    services[name].portVariable,
    port(services[name].standardPort, `port of ${name}`),
  ]),
);

/**
 * Reads the settings.
 *
 * @param env - the environment, by default this process's
 * @throws ConfigurationError naming the variable that is wrong
 */
export function readSettings(env: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const { HOST, LOG_LEVEL } = serviceVariables;
  const config = configuration(
    Type.Object({
      HOST,
      LOG_LEVEL,
      DATA_DIR: Type.String({ default: '.data', description: 'data and logs of everything that is started' }),
      ...serverPorts,
    }),
    env,
  );
  const chosen: Record<string, number> = configuration(Type.Object(servicePorts), env);
  const portOf = (name: ServiceName): number => chosen[services[name].portVariable] ?? 0;
  return {
    dataDir: resolve(config.DATA_DIR),
    host: config.HOST,
    logLevel: config.LOG_LEVEL,
    ports: {
      kafka: config.KAFKA_PORT,
      schemaRegistry: config.SCHEMA_REGISTRY_PORT,
      mongodb: config.MONGODB_PORT,
      'command-api': portOf('command-api'),
      'query-api': portOf('query-api'),
      projectors: portOf('projectors'),
      reactors: portOf('reactors'),
      gateway: portOf('gateway'),
    },
  };
}
