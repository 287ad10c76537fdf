// The query API's process: reads the environment, opens MongoDB, listens.
import {
  configuration,
  createMetrics,
  mongoVariables,
  port,
  run,
  serve,
  serviceVariables,
} from '@comptoir/service';
import { openDatabase } from '@comptoir/views';
import { Type } from 'typebox';
import { createQueryApi } from './app.ts';

await run('query-api', async (logger) => {
  const settings = configuration(
    Type.Object({
      ...serviceVariables,
      ...mongoVariables,
      QUERY_API_PORT: port(3002, 'port of the query API'),
    }),
  );
  const database = await openDatabase(settings.MONGODB_URI, {
    appName: 'query-api',
    onWait: ({ message }) => {
      logger.warn(`waiting for MongoDB: ${message}`);
    },
  });
  const metrics = createMetrics('query-api');
  const app = await createQueryApi({ database, logger, metrics, rateLimit: settings.RATE_LIMIT });
  await serve({
    app,
    host: settings.HOST,
    port: settings.QUERY_API_PORT,
    portVariable: 'QUERY_API_PORT',
    logger,
    close: [{ name: 'MongoDB', close: () => database.close() }],
  });
});
