// The entry of the Kafka broker.
import type { ServerOptions, StartedServer } from '../options.ts';
import { startBroker } from './broker.ts';

/**
 * Starts the Kafka broker on `<dataDir>/kafka`.
 *
 * @throws Error when another broker has the folder, or with Node's code when the port cannot be had (`EADDRINUSE`, with the port)
 */
export async function startKafka(options: ServerOptions): Promise<StartedServer> {
  const { host, port, stop } = await startBroker(options);
  const name = host.includes(':') ? `[${host}]` : host;
  return { address: `${name}:${String(port)}`, port, stop };
}
