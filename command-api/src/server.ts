// The command API as a process: reads the environment, opens the log, joins the writers' group, listens.
import { openEventLog } from '@comptoir/event-log';
import {
  configuration,
  count,
  createMetrics,
  eventLogVariables,
  failpoint,
  Gauge,
  Histogram,
  port,
  run,
  serve,
  serviceVariables,
} from '@comptoir/service';
import { Type } from 'typebox';
import { createCommandApi } from './app.ts';
import { Writer } from './writer/writer.ts';

await run('command-api', async (logger) => {
  const config = configuration(
    Type.Object({
      ...serviceVariables,
      ...eventLogVariables,
      COMMAND_API_PORT: port(3001, 'port of the command API'),
      PARTITIONS: count(12, 'partitions of a topic when it is first created', { maximum: 10_000 }),
    }),
  );
  const metrics = createMetrics('command-api');
  const registers = [metrics];
  const log = await openEventLog({
    brokers: config.KAFKA_BROKERS,
    registryUrl: config.SCHEMA_REGISTRY_URL,
    partitions: config.PARTITIONS,
    clientId: 'command-api',
    logger,
  });
  const appended = new Histogram({
    name: 'comptoir_writer_batch_commands',
    help: 'Commands per transaction.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  });
  const durations = new Histogram({
    name: 'comptoir_writer_append_seconds',
    help: 'Time from the first send of a transaction to the answer to its commit.',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const writer = new Writer({
    log,
    logger,
    onStep: (step) => {
      failpoint(step === 'sent' ? 'command-api:after-send' : 'command-api:after-commit');
    },
    onAppended: ({ commands, duration }) => {
      appended.observe(commands);
      durations.observe(duration / 1_000);
    },
  });
  new Gauge({
    name: 'comptoir_writer_queued_commands',
    help: 'Commands that wait to be decided.',
    registers,
    collect() {
      this.set(writer.queued);
    },
  });
  const app = await createCommandApi({ writer, logger, metrics, rateLimit: config.RATE_LIMIT });
  await writer.start();
  await serve({
    app,
    host: config.HOST,
    port: config.COMMAND_API_PORT,
    portVariable: 'COMMAND_API_PORT',
    logger,
    close: [
      { name: 'writer', close: () => writer.stop() },
      { name: 'event log', close: () => log.close() },
    ],
  });
});
