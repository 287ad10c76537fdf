// The reactors as a process: reads the environment, opens the log and the database, joins the groups, serves health and metrics.
import { openEventLog } from '@comptoir/event-log';
import {
  configuration,
  count,
  eventLogVariables,
  httpUrl,
  mongoVariables,
  port,
  run,
  serve,
  serviceVariables,
} from '@comptoir/service';
import { openDatabase } from '@comptoir/views';
import { Type } from 'typebox';
import { startReactors } from './app.ts';

const mailAddress = '[^\\s<>@,]+@[^\\s<>@,]+';

await run('reactors', async (logger) => {
  const config = configuration(
    Type.Object({
      ...serviceVariables,
      ...eventLogVariables,
      ...mongoVariables,
      REACTORS_PORT: port(3004, 'port of the reactors’ health and metrics'),
      PARTITIONS: count(12, 'partitions of a topic when it is first created', { maximum: 10_000 }),
      COMMAND_API_URL: httpUrl('address of the command API', 'http://127.0.0.1:3001'),
      REACTORS_START_AT: Type.Union([Type.Literal('beginning'), Type.Literal('end')], {
        default: 'beginning',
        description: 'where a reactor begins that has no checkpoint yet',
      }),
      SMTP_URL: Type.Optional(
        Type.String({
          pattern: '^smtps?://[^\\s]+$',
          description:
            'mail server, smtp://user:password@host:port; without it notifications are only recorded',
        }),
      ),
      MAIL_FROM: Type.String({
        pattern: `^(${mailAddress}|[^<>]+<${mailAddress}>)$`,
        default: 'Comptoir <shop@comptoir.example>',
        description: 'sender of mails',
      }),
      WAREHOUSE_EMAIL: Type.String({
        pattern: `^${mailAddress}$`,
        default: 'warehouse@comptoir.example',
        description: 'who is told of low stock',
      }),
      WAREHOUSE_LANGUAGE: Type.Union([Type.Literal('en'), Type.Literal('fr')], {
        default: 'en',
        description: 'language of what the warehouse is told',
      }),
    }),
  );
  const log = await openEventLog({
    brokers: config.KAFKA_BROKERS,
    registryUrl: config.SCHEMA_REGISTRY_URL,
    partitions: config.PARTITIONS,
    clientId: 'reactors',
    logger,
  });
  const database = await openDatabase(config.MONGODB_URI, {
    appName: 'reactors',
    onWait: (error) => {
      logger.info({ reason: error.message }, 'MongoDB is not there yet, trying again');
    },
  });
  const reactors = await startReactors({
    log,
    database,
    commandApiUrl: config.COMMAND_API_URL,
    mail: config.SMTP_URL === undefined ? undefined : { url: config.SMTP_URL, from: config.MAIL_FROM },
    warehouseEmail: config.WAREHOUSE_EMAIL,
    warehouseLanguage: config.WAREHOUSE_LANGUAGE,
    startAt: config.REACTORS_START_AT,
    rateLimit: config.RATE_LIMIT,
    logger,
  });
  await serve({
    app: reactors.http,
    host: config.HOST,
    port: config.REACTORS_PORT,
    portVariable: 'REACTORS_PORT',
    logger,
    details: { mail: config.SMTP_URL === undefined ? 'recorded only' : 'sent' },
    close: [
      { name: 'reactors', close: () => reactors.stop() },
      { name: 'event log', close: () => log.close() },
      { name: 'mongodb', close: () => database.close() },
    ],
  });
});
