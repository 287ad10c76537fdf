// The services: what runs as a process of its own, where it listens, and which servers it talks to.
import { fileURLToPath } from 'node:url';
import type { ServerName } from '../servers/server.ts';

/** A service of the shop. */
export type ServiceName = 'command-api' | 'projectors' | 'reactors' | 'query-api' | 'gateway';

/** How a service is run. */
export interface ServiceDefinition {
  /** The file that Node runs. */
  readonly entry: string;
  /** The variable that sets its port. */
  readonly portVariable: string;
  readonly standardPort: number;
  /** The servers whose addresses it needs. */
  readonly needs: readonly ServerName[];
}

const entryOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** In the order in which their lines are introduced; they start side by side and wait for each other. */
export const services: Readonly<Record<ServiceName, ServiceDefinition>> = {
  'command-api': {
    entry: entryOf('command-api/src/server.ts'),
    portVariable: 'COMMAND_API_PORT',
    standardPort: 3001,
    needs: ['kafka', 'schemaRegistry'],
  },
  'query-api': {
    entry: entryOf('query-api/src/server.ts'),
    portVariable: 'QUERY_API_PORT',
    standardPort: 3002,
    needs: ['mongodb'],
  },
  projectors: {
    entry: entryOf('projectors/src/server.ts'),
    portVariable: 'PROJECTORS_PORT',
    standardPort: 3003,
    needs: ['kafka', 'schemaRegistry', 'mongodb'],
  },
  reactors: {
    entry: entryOf('reactors/src/server.ts'),
    portVariable: 'REACTORS_PORT',
    standardPort: 3004,
    needs: ['kafka', 'schemaRegistry', 'mongodb'],
  },
  gateway: {
    entry: entryOf('launcher/src/gateway/server.ts'),
    portVariable: 'PORT',
    standardPort: 8080,
    needs: [],
  },
};

/** Every service. */
export const serviceNames = Object.keys(services) as ServiceName[];

/**
 * How services stop: first what asks, then what answers, so that nothing is refused on the way down. Those of a group stop
 * side by side.
 */
export const stopGroups: readonly (readonly ServiceName[])[] = [
  ['gateway', 'reactors', 'projectors'],
  ['query-api', 'command-api'],
];
