// MongoDB: `mongod` from MONGOD or PATH; where there is none, mongo-java-server, which speaks the protocol and says that it
// stands in. The views use only what both have.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../cache.ts';
import { fetchJars, requireJava, runToEnd, type Say } from './java.ts';
import { otherwiseOf, portToUse } from './ports.ts';
import { ask } from './readiness.ts';
import { dataFolder, runServer, type Server, type ServerOptions, type ServerProcess } from './server.ts';

const standInVersion = '1.47.0';
const standIn = `mongo-java-server ${standInVersion} (stands in for mongod, which is not on this machine)`;
const database = 'comptoir';
const source = fileURLToPath(new URL('MongoStandIn.java', import.meta.url));

interface Place {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
}
type Program = Pick<ServerProcess, 'product' | 'command' | 'args'>;

/** `mongod` from MONGOD or PATH, when it runs. */
async function mongod({ host, port, folder }: Place): Promise<Program | undefined> {
  const wanted = process.env.MONGOD;
  const command = wanted === undefined || wanted === '' ? 'mongod' : wanted;
  const version = await runToEnd(command, ['--version']);
  if (version?.code !== 0) {
    if (command === 'mongod') return undefined;
    throw new Error(`MONGOD=${command} cannot be run: set it to a mongod, or unset it to use a stand-in.`);
  }
  const number = /v(\d+\.\d+\.\d+)/u.exec(version.output)?.[1] ?? '';
  return {
    product: `MongoDB ${number}`.trim(),
    command,
    args: ['--dbpath', folder, '--bind_ip', host, '--port', String(port), '--quiet'],
  };
}

/** The stand-in's jars and our one class, compiled with Eclipse's compiler: the machine may have a JRE only. */
async function fetchStandIn(java: string, say?: Say): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 8);
  return cached(`mongo-java-server-${standInVersion}-${digest}`, async (folder) => {
    say?.(`fetching mongo-java-server ${standInVersion} with Maven (6 MB, once)`);
    const compiler = `${folder}-compiler`;
    await fetchJars(
      standIn,
      [
        { group: 'de.bwaldvogel', name: 'mongo-java-server-h2-backend', version: standInVersion },
        { group: 'org.slf4j', name: 'slf4j-simple', version: '2.0.17' },
      ],
      folder,
    );
    try {
      await fetchJars(standIn, [{ group: 'org.eclipse.jdt', name: 'ecj', version: '3.33.0' }], compiler);
      await copyFile(source, join(compiler, 'MongoStandIn.java'));
      // Java expands `*` in its own class path, not in the compiler's.
      const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar'));
      const classPath = jars.map((name) => join(folder, name)).join(delimiter);
      const args = ['-17', '-nowarn', '-cp', classPath, '-d', folder, 'MongoStandIn.java'];
      const compiled = await runToEnd(
        java,
        ['-cp', '*', 'org.eclipse.jdt.internal.compiler.batch.Main', ...args],
        {
          cwd: compiler,
        },
      );
      if (compiled?.code !== 0)
        throw new Error(`${source} could not be compiled:\n${compiled?.output ?? ''}`);
    } finally {
      await rm(compiler, { recursive: true, force: true });
    }
  });
}

async function standInProgram({ host, port, folder }: Place, say?: Say): Promise<Program> {
  const java = await requireJava(
    'mongo-java-server',
    'set MONGODB_URI to a server that runs already, or MONGOD to a mongod',
  );
  const jars = await fetchStandIn(java, say);
  return {
    product: standIn,
    command: java,
    args: [
      '-Xmx512m',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      [jars, join(jars, '*')].join(delimiter),
      'MongoStandIn',
      host,
      String(port),
      folder,
    ],
  };
}

/**
 * Starts MongoDB or what stands in for it. The two keep their data apart.
 *
 * @throws Error saying what to install, which variable to set, or what the server printed last
 */
export async function startMongodb(options: ServerOptions): Promise<Server> {
  const { dataDir, host = '127.0.0.1', say } = options;
  const port = await portToUse({
    host,
    port: options.port,
    variable: 'MONGODB_PORT',
    otherwise: otherwiseOf.mongodb,
  });
  const folder = dataFolder(dataDir, 'mongodb');
  const real = await mongod({ host, port, folder });
  const place = { host, port, folder: real === undefined ? dataFolder(dataDir, 'mongodb-stand-in') : folder };
  await mkdir(place.folder, { recursive: true });
  const program = real ?? (await standInProgram(place, say));
  return runServer({
    name: 'mongodb',
    ...program,
    address: `mongodb://${host}:${String(port)}/${database}`,
    port,
    dataDir,
    cwd: place.folder,
    isReady: async () => {
      await ask(host, port);
      return true;
    },
  });
}
