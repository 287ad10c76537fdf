// An embedded Schema Registry: Confluent's HTTP API for Avro, with its schemas in the topic `_schemas` of a Kafka cluster.
import type { ServerOptions, StartedServer } from '../options.ts';
import { createContents } from './content.ts';
import { buildServer } from './http/server.ts';
import { openLog, UnfitTopicError, type SchemasLog } from './log.ts';
import { createRegistry } from './registry.ts';
import { openStore, type Store } from './store.ts';

/** How the registry is started. */
export interface SchemaRegistryOptions extends ServerOptions {
  /** The broker that holds its topic `_schemas`: `127.0.0.1:9092`. */
  readonly kafka: string;
}

/** Longest that Kafka is waited for at the start, ms, and the pause between attempts. */
const startWithin = 30_000;
const pause = 100;

/** Reads the topic, waiting for a broker that is starting itself. */
async function readTopic(log: SchemasLog): Promise<{ readonly store: Store; readonly clusterId: string }> {
  const deadline = performance.now() + startWithin;
  for (;;) {
    try {
      const clusterId = await log.prepare();
      return { store: await openStore(log), clusterId };
    } catch (error) {
      if (error instanceof UnfitTopicError || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/**
 * Starts a Schema Registry. Its data is in Kafka alone: `dataDir` is not used. One registry at a time may write to a topic.
 * @returns its address, `http://127.0.0.1:8081`
 * @throws Error when Kafka does not answer within 30 s, its topic cannot keep schemas, or the port is taken
 */
export async function startSchemaRegistry(options: SchemaRegistryOptions): Promise<StartedServer> {
  const { host = '127.0.0.1', port, kafka } = options;
  const log = openLog(kafka);
  let store: Store | undefined;
  try {
    const read = await readTopic(log);
    store = read.store;
    const { clusterId } = read;
    const contents = createContents(store.state);
    const app = buildServer({ registry: createRegistry(store, contents), contents, clusterId });
    await app.listen({ host, port });
    const bound = app.addresses().find((at) => typeof at !== 'string')?.port ?? port;
    const close = store.close;
    return {
      address: `http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}`,
      port: bound,
      async stop() {
        await app.close();
        close();
        await log.close();
      },
    };
  } catch (error) {
    store?.close();
    await log.close();
    throw new Error(
      `the schema registry could not start with Kafka at ${kafka}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
