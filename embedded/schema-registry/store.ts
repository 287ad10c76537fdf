// The state and the log it comes from. Writes happen one at a time: decided on the state, appended to the log, applied when the
// log has acknowledged them. After a write whose outcome is unknown the state is read anew before the next, and in the
// background, so that it recovers by itself. The offset of each write tells whether somebody else has written to the topic.
import { errors, type RegistryError } from './errors.ts';
import { LogError, type SchemasLog } from './log.ts';
import { contentKey } from './model.ts';
import { decode, encode, type Change } from './records.ts';
import { createState, type State } from './state.ts';

/** Writes that wait at most. */
const mostWaiting = 1_000;
/** Longest that a write waits for its turn, ms: while Kafka is away, each that goes before takes its own bound. */
const turnWithin = 10_000;
/** Between attempts to read the log again, ms. */
const readAgainAfter = 1_000;

export interface Store {
  /** The state; another object after the log had to be read again. */
  readonly state: () => State;
  /** An id never given before; it counts as given even when the write fails. */
  nextId(): number;
  /**
   * Decides on changes and writes them.
   * @param doing - for the message when it fails: `Register schema operation`
   * @param decide - called when no other write is under way, with the state up to date
   * @returns the decision's answer
   * @throws RegistryError 50001 or 50002 when the log does not take it (it may have been written all the same), 42209 when
   *   it is too large; and what `decide` throws
   */
  write<T>(
    doing: string,
    decide: () => { readonly changes: readonly Change[]; readonly answer: T },
  ): Promise<T>;
  /** Ends reading in the background. */
  readonly close: () => void;
}

/**
 * Reads the log.
 * @throws LogError
 */
export async function openStore(log: SchemasLog): Promise<Store> {
  let state = createState();
  let end = 0;
  let isBehind = false;
  let isClosed = false;
  let highestGiven = 0;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function readAgain(): Promise<void> {
    const read = await log.readAll();
    const fresh = createState();
    for (const record of read.records) {
      const change = decode(record);
      if (change !== undefined) fresh.apply(change);
    }
    state = fresh;
    end = read.end;
    isBehind = false;
  }

  function fallBehind(): void {
    isBehind = true;
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (!isBehind || isClosed) return;
      inTurn(async () => {
        if (isBehind) await readAgain();
      }).catch(fallBehind);
    }, readAgainAfter).unref();
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  /** Whether a change is what the log has come to say, after somebody else has written too. */
  function stands(change: Change): boolean {
    if (change.kind !== 'schema') return true;
    const { subject, version, id } = change.value;
    const isSame = (other: typeof change.value): boolean => contentKey(other) === contentKey(change.value);
    const there = state.version(subject, version);
    return there?.id === id && isSame(there) && state.versionsOf(id).every(isSame);
  }

  async function append(doing: string, changes: readonly Change[]): Promise<void> {
    let offset: number;
    try {
      offset = await log.append(changes.map(encode));
    } catch (error) {
      if (!(error instanceof LogError) || error.outcome !== 'too large') fallBehind();
      throw failure(doing, error);
    }
    if (offset === end) {
      end += changes.length;
      for (const change of changes) state.apply(change);
      return;
    }
    fallBehind();
    await readAgain().catch((error: unknown) => {
      throw failure(doing, error);
    });
    if (!changes.every(stands))
      throw errors.storeFailed(doing, new Error('another process has written to the topic at the same time'));
  }

  await readAgain();
  return {
    state: () => state,
    nextId() {
      highestGiven = Math.max(highestGiven, state.highestId()) + 1;
      return highestGiven;
    },
    async write(doing, decide) {
      if (waiting >= mostWaiting) throw errors.storeTimedOut(doing);
      waiting += 1;
      const since = performance.now();
      try {
        return await inTurn(async () => {
          if (performance.now() - since > turnWithin) throw errors.storeTimedOut(doing);
          if (isBehind)
            await readAgain().catch((error: unknown) => {
              throw failure(doing, error);
            });
          const { changes, answer } = decide();
          if (changes.length > 0) await append(doing, changes);
          return answer;
        });
      } finally {
        waiting -= 1;
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function failure(doing: string, error: unknown): RegistryError {
  if (error instanceof LogError && error.outcome === 'too large') return errors.schemaTooLarge();
  if (error instanceof LogError && error.outcome === 'timed out') return errors.storeTimedOut(doing, error);
  return errors.storeFailed(doing, error);
}
