// The query API: HTTP in front of the views in MongoDB. What it depends on comes in, so that a test can bring its own.
import { Gauge, createHttp, createMetrics, type Http, type Logger, type Registry } from '@comptoir/service';
import type { Database } from '@comptoir/views';
import { addAggregateRoutes } from './routes/aggregates.ts';
import { addJournalRoutes } from './routes/journal.ts';
import { addNotificationRoutes } from './routes/notifications.ts';
import { addOrderRoutes } from './routes/orders.ts';
import { addProjectionRoutes } from './routes/projections.ts';
import { addSalesRoutes } from './routes/sales.ts';
import { addStockRoutes } from './routes/stock.ts';
import { addStreamRoute, standardStreamSettings, type StreamSettings } from './routes/stream.ts';
import { createViewAccess, explainDatabaseError } from './view-access.ts';

export interface QueryApiOptions {
  readonly database: Pick<Database, 'db' | 'ping'>;
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** Requests per minute and address before 429. */
  readonly rateLimit?: number;
  readonly streams?: Partial<StreamSettings>;
}

/** Builds the query API; it does not listen yet. */
export async function createQueryApi({
  database,
  streams,
  metrics = createMetrics('query-api'),
  ...options
}: QueryApiOptions): Promise<Http> {
  const app = await createHttp({
    name: 'query-api',
    title: 'Comptoir query API',
    description:
      'The shop as its views have it: orders, stock, sales, notifications, the journal of events, and the projections that ' +
      'make them. With `?after=<token>` of a command a query waits until its view has seen it.',
    version: '1',
    metrics,
    readiness: { mongodb: () => database.ping() },
    explain: explainDatabaseError,
    ...options,
  });
  const views = createViewAccess(database.db);
  addOrderRoutes(app, views);
  addStockRoutes(app, views);
  addSalesRoutes(app, views);
  addNotificationRoutes(app, views);
  addJournalRoutes(app, views);
  addAggregateRoutes(app, views);
  addProjectionRoutes(app, views);
  const open = new Gauge({
    name: 'query_api_streams',
    help: 'Live streams that are open.',
    registers: [metrics],
  });
  addStreamRoute(app, views, { ...standardStreamSettings, ...streams }, open);
  return app;
}
