// Reads the registry for all supervisors of a process at once: what is asked for within one turn of the event loop is one query. Their
// ticks fall on the same instants (see `untilNextTick`), so that five projections ask the database no more often than one.
import { readProjections, type ProjectionDocument } from '@comptoir/views';
import type { Db } from 'mongodb';

/** Reads one projection's registry document; null when there is none. */
export type ReadRegistry = (name: string) => Promise<ProjectionDocument | null>;

/** Creates a reader; nothing is kept from one query to the next. */
export function createRegistryReader(db: Db): ReadRegistry {
  let gathering: Promise<ProjectionDocument[]> | undefined;
  return async (name) => {
    gathering ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        gathering = undefined;
        readProjections(db).then(resolve, reject);
      });
    });
    const documents = await gathering;
    return documents.find(({ _id }) => _id === name) ?? null;
  };
}

/**
 * Time until the next instant that is a multiple of `interval`: whoever waits for it wakes up with the others. All in ms.
 *
 * @param now - since 1970
 */
export const untilNextTick = (interval: number, now = Date.now()): number => interval - (now % interval);
