// Apache Kafka's own command line tools, from the jars that the launcher fetches for the real broker. Where they or Java are
// missing, the suites of them are left out and say so. A start of the JVM takes a second or two: they are few.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '@comptoir/launcher';
import { run } from '../../support/commands.ts';

/** The command, as the launcher finds it. */
const java = ((): string => {
  const { JAVA_HOME: home } = process.env;
  return home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
})();

/** The newest Kafka in the launcher's cache. */
const jars = ((): string | undefined => {
  if (!existsSync(cacheFolder())) return undefined;
  const found = readdirSync(cacheFolder())
    .filter((name) => /^kafka-[\d.]+$/u.test(name))
    .toSorted();
  const newest = found.at(-1);
  return newest === undefined ? undefined : join(cacheFolder(), newest);
})();

/** Why there are no tools here; `undefined` when there are. */
export const missingTools = ((): string | undefined => {
  if (spawnSync(java, ['-version'], { stdio: 'ignore' }).status !== 0) return 'there is no Java';
  if (jars === undefined) return `there is no Kafka in ${cacheFolder()} (the real broker brings it)`;
  return undefined;
})();

const javaArguments = (tool: string, args: readonly string[]): string[] => [
  '-Xmx256m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  '-cp',
  join(jars ?? '', '*'),
  tool,
  ...args,
];

/** The tools by the names of their scripts. */
export const tools = {
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
} as const;

/** How a tool ended. */
export interface ToolResult {
  readonly code: number | null;
  /** What it printed on both of its outputs. */
  readonly printed: string;
}

/** Runs a tool to its end. */
export async function tool(
  name: keyof typeof tools,
  args: readonly string[],
  input = '',
): Promise<ToolResult> {
  const finished = await run(java, javaArguments(tools[name], args), { input, within: 120_000 });
  if (finished === undefined) throw new Error(`${name} was not started: there is no java`);
  return { code: finished.code, printed: finished.stdout + finished.stderr };
}

/** Starts a tool that runs until it is stopped. */
export function toolRunning(
  name: keyof typeof tools,
  args: readonly string[],
): { readonly printed: () => string; stop(): Promise<void> } {
  const child = spawn(java, javaArguments(tools[name], args), { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const output of [child.stdout, child.stderr])
    output.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    printed: () => printed,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
