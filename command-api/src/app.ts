// The command API: HTTP in front of the writer. What it depends on comes in, so that a test can bring its own.
import { createHttp, type Http, type Logger, type Registry } from '@comptoir/service';
import { addBatchRoute } from './routes/batch.ts';
import { handlerFor } from './routes/command-route.ts';
import { addOrderRoutes } from './routes/orders.ts';
import { addStockRoutes } from './routes/stock.ts';
import type { Writer } from './writer/writer.ts';

export interface CommandApiOptions {
  readonly writer: Writer;
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** Requests per minute and address before 429. */
  readonly rateLimit?: number;
}

/** Builds the command API; it does not listen yet. */
export async function createCommandApi({ writer, ...options }: CommandApiOptions): Promise<Http> {
  const app = await createHttp({
    name: 'command-api',
    title: 'Comptoir command API',
    description:
      'Commands of the shop. Each answers once its events are committed to Kafka, with a consistency token: a query given ' +
      '`?after=<token>` sees what the command did.',
    version: '1',
    readiness: {
      writer: () => {
        if (writer.broken !== undefined) throw writer.broken;
        if (writer.status !== 'ready') throw new Error(`the writer is ${writer.status}`);
      },
    },
    ...options,
  });
  const handle = handlerFor(writer);
  addOrderRoutes(app, handle);
  addStockRoutes(app, handle);
  addBatchRoute(app, writer);
  return app;
}
