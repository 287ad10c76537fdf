// Test support: the engine in a process of its own, so that a failpoint can kill it. Reads the sample log of ORDERS orders, made
// anew in memory, which is the same at every start.
import { createLogger } from '@comptoir/service';
import { openDatabase } from '@comptoir/views';
import { startEngine } from '../engine.ts';
import { shopProjections } from '../projections/shop-projections.ts';
import { sampleLog } from './sample-log.ts';

const database = await openDatabase(process.env.MONGODB_URI ?? '', { patience: 10_000 });
const engine = startEngine({
  db: database.db,
  log: sampleLog(Number(process.env.ORDERS)),
  projections: shopProjections,
  logger: createLogger({ service: 'projectors' }),
});
process.once('SIGTERM', () => {
  void engine.stop().then(() => database.close());
});
