// Builds the service out of what it is given: the two reactors over the log, the outbox for mails, and HTTP for health and metrics.
// server.ts reads the environment and listens; tests build it with other parts.
import type { EventLog } from '@comptoir/event-log';
import { createHttp, createMetrics, failpoint, type Http, type Logger } from '@comptoir/service';
import { createCheckpointStore, type Database } from '@comptoir/views';
import { createCommandClient } from './command-client.ts';
import { deliverCommands } from './command-delivery.ts';
import { fulfilment } from './fulfilment.ts';
import { createReactorMetrics } from './metrics.ts';
import { createMailer } from './notifications/mailer.ts';
import { deliverNotifications } from './notifications/notification-delivery.ts';
import { createQueue, openNotifications } from './notifications/notification-store.ts';
import { notifications, type WarehouseOptions } from './notifications/notifications.ts';
import { createOutbox } from './notifications/outbox.ts';
import { runReactor, type ReactorRunner, type StartAt } from './runner.ts';

export interface ReactorsOptions extends WarehouseOptions {
  readonly log: Pick<EventLog, 'subscribe' | 'endOffsets' | 'isReachable'>;
  readonly database: Pick<Database, 'db' | 'ping'>;
  /** Base URL of the command API. */
  readonly commandApiUrl: string;
  /** Where mails go out; without it notifications are only recorded. */
  readonly mail: { readonly url: string; readonly from: string } | undefined;
  /** Where a reactor without a checkpoint begins. */
  readonly startAt: StartAt;
  readonly logger: Logger;
  /** Requests per minute and address. */
  readonly rateLimit?: number;
}

/** The service, running. */
export interface Reactors {
  readonly http: Http;
  /** Stops reading, then sending mails. The batches in hand come again after the next start. */
  stop(): Promise<void>;
}

/** Starts the reactors. Resolves when each has joined its group. */
export async function startReactors(options: ReactorsOptions): Promise<Reactors> {
  const { log, database, logger, startAt, mail, warehouseEmail, warehouseLanguage } = options;
  const registry = createMetrics('reactors');
  const metrics = createReactorMetrics(registry);
  const checkpoints = createCheckpointStore(database.db);
  const collection = await openNotifications(database.db);

  const mailer = mail && createMailer(mail);
  const outbox =
    mail &&
    mailer &&
    createOutbox({
      queue: createQueue(collection),
      mailer,
      logger,
      observer: metrics.outbox,
      messageIdDomain: domainOf(mail.from),
      failpoint,
    });
  outbox?.start();

  const client = createCommandClient({
    url: options.commandApiUrl,
    logger: logger.child({ reactor: fulfilment.name }),
    observer: metrics.commands(fulfilment.name),
  });
  const notifying = notifications({ warehouseEmail, warehouseLanguage });
  const common = { log, checkpoints, startAt, logger, failpoint };
  const runners: readonly ReactorRunner[] = await Promise.all([
    runReactor({
      ...common,
      reactor: fulfilment,
      deliver: deliverCommands(fulfilment.name, client),
      observer: metrics.runner(fulfilment.name),
    }),
    runReactor({
      ...common,
      reactor: notifying,
      deliver: deliverNotifications({
        collection,
        mail: outbox !== undefined,
        onQueued: () => outbox?.wake(),
      }),
      observer: metrics.runner(notifying.name),
    }),
  ]);

  const http = await createHttp({
    name: 'reactors',
    title: 'Comptoir reactors',
    version: '1',
    description:
      'Carries the process on: from events to commands, notifications and mail. Health and metrics only.',
    logger,
    metrics: registry,
    docs: false,
    ...(options.rateLimit === undefined ? {} : { rateLimit: options.rateLimit }),
    readiness: {
      kafka: async () => {
        if (!(await log.isReachable())) throw new Error('Kafka does not answer');
      },
      mongodb: () => database.ping(),
    },
  });

  return {
    http,
    async stop() {
      await Promise.all(runners.map((runner) => runner.stop()));
      await outbox?.stop(3_000);
      mailer?.close();
    },
  };
}

/** The domain of a sender: `Comptoir <shop@comptoir.example>` is of comptoir.example. */
function domainOf(sender: string): string {
  return /@([^\s<>@]+)>?\s*$/.exec(sender)?.[1] ?? 'comptoir.invalid';
}
