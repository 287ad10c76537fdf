export { startComptoir, type Addresses, type Comptoir, type StartOptions } from './comptoir.ts';
export { startServers, type ServerKind, type Servers, type ServersOptions } from './servers/servers.ts';
export { cached, cacheFolder } from './cache.ts';
