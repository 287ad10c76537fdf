// Apicurio Registry, for its Confluent-compatible API. Schemas and their ids are in an H2 file: they must outlive a restart,
// since every event on the log names its schema by id.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import { fetchArchive, requireJava, type Say } from './java.ts';
import { otherwiseOf, portToUse } from './ports.ts';
import { answersHttp } from './readiness.ts';
import { dataFolder, runServer, type Server, type ServerOptions } from './server.ts';

const version = '2.6.13.Final';
const product = `Apicurio Registry ${version}`;

const fetchRegistry = (say?: Say): Promise<string> =>
  cached(`apicurio-registry-${version}`, async (folder) => {
    say?.(`fetching ${product} with Maven (142 MB, once)`);
    await fetchArchive(product, `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`, folder);
  });

/**
 * Starts the registry, fetching it the first time.
 *
 * @throws Error saying what to install, which variable to set, or what the registry printed last
 */
export async function startSchemaRegistry(options: ServerOptions): Promise<Server> {
  const { dataDir, host = '127.0.0.1', say } = options;
  const java = await requireJava(product, 'set SCHEMA_REGISTRY_URL to a registry that runs already');
  const app = await fetchRegistry(say);
  const jar = (await readdir(app)).find((file) => file.endsWith('-runner.jar'));
  if (jar === undefined)
    throw new Error(`${product} is not whole in ${app}: delete that folder, and start again`);
  const port = await portToUse({
    host,
    port: options.port,
    variable: 'SCHEMA_REGISTRY_PORT',
    otherwise: otherwiseOf.schemaRegistry,
  });
  const folder = dataFolder(dataDir, 'schema-registry');
  await mkdir(folder, { recursive: true });
  const address = `http://${host}:${String(port)}/apis/ccompat/v7`;
  return runServer({
    name: 'schema-registry',
    product,
    address,
    port,
    dataDir,
    command: java,
    args: [
      '-Xmx256m',
      // It starts in half the time with the quick compiler, and has little to do afterwards.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      `-Dquarkus.http.host=${host}`,
      `-Dquarkus.http.port=${String(port)}`,
      '-jar',
      join(app, jar),
    ],
    env: { REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${join(folder, 'registry')}`, LOG_LEVEL: 'WARN' },
    cwd: folder,
    isReady: () => answersHttp(`${address}/subjects`),
  });
}
