// The way of appended batches to the disk: what is appended while one write is under way goes with the next, in one write and one
// sync. Who waits for durability waits for the group that its batch is in.

/** Batches on their way to a place in a file. */
export interface QueuedWrite<Place> {
  readonly place: Place;
  readonly bytes: Buffer;
  /** One past the last offset in `bytes`. */
  readonly nextOffset: number;
}

/** Writes a group and syncs it. */
export type WriteGroup<Place> = (group: readonly QueuedWrite<Place>[], nextOffset: number) => Promise<void>;

interface Group {
  readonly promise: Promise<undefined>;
  nextOffset: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** The writes of one log, in order. */
export class GroupCommit<Place> {
  readonly #write: WriteGroup<Place>;
  #queue: QueuedWrite<Place>[] = [];
  /** Of the queue; and of what is being written now. */
  #gathering: Group | undefined;
  #writing: Group | undefined;
  #queuedBytes = 0;
  #failure: Error | undefined;

  constructor(write: WriteGroup<Place>) {
    this.#write = write;
  }

  /** Bytes that are not on the disk yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Why nothing is written any more; everybody who waited has got it too. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Queues a write. The promise resolves when it is on the disk; nobody needs to listen to it. */
  push(write: QueuedWrite<Place>): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#queue.push(write);
    this.#queuedBytes += write.bytes.length;
    // What else this turn of the event loop brings goes along.
    if (this.#gathering === undefined && this.#writing === undefined) setImmediate(() => void this.#run());
    this.#gathering ??= newGroup();
    this.#gathering.nextOffset = write.nextOffset;
    return this.#gathering.promise;
  }

  /** Resolves when everything below `offset` that was pushed is on the disk. */
  synced(offset: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#writing !== undefined && offset <= this.#writing.nextOffset) return this.#writing.promise;
    return this.#gathering?.promise ?? this.#writing?.promise ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    while (this.#gathering !== undefined && this.#failure === undefined) {
      const group = this.#gathering;
      const writes = this.#queue;
      this.#writing = group;
      this.#gathering = undefined;
      this.#queue = [];
      try {
        await this.#write(writes, group.nextOffset);
        for (const { bytes } of writes) this.#queuedBytes -= bytes.length;
        this.#writing = undefined;
        group.resolve();
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#writing = undefined;
        group.reject(this.#failure);
      }
    }
    // Set only when a write failed: nothing may follow what is missing.
    const unwritten = this.#gathering;
    this.#gathering = undefined;
    unwritten?.reject(this.#failure);
  }
}

function newGroup(): Group {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  promise.catch(() => undefined);
  return {
    promise,
    nextOffset: 0,
    resolve: () => {
      resolve(undefined);
    },
    reject,
  };
}
