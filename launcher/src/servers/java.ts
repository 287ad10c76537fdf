// The two tools that the real servers need: Java and Maven, which fetches each server once.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { guard, release } from '../processes/guard.ts';

const oldestJava = 17;
/** Longest time for Maven to fetch a server, ms. */
const fetchWithin = 15 * 60_000;
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** An artifact in Maven's repositories. */
export interface Artifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
}

/** Tells the person in front of the terminal what takes so long. */
export type Say = (line: string) => void;

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a command to its end.
 *
 * @param options.within - after this it is ended, ms
 * @returns `undefined` when there is no such command; a code of `null` when it took too long
 */
export async function runToEnd(
  command: string,
  args: readonly string[],
  { cwd, within = 60_000 }: { readonly cwd?: string; readonly within?: number } = {},
): Promise<Finished | undefined> {
  // Not spawn's own `timeout`: its timer outlives a command that is not there, and holds the process for that long.
  const signal = AbortSignal.timeout(within);
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], signal });
  if (child.pid !== undefined) guard(child.pid);
  const ended = new Promise<number | null | undefined>((resolve) => {
    child.once('error', () => {
      resolve(signal.aborted ? null : undefined);
    });
    child.once('close', resolve);
  });
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (child.pid !== undefined) release(child.pid);
  return code === undefined ? undefined : { code, output: `${out}${errors}` };
}

/** What a child process of ours gets from our environment: nothing that a server could take for its own setting. */
export const plainEnvironment = (): Record<string, string | undefined> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'JAVA_HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'USER'].map((name) => [
      name,
      process.env[name],
    ]),
  );

const javaCommand = (): string => {
  const home = process.env.JAVA_HOME;
  return home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
};

/**
 * The Java command.
 *
 * @param forWhat - for the message: `Apache Kafka`
 * @param otherwise - what to do without Java, as the end of a sentence
 * @throws Error saying what to install
 */
export async function requireJava(forWhat: string, otherwise: string): Promise<string> {
  const command = javaCommand();
  const version = await runToEnd(command, ['-version']);
  const found = /version "(\d+)/u.exec(version?.output ?? '')?.[1];
  if (found !== undefined && Number(found) >= oldestJava) return command;
  const problem =
    found === undefined ? `needs Java, and there is no \`${command}\`` : `needs a newer Java than ${found}`;
  throw new Error(
    `${forWhat} ${problem}. Install Java ${String(oldestJava)} or later (Debian and Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17), or ${otherwise}.`,
  );
}

async function maven(forWhat: string, args: readonly string[], cwd: string): Promise<void> {
  const finished = await runToEnd('mvn', ['-q', '-B', '-ntp', ...args], { cwd, within: fetchWithin });
  if (finished?.code === 0) return;
  if (finished === undefined) {
    throw new Error(
      `${forWhat} is fetched with Maven, and there is no \`mvn\`. Install it (Debian and Ubuntu: apt install maven; macOS: brew install maven).`,
    );
  }
  const lines = finished.output.trim().split('\n').slice(-15).join('\n  ');
  throw new Error(`Maven could not fetch ${forWhat} (exit code ${String(finished.code)}):\n  ${lines}`);
}

const pom = (artifacts: readonly Artifact[]): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>comptoir</groupId><artifactId>server</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${artifacts
  .map(
    ({ group, name, version }) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  )
  .join('\n')}
  </dependencies>
</project>
`;

/** Fetches the jars of artifacts and of all they depend on into `folder`. */
export async function fetchJars(
  forWhat: string,
  artifacts: readonly Artifact[],
  folder: string,
): Promise<void> {
  const work = await mkdtemp(`${folder}-pom-`);
  try {
    await writeFile(join(work, 'pom.xml'), pom(artifacts));
    await maven(forWhat, [`${dependencyPlugin}:copy-dependencies`, `-DoutputDirectory=${folder}`], work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Fetches an archive and unpacks it into `folder`. */
export async function fetchArchive(forWhat: string, coordinates: string, folder: string): Promise<void> {
  await maven(
    forWhat,
    [`${dependencyPlugin}:unpack`, `-Dartifact=${coordinates}`, `-DoutputDirectory=${folder}`],
    folder,
  );
}
