// The projection engine of one process: one supervisor per projection, none of which waits for another.
import type { EventLog } from '@comptoir/event-log';
import type { Logger } from '@comptoir/service';
import type { Db } from 'mongodb';
import type { Projection } from './projection.ts';
import { createRegistryReader } from './registry-reader.ts';
import type { RetryPace, RunnerObserver } from './runner.ts';
import { supervise, type ProjectionStatus } from './supervisor.ts';

export interface EngineOptions {
  readonly db: Db;
  readonly log: Pick<EventLog, 'subscribe' | 'endOffsets' | 'groupMembers'>;
  readonly projections: readonly Projection[];
  readonly logger: Logger;
  readonly observer?: RunnerObserver;
  readonly pace?: RetryPace;
}

/** Running projections. */
export interface Engine {
  status(): readonly ProjectionStatus[];
  /** Stops every projection after the write in hand. */
  stop(): Promise<void>;
}

/**
 * Starts projections. Returns at once; what is missing (a server, a collection, a generation) is waited for or made.
 * @throws Error when two projections have the same name
 */
export function startEngine({ projections, ...shared }: EngineOptions): Engine {
  const names = projections.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw new Error(`two projections have one name: ${names.join(', ')}`);
  const reader = createRegistryReader(shared.db);
  const supervisors = projections.map((projection) => supervise({ projection, reader, ...shared }));
  return {
    status: () => supervisors.map((supervisor) => supervisor.status()),
    async stop() {
      await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
    },
  };
}
