// The projectors as a process: reads the environment, opens the log and the database, starts every projection, listens.
import { openEventLog } from '@comptoir/event-log';
import {
  configuration,
  count,
  createMetrics,
  eventLogVariables,
  mongoVariables,
  port,
  run,
  serve,
  serviceVariables,
} from '@comptoir/service';
import { openDatabase } from '@comptoir/views';
import { Type } from 'typebox';
import { createProjectorsApp } from './app.ts';
import { startEngine } from './engine.ts';
import { createRunnerMetrics } from './metrics.ts';
import { shopProjections } from './projections/shop-projections.ts';

await run('projectors', async (logger) => {
  const config = configuration(
    Type.Object({
      ...serviceVariables,
      ...eventLogVariables,
      ...mongoVariables,
      PROJECTORS_PORT: port(3003, 'port of health and metrics of the projectors'),
      PARTITIONS: count(12, 'partitions of a topic when it is first created', { maximum: 10_000 }),
    }),
  );
  const metrics = createMetrics('projectors');
  const [log, database] = await Promise.all([
    openEventLog({
      brokers: config.KAFKA_BROKERS,
      registryUrl: config.SCHEMA_REGISTRY_URL,
      partitions: config.PARTITIONS,
      clientId: 'projectors',
      logger,
    }),
    openDatabase(config.MONGODB_URI, {
      appName: 'comptoir-projectors',
      onWait: ({ message }) => {
        logger.info({ reason: message }, 'MongoDB is not there yet, trying again');
      },
    }),
  ]);
  const engine = startEngine({
    db: database.db,
    log,
    projections: shopProjections,
    logger,
    observer: createRunnerMetrics(metrics),
  });
  const app = await createProjectorsApp({ engine, log, database, logger, metrics });
  await serve({
    app,
    host: config.HOST,
    port: config.PROJECTORS_PORT,
    portVariable: 'PROJECTORS_PORT',
    logger,
    details: { projections: shopProjections.map(({ name }) => name) },
    close: [
      { name: 'projections', close: () => engine.stop() },
      { name: 'event log', close: () => log.close() },
      { name: 'database', close: () => database.close() },
    ],
  });
});
