// Reads registry and checkpoints for all supervisors of a process at once: what is asked for within one turn of the event loop is one
// query. Their ticks fall on the same instants (see `untilNextTick`), so that five projections ask the database no more often than
// one. Nothing is kept from one query to the next.
import {
  readCheckpoints,
  readProjections,
  type CheckpointDocument,
  type ProjectionDocument,
} from '@comptoir/views';
import type { Db } from 'mongodb';

/** Reads what supervisors look at again and again. */
export interface RegistryReader {
  /** One projection's registry document; null when there is none. */
  readonly projection: (name: string) => Promise<ProjectionDocument | null>;
  /** Checkpoints by id; one that does not exist is absent. */
  readonly checkpoints: (ids: readonly string[]) => Promise<ReadonlyMap<string, CheckpointDocument>>;
}

/** Asks once for all keys that come within one turn. */
function gather<Answer>(
  ask: (keys: readonly string[]) => Promise<Answer>,
): (keys: readonly string[]) => Promise<Answer> {
  let gathering: { readonly keys: Set<string>; readonly answer: Promise<Answer> } | undefined;
  return (keys) => {
    if (gathering === undefined) {
      const asked = new Set<string>();
      const answer = new Promise<Answer>((resolve, reject) => {
        setImmediate(() => {
          gathering = undefined;
          ask([...asked]).then(resolve, reject);
        });
      });
      gathering = { keys: asked, answer };
    }
    for (const key of keys) gathering.keys.add(key);
    return gathering.answer;
  };
}

/** Creates a reader for the supervisors of one process. */
export function createRegistryReader(db: Db): RegistryReader {
  const projections = gather(() => readProjections(db));
  return {
    projection: async (name) => (await projections([name])).find(({ _id }) => _id === name) ?? null,
    checkpoints: gather((ids) => readCheckpoints(db, ids)),
  };
}

/**
 * Time until the next instant that is a multiple of `interval`: whoever waits for it wakes up with the others. All in ms.
 *
 * @param now - since 1970
 */
export const untilNextTick = (interval: number, now = Date.now()): number => interval - (now % interval);

/** Whether two instants fall between the same multiples of `interval`. All in ms. */
export const inSameInterval = (interval: number, one: number, other: number): boolean =>
  Math.floor(one / interval) === Math.floor(other / interval);
