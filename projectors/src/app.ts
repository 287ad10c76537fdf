// The projectors' HTTP side: health and metrics, nothing else. Operations on projections go through the registry in MongoDB.
import { createHttp, type Http, type Logger, type Registry } from '@comptoir/service';
import type { EventLog } from '@comptoir/event-log';
import type { Database } from '@comptoir/views';
import type { Engine } from './engine.ts';
import { addEngineMetrics } from './metrics.ts';

export interface ProjectorsAppOptions {
  readonly engine: Engine;
  readonly log: Pick<EventLog, 'isReachable'>;
  readonly database: Pick<Database, 'ping'>;
  readonly logger: Logger;
  readonly metrics: Registry;
}

/** Builds the app; it does not listen yet. A projection that failed does not make the process unready: the others go on. */
export async function createProjectorsApp({
  engine,
  log,
  database,
  logger,
  metrics,
}: ProjectorsAppOptions): Promise<Http> {
  addEngineMetrics(metrics, engine);
  return createHttp({
    name: 'projectors',
    title: 'Comptoir projectors',
    description: 'Health and metrics of the process that folds the log into views.',
    version: '1',
    logger,
    metrics,
    docs: false,
    readiness: {
      mongodb: () => database.ping(),
      kafka: async () => {
        if (!(await log.isReachable())) throw new Error('Kafka does not answer');
      },
      projections: () => {
        const idle = engine.status().filter(({ trouble }) => trouble !== undefined);
        if (idle.length === 0) return;
        throw new Error(idle.map(({ name, trouble }) => `${name}: ${trouble ?? ''}`).join('; '));
      },
    },
  });
}
