// Apache Kafka as one process that is broker and controller, for one machine: its data survives, nothing is replicated.
// A log once written is found again after a kill: Kafka checks and repairs it at the next start.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import { fetchJars, requireJava, runToEnd, type Say } from './java.ts';
import { freePort, otherwiseOf, portToUse } from './ports.ts';
import { ask } from './readiness.ts';
import { dataFolder, runServer, type Server, type ServerOptions } from './server.ts';

const version = '4.1.1';
const product = `Apache Kafka ${version}`;
/** Starting the tool takes the JVM a second or two; the bound is for a busy machine. */
const formatWithin = 120_000;

const fetchKafka = (say?: Say): Promise<string> =>
  cached(`kafka-${version}`, async (folder) => {
    say?.(`fetching ${product} with Maven (54 MB, once)`);
    await fetchJars(
      product,
      [
        { group: 'org.apache.kafka', name: 'kafka_2.13', version },
        { group: 'org.apache.kafka', name: 'kafka-tools', version },
        { group: 'org.slf4j', name: 'slf4j-simple', version: '1.7.36' },
      ],
      folder,
    );
  });

interface Settings {
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly folder: string;
}

/** The broker's settings. Internal topics are small: one machine, few groups, one writer. */
export const serverProperties = ({ host, port, controllerPort, folder }: Settings): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${String(controllerPort)}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${host}:${String(port)},CONTROLLER://${host}:${String(controllerPort)}`,
    'advertised.listeners': `PLAINTEXT://${host}:${String(port)}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': folder.replaceAll('\\', '/'),
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 6,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 6,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
  })
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('');

const logging = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];

async function format(java: string, jars: string, properties: string): Promise<void> {
  const clusterId = randomBytes(16).toString('base64url');
  const finished = await runToEnd(
    java,
    [
      '-Xmx128m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      ...logging,
      '-cp',
      join(jars, '*'),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      properties,
    ],
    { within: formatWithin },
  );
  if (finished?.code !== 0)
    throw new Error(`${product} could not format its folder:\n${finished?.output ?? '(no output)'}`);
}

/** ApiVersions, version 0, from a client without a name: the one request that every broker answers. */
export const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);

/**
 * Starts Apache Kafka, fetching it the first time.
 *
 * @throws Error saying what to install, which variable to set, or what Kafka printed last
 */
export async function startKafka(options: ServerOptions): Promise<Server> {
  const { dataDir, host = '127.0.0.1', say } = options;
  const java = await requireJava(product, 'set KAFKA_BROKERS to a broker that runs already');
  const jars = await fetchKafka(say);
  const port = await portToUse({
    host,
    port: options.port,
    variable: 'KAFKA_PORT',
    otherwise: otherwiseOf.kafka,
  });
  const folder = dataFolder(dataDir, 'kafka');
  await mkdir(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  const log = join(folder, 'log');
  await writeFile(
    properties,
    serverProperties({ host, port, controllerPort: await freePort(host), folder: log }),
  );
  const formatted = await stat(join(log, 'meta.properties')).catch(() => undefined);
  if (formatted === undefined) await format(java, jars, properties);
  return runServer({
    name: 'kafka',
    product,
    address: `${host}:${String(port)}`,
    port,
    dataDir,
    command: java,
    args: ['-Xmx512m', '-XX:+UseG1GC', ...logging, '-cp', join(jars, '*'), 'kafka.Kafka', properties],
    cwd: folder,
    // It listens long before it serves; it answers when it serves.
    isReady: async () => (await ask(host, port, apiVersionsRequest)).length > 0,
  });
}
