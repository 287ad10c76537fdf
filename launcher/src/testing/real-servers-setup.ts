// Used by vitest's project `real`.
import { setUpServers } from './servers-setup.ts';

/** Starts the servers; what it returns stops them. */
export default (): Promise<() => Promise<void>> => setUpServers('real');
