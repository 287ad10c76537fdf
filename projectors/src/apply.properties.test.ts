// The engine's promise, as a property: whatever comes twice, breaks off, or is done by two consumers at once, the documents are
// those of the plain fold of the log.
import fc, { type Scheduler } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '@comptoir/event-log';
import { partitionName } from '@comptoir/schemas';
import { applyEvents } from './apply.ts';
import type { Projection } from './projection.ts';
import { shopProjections } from './projections/shop-projections.ts';
import { createInMemoryViewStore } from './testing/in-memory-view-store.ts';
import { plainFold, withoutBookkeeping } from './testing/plain-fold.ts';
import {
  createRecorder,
  fates,
  interleave,
  openingEvents,
  orderEvents,
  skus,
  type OrderPlan,
} from './testing/sample-history.ts';

const plan = fc.record({
  // Half of them paid: sales are where partitions meet in one document.
  fate: fc.oneof(fc.constantFrom(...fates), fc.constantFrom('paid', 'refunded', 'delivered')),
  lines: fc
    .uniqueArray(fc.constantFrom(...skus), { minLength: 1, maxLength: 3 })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((sku) => [sku, fc.integer({ min: 1, max: 5 })]))),
    ),
  day: fc.integer({ min: 1, max: 3 }),
});

/** One try at a batch: where it starts before the checkpoint, how long it is, and how it ends. */
const attempt = fc.record({
  partition: fc.nat({ max: 1 }),
  back: fc.nat({ max: 4 }),
  length: fc.integer({ min: 1, max: 12 }),
  ending: fc.constantFrom(
    'checkpoint',
    'checkpoint',
    'crash before the checkpoint',
    'crash in the write',
    'stale',
  ),
  crashAfter: fc.nat({ max: 3 }),
});

type Attempt = typeof attempt extends fc.Arbitrary<infer Value> ? Value : never;

const partitions = 2;

function historyOf(plans: readonly OrderPlan[], picks: readonly number[]): RecordedEvent[] {
  let turn = 0;
  const pick = (among: number): number => (picks[turn++ % Math.max(1, picks.length)] ?? 0) % among;
  const orders = plans.map((each, index) => orderEvents(`order-${String(index)}`, each));
  return [...openingEvents(), ...interleave(orders, pick)].map(createRecorder(partitions));
}

/** One log read by consumers that share a store and checkpoints, in steps that the scheduler orders. */
function createConsumers(
  projection: Projection,
  log: readonly RecordedEvent[],
  step: () => Promise<unknown>,
) {
  const store = createInMemoryViewStore(step);
  const read = log.filter(({ topic }) => projection.topics.includes(topic));
  const byPartition = Map.groupBy(read, ({ topic, partition }) => partitionName(topic, partition));
  const names = [...byPartition.keys()];
  const checkpoints = new Map<string, number>();

  async function attemptBatch({ partition, back, length, ending, crashAfter }: Attempt): Promise<void> {
    const name = names[partition % names.length] ?? '';
    const all = byPartition.get(name) ?? [];
    const reached = all.findIndex(({ offset }) => offset >= (checkpoints.get(name) ?? 0));
    const start = Math.max(0, (reached === -1 ? all.length : reached) - back);
    const events = all.slice(start, start + length);
    if (ending === 'crash in the write') store.breakAfter(crashAfter);
    let asked = 0;
    try {
      await applyEvents({
        projection,
        store,
        events,
        isStale: () => ending === 'stale' && ++asked > crashAfter,
      });
    } catch {
      return;
    }
    const last = events.at(-1);
    if (ending !== 'checkpoint' || last === undefined) return;
    await step();
    checkpoints.set(name, last.offset + 1);
  }

  async function readToTheEnd(): Promise<void> {
    store.breakAfter(Number.POSITIVE_INFINITY);
    for (const [name, all] of byPartition) {
      const events = all.filter(({ offset }) => offset >= (checkpoints.get(name) ?? 0));
      await applyEvents({ projection, store, events, isStale: () => false });
    }
  }

  return { store, attemptBatch, readToTheEnd };
}

async function finish(scheduler: Scheduler, work: Promise<unknown>): Promise<void> {
  const state = { done: false };
  const ended = (): void => {
    state.done = true;
  };
  void work.then(ended, ended);
  while (!state.done) {
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await work;
}

describe.each(shopProjections.map((each) => [each.name, each] as const))(
  'the view %s',
  (_name, projection) => {
    it('is the plain fold of the log after any redeliveries, crashes and consumers at once', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(plan, { minLength: 1, maxLength: 10 }),
          fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 12 }),
          fc.array(fc.array(attempt, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 3 }),
          fc.scheduler(),
          async (plans, picks, consumers, scheduler) => {
            const log = historyOf(plans, picks);
            const step = (): Promise<void> => scheduler.schedule(Promise.resolve());
            const { store, attemptBatch, readToTheEnd } = createConsumers(projection, log, step);
            const working = consumers.map(async (attempts) => {
              for (const each of attempts) await attemptBatch(each);
            });
            await finish(scheduler, Promise.all(working));
            await finish(scheduler, readToTheEnd());
            expect(withoutBookkeeping(store.documents.values())).toEqual(plainFold(projection, log));
          },
        ),
        { numRuns: 300 },
      );
    });
  },
);
