// Open cursors: results of which the client has taken only the first. A cursor is an iterator that holds no snapshot of lmdb while it
// waits. It ends when its results do, when it is killed, or after ten minutes without a request.
import { randomBytes } from 'node:crypto';
import { mongoError } from '../errors.ts';
import { encodeDocument } from '../documents/write.ts';
import type { BsonWriter } from '../documents/write.ts';
import type { Doc } from '../documents/value.ts';

/** A document as its bytes, or decoded. */
export type Item = Buffer | Doc;

/** Time after which a cursor that is not asked ends (cursorTimeoutMillis), in milliseconds. */
const TIMEOUT = 10 * 60 * 1000;
const SWEEP = 60 * 1000;
/** Most cursors that are open at a time. */
const MOST = 10_000;
/** Documents in a first batch whose size is not asked for. */
export const FIRST_BATCH = 101;
/** A batch ends before it passes the largest size of a document, in bytes. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** What a document takes in a batch besides its bytes: its type, and its place as digits. */
const PER_ITEM = 8;

interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly results: Results;
  readonly noTimeout: boolean;
  lastUsed: number;
}

/** Results from which batches are taken; looks one document ahead. */
export class Results {
  private readonly iterator: Iterator<Item>;
  private ahead: Buffer | undefined;
  /** Until when taking a batch may last, in milliseconds of `performance.now()`. */
  private readonly limit: { deadline: number };
  done = false;

  constructor(items: Iterable<Item>, limit: { deadline: number } = { deadline: Infinity }) {
    this.iterator = items[Symbol.iterator]();
    this.limit = limit;
  }

  /** The next documents: at most `most`, and not past 16 MB unless it is one alone. `done` says whether there is more. */
  take(most: number, deadline: number): Buffer[] {
    this.limit.deadline = deadline;
    const batch: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const next = this.peek();
      if (next === undefined) {
        this.done = true;
        return batch;
      }
      if (batch.length >= most || (batch.length > 0 && bytes + next.length + PER_ITEM > BATCH_BYTES))
        return batch;
      batch.push(next);
      bytes += next.length + PER_ITEM;
      this.ahead = undefined;
    }
  }

  private peek(): Buffer | undefined {
    if (this.ahead !== undefined) return this.ahead;
    const next = this.iterator.next();
    if (next.done === true) return undefined;
    const { value } = next;
    this.ahead = value instanceof Map ? encodeDocument(value) : value;
    return this.ahead;
  }

  /** Ends it early. */
  close(): void {
    this.done = true;
    this.iterator.return?.();
  }
}

export class Cursors {
  private readonly open = new Map<bigint, Cursor>();
  private sweeper: NodeJS.Timeout | undefined;

  get count(): number {
    return this.open.size;
  }

  /**
   * Takes the first batch, and keeps a cursor when there is more.
   *
   * @returns What writes the field `cursor` of the answer
   */
  first(
    namespace: string,
    results: Results,
    options: { batchSize: number; deadline: number; single?: boolean; noTimeout?: boolean },
  ): (writer: BsonWriter) => void {
    const batch =
      options.batchSize === 0 && options.single !== true
        ? []
        : results.take(options.batchSize, options.deadline);
    let id = 0n;
    if (!results.done) {
      if (options.single === true) results.close();
      else id = this.keep(namespace, results, options.noTimeout ?? false);
    }
    return cursorField('firstBatch', namespace, id, batch);
  }

  private keep(namespace: string, results: Results, noTimeout: boolean): bigint {
    if (this.open.size >= MOST) {
      results.close();
      throw mongoError('TooManyFilesOpen', `more than ${String(MOST)} cursors are open`);
    }
    let id: bigint;
    do id = randomBytes(8).readBigUInt64LE() >> 1n;
    while (id === 0n || this.open.has(id));
    this.open.set(id, { id, namespace, results, noTimeout, lastUsed: Date.now() });
    this.sweeper ??= setInterval(() => {
      this.sweep();
    }, SWEEP).unref();
    return id;
  }

  /**
   * Takes the next batch.
   *
   * @throws CursorNotFound (43), Unauthorized (13) when it belongs to another collection
   */
  next(id: bigint, namespace: string, batchSize: number, deadline: number): (writer: BsonWriter) => void {
    const cursor = this.open.get(id);
    if (cursor === undefined) throw mongoError('CursorNotFound', `cursor id ${String(id)} not found`);
    if (cursor.namespace !== namespace) {
      throw mongoError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    let batch: Buffer[];
    try {
      batch = cursor.results.take(batchSize, deadline);
    } catch (error) {
      this.kill(id);
      throw error;
    }
    cursor.lastUsed = Date.now();
    if (cursor.results.done) this.forget(id);
    return cursorField('nextBatch', namespace, cursor.results.done ? 0n : id, batch);
  }

  /** Whether there was one. */
  kill(id: bigint): boolean {
    this.open.get(id)?.results.close();
    return this.forget(id);
  }

  /** Kills those of a namespace, or of a database when it ends in a dot. */
  killOf(namespace: string): void {
    for (const cursor of this.open.values()) {
      const hit = namespace.endsWith('.')
        ? cursor.namespace.startsWith(namespace)
        : cursor.namespace === namespace;
      if (hit) this.kill(cursor.id);
    }
  }

  stop(): void {
    for (const id of this.open.keys()) this.kill(id);
  }

  private forget(id: bigint): boolean {
    const known = this.open.delete(id);
    if (this.open.size === 0) {
      clearInterval(this.sweeper);
      this.sweeper = undefined;
    }
    return known;
  }

  private sweep(): void {
    const oldest = Date.now() - TIMEOUT;
    for (const cursor of this.open.values()) {
      if (!cursor.noTimeout && cursor.lastUsed < oldest) this.kill(cursor.id);
    }
  }
}

function cursorField(
  batchName: string,
  namespace: string,
  id: bigint,
  batch: readonly Buffer[],
): (writer: BsonWriter) => void {
  return (writer) => {
    const cursor = writer.open('cursor');
    const array = writer.open(batchName, true);
    for (let at = 0; at < batch.length; at++) {
      const bytes = batch[at];
      if (bytes !== undefined) writer.rawElement(String(at), bytes);
    }
    writer.close(array);
    writer.element('id', id);
    writer.element('ns', namespace);
    writer.close(cursor);
  };
}
