// Apache Avro 1.12 for Java, fetched with Maven once and kept running: what schemas it takes, and which read which.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cached } from '@comptoir/launcher';
import { mustRun } from '../support/commands.ts';

const version = '1.12.0';
const java = 'java';
const source = fileURLToPath(new URL('AvroReference.java', import.meta.url));
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

export interface AvroReference {
  /** The canonical text of a schema, or why it is none. */
  parse(schema: string): Promise<{ readonly text: string } | { readonly error: string }>;
  /** What keeps `reader` from reading what `writer` wrote, a line each: type, place and message. */
  compare(reader: string, writer: string): Promise<{ readonly found: string[] } | { readonly error: string }>;
  stop(): Promise<void>;
}

const pom = (
  dependencies: readonly (readonly [string, string, string])[],
): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>comptoir</groupId><artifactId>reference</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies
    .map(
      ([group, name, number]) =>
        `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${number}</version></dependency>`,
    )
    .join('')}</dependencies>
</project>
`;

async function fetchJars(folder: string, dependencies: Parameters<typeof pom>[0]): Promise<string> {
  const file = join(folder, `pom-${String(dependencies.length)}.xml`);
  await writeFile(file, pom(dependencies));
  const to = `-DoutputDirectory=${folder}`;
  await mustRun('mvn', ['-q', '-B', '-ntp', '-f', file, `${dependencyPlugin}:copy-dependencies`, to], {
    within: 280_000,
  });
  const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar'));
  return jars.map((name) => join(folder, name)).join(delimiter);
}

/** The jars and our class, compiled with Eclipse's compiler: the machine may have a JRE only. */
async function build(folder: string): Promise<void> {
  const classPath = await fetchJars(folder, [
    ['org.apache.avro', 'avro', version],
    ['org.slf4j', 'slf4j-nop', '2.0.17'],
  ]);
  const compiler = join(folder, 'compiler');
  try {
    await mustRun('mkdir', ['-p', compiler]);
    const ecj = await fetchJars(compiler, [['org.eclipse.jdt', 'ecj', '3.33.0']]);
    await copyFile(source, join(compiler, 'AvroReference.java'));
    const args = ['-17', '-nowarn', '-cp', classPath, '-d', folder, join(compiler, 'AvroReference.java')];
    await mustRun(java, ['-cp', ecj, 'org.eclipse.jdt.internal.compiler.batch.Main', ...args]);
  } finally {
    await rm(compiler, { recursive: true, force: true });
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Starts it. */
export async function startAvroReference(): Promise<AvroReference> {
  const digest = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 8);
  const folder = await cached(`avro-${version}-${digest}`, build);
  const child = spawn(
    java,
    [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      `${folder}${delimiter}${join(folder, '*')}`,
      'AvroReference',
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const waiting: ((answer: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.(Buffer.from(line, 'base64').toString());
  });
  child.once('exit', () => {
    for (const answer of waiting.splice(0)) answer('!the reference has ended');
  });
  const ask = (...words: string[]): Promise<string> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      child.stdin.write(`${words.join(' ')}\n`);
    });
  return {
    async parse(schema) {
      const answer = await ask('P', base64(schema));
      return answer.startsWith('!') ? { error: answer.slice(1) } : { text: answer };
    },
    async compare(reader, writer) {
      const answer = await ask('C', base64(reader), base64(writer));
      return answer.startsWith('!')
        ? { error: answer.slice(1) }
        : { found: answer === '' ? [] : answer.split('\n') };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
