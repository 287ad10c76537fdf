// One thing at a time for each transactional id: a request waits for the one before it, where Kafka sends the client away to try
// again (CONCURRENT_TRANSACTIONS), which costs it a back-off.

/** Requests that wait for one id; a producer has a few connections, so more are of clients that do not wait for answers. */
const longestQueue = 100;

interface Queue {
  /** When all that was asked for is done. */
  last: Promise<void>;
  length: number;
}

/** Actions in turn, by key. */
export class Turns {
  readonly #queues = new Map<string, Queue>();

  /**
   * Runs an action after those of the same key before it; undefined if too many wait already.
   *
   * @throws what the action throws
   */
  take<Result>(key: string, action: () => Promise<Result>): Promise<Result> | undefined {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= longestQueue) return undefined;
    const result = queue.length === 0 ? action() : queue.last.then(action);
    const done = () => {
      queue.length--;
      if (queue.length === 0) this.#queues.delete(key);
    };
    queue.length++;
    queue.last = result.then(done, done);
    this.#queues.set(key, queue);
    return result;
  }

  /** When everything that has been asked for so far is done. */
  async settled(): Promise<void> {
    await Promise.all([...this.#queues.values()].map(({ last }) => last));
  }
}
