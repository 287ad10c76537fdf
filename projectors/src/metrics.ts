// Metrics of the engine for Prometheus: what was applied, how long batches take, and what is behind.
import { Counter, Gauge, Histogram, type Registry } from '@comptoir/service';
import type { Engine } from './engine.ts';
import type { RunnerObserver } from './runner.ts';

/** Registers the counters that runners feed. */
export function createRunnerMetrics(registry: Registry): RunnerObserver {
  const shared = { labelNames: ['projection'] as const, registers: [registry] };
  const events = new Counter({
    ...shared,
    name: 'comptoir_projection_events_total',
    help: 'Events applied, by projection; repeated ones count again.',
  });
  const batches = new Histogram({
    ...shared,
    name: 'comptoir_projection_batch_seconds',
    help: 'Time from a batch of events to its checkpoint.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
  });
  const conflicts = new Counter({
    ...shared,
    name: 'comptoir_projection_conflicts_total',
    help: 'Writes that found another revision than they had read, and were done again.',
  });
  const failures = new Counter({
    ...shared,
    name: 'comptoir_projection_failures_total',
    help: 'Attempts at a batch that failed.',
  });
  return {
    onBatch: (projection, count, seconds) => {
      events.inc({ projection }, count);
      batches.observe({ projection }, seconds);
    },
    onConflict: (projection) => {
      conflicts.inc({ projection });
    },
    onFailure: (projection) => {
      failures.inc({ projection });
    },
  };
}

/** Registers the gauges that are read from the engine when somebody looks. */
export function addEngineMetrics(registry: Registry, engine: Engine): void {
  new Gauge({
    name: 'comptoir_projection_lag_offsets',
    help: 'Offsets that the live generation is behind the end of the log.',
    labelNames: ['projection'],
    registers: [registry],
    collect() {
      for (const { name, lag } of engine.status()) if (lag !== undefined) this.set({ projection: name }, lag);
    },
  });
  new Gauge({
    name: 'comptoir_projection_failed',
    help: '1 while something keeps a projection from getting on in this process.',
    labelNames: ['projection'],
    registers: [registry],
    collect() {
      for (const { name, failure, trouble } of engine.status()) {
        this.set({ projection: name }, failure === undefined && trouble === undefined ? 0 : 1);
      }
    },
  });
}
