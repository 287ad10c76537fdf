// The embedded servers as a process: started with EMBEDDED_SERVERS (JSON), stopped by SIGTERM. Kafka comes first, since the registry
// keeps its schemas there, and goes last.
import { startKafka, startMongoDB, startSchemaRegistry, type StartedServer } from '@comptoir/embedded';

/** What the launcher tells; see embedded.ts. */
interface Wanted {
  readonly dataDir: string;
  readonly host: string;
  readonly ports: { readonly kafka?: number; readonly schemaRegistry?: number; readonly mongodb?: number };
  /** Address of the broker for the registry. */
  readonly kafka?: string;
}

const { dataDir, host, ports, kafka } = JSON.parse(process.env.EMBEDDED_SERVERS ?? '{}') as Wanted;
const running: StartedServer[] = [];

async function stop(): Promise<void> {
  for (const server of running.reverse()) await server.stop();
  process.exit(0);
}

// Ctrl-C in a terminal is for the launcher, which stops things in order.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());

if (ports.kafka !== undefined) running.push(await startKafka({ dataDir, host, port: ports.kafka }));
if (ports.schemaRegistry !== undefined && kafka !== undefined)
  running.push(await startSchemaRegistry({ dataDir, host, port: ports.schemaRegistry, kafka }));
if (ports.mongodb !== undefined) running.push(await startMongoDB({ dataDir, host, port: ports.mongodb }));
console.log(`ready: ${running.map(({ address }) => address).join(', ')}`);
