// The registry and the checkpoints for all supervisors of a process at once: what is asked for within one turn of the event loop is one
// query. They wait for the same instants (see `nextTick`), so that several projections ask the database no more often than one. Nothing
// is kept from one query to the next.
import {
  readCheckpoints,
  readProjections,
  signOfLife,
  type CheckpointDocument,
  type ProjectionDocument,
} from '@comptoir/views';
import type { Db } from 'mongodb';

/** What supervisors do again and again, done together. */
export interface RegistryReader {
  /** One projection's registry document; null when there is none. */
  readonly projection: (name: string) => Promise<ProjectionDocument | null>;
  /** Checkpoints by id; one that does not exist is absent. */
  readonly checkpoints: (ids: readonly string[]) => Promise<ReadonlyMap<string, CheckpointDocument>>;
  /** Writes that a projection is run here, and nothing else. */
  readonly signOfLife: (name: string) => Promise<void>;
  /**
   * Waits for the next instant that is a multiple of `interval`, ms, or for the signal. Whoever waits for the same instant goes on in
   * the same turn.
   */
  readonly nextTick: (interval: number, signal: AbortSignal) => Promise<void>;
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

/** One timer for all who wait for the same instant. It does not keep the process alive. */
function sharedTicks(): RegistryReader['nextTick'] {
  const ticks = new Map<number, Promise<void>>();
  const at = (instant: number, wait: number): Promise<void> => {
    const tick = new Promise<void>((resolve) => {
      setTimeout(() => {
        ticks.delete(instant);
        resolve();
      }, wait).unref();
    });
    ticks.set(instant, tick);
    return tick;
  };
  return async (interval, signal) => {
    if (signal.aborted) return;
    const now = Date.now();
    const wait = untilNextTick(interval, now);
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      signal.addEventListener('abort', goOn);
      void (ticks.get(now + wait) ?? at(now + wait, wait)).then(goOn);
    });
  };
}

/** Creates a reader for the supervisors of one process. */
export function createRegistryReader(db: Db): RegistryReader {
  const projections = gather(() => readProjections(db));
  const alive = gather((names) => signOfLife(db, names));
  return {
    projection: async (name) => (await projections([name])).find(({ _id }) => _id === name) ?? null,
    checkpoints: gather((ids) => readCheckpoints(db, ids)),
    signOfLife: (name) => alive([name]),
    nextTick: sharedTicks(),
  };
}

/**
 * Time until the next instant that is a multiple of `interval`. All in ms.
 *
 * @param now - since 1970
 */
export const untilNextTick = (interval: number, now: number): number => interval - (now % interval);

/** Whether two instants fall between the same multiples of `interval`. All in ms. */
export const inSameInterval = (interval: number, one: number, other: number): boolean =>
  Math.floor(one / interval) === Math.floor(other / interval);
