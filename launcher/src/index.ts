export { startComptoir, type Addresses, type Comptoir, type StartOptions } from './comptoir.ts';
export { startServers, type ServerKind, type Servers, type ServersOptions } from './servers/servers.ts';
import { startServers as start, type Servers as S, type ServersOptions as O } from './servers/servers.ts';
/** Goes away. */
export const startRealServers = (options: Omit<O, 'kind'>): Promise<S> => start({ ...options, kind: 'real' });
