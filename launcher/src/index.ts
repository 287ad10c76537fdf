export { startComptoir, type Addresses, type Comptoir, type StartOptions } from './comptoir.ts';
export { startRealServers, type RealServers, type RealServersOptions } from './servers/real-servers.ts';
