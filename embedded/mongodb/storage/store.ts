// The lmdb environment of a server: four trees, one writer, snapshots for readers. A write is a function that runs inside a
// transaction; writes that wait for the same turn share one (group commit). `overlappingSync` is off, so lmdb commits by
// writing the pages, fdatasync, and then the meta page through a descriptor opened with O_DSYNC (mdb.c: mdb_txn_commit,
// mdb_env_write_meta): when the promise of a write resolves, the write is on the disk.
import { open } from 'lmdb';
import { mkdirSync } from 'node:fs';
import type { Database, RootDatabase } from 'lmdb';

export type Tree = Database<Buffer, Buffer>;

/** A copy of what lmdb-js shows in a buffer that it uses again, and whose `length`, but not `byteLength`, is that of the value. */
function copied(bytes: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
  return copy;
}

/** Keys and values as they are. lmdb-js's own binary encodings give each a block of memory of its own, which takes longer than the read. */
const asBytes = {
  encoder: {
    encode: (value: Buffer) => value,
    decode: (bytes: Uint8Array) => copied(bytes, 0, bytes.length),
  },
  keyEncoder: {
    writeKey(key: Uint8Array, target: Uint8Array, start: number): number {
      target.set(key, start);
      return start + key.length;
    },
    readKey: copied,
  },
};

export class Store {
  /** Collection and key of `_id` → the document's BSON. */
  readonly documents: Tree;
  /** Index, key (and key of `_id` unless unique) → key in `documents`. */
  readonly indexes: Tree;
  /** Collections, indexes, counts: see catalogue.ts. */
  readonly catalogue: Tree;
  /** Session → what its last retryable write answered. */
  readonly retries: Tree;
  private readonly root: RootDatabase<Buffer, Buffer>;
  private beforeCommit: () => void = () => undefined;
  private afterFailure: () => void = () => undefined;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.root = open<Buffer, Buffer>({ path: folder, maxDbs: 8, overlappingSync: false, ...asBytes });
    this.documents = this.root.openDB({ name: 'documents', ...asBytes });
    this.indexes = this.root.openDB({ name: 'indexes', ...asBytes });
    this.catalogue = this.root.openDB({ name: 'catalogue', ...asBytes });
    this.retries = this.root.openDB({ name: 'retries', ...asBytes });
    this.refuseCompany(folder);
  }

  /** What runs at the end of every write, inside its transaction, and what runs when a transaction could not be committed. */
  onCommit(beforeCommit: () => void, afterFailure: () => void): void {
    this.beforeCommit = beforeCommit;
    this.afterFailure = afterFailure;
  }

  /**
   * Runs `work` in a transaction, after all earlier ones. It may read and put; it sees its own puts. What it has put when it throws
   * stays: it must not throw between puts that belong together.
   *
   * @returns What `work` returned, once it is on the disk
   * @throws What `work` threw; an error that names the commit when the disk refuses it
   */
  async write<T>(work: () => T): Promise<T> {
    try {
      return await this.root.transaction(() => {
        try {
          return work();
        } finally {
          this.beforeCommit();
        }
      });
    } catch (error) {
      if (!(error instanceof Error) || !('commitError' in error)) throw error;
      this.afterFailure();
      const reason = await Promise.resolve(error.commitError).catch((why: unknown) => why);
      throw new Error(`a transaction could not be written to the disk: ${String(reason)}`, { cause: error });
    }
  }

  /** Size of the data file, in bytes. */
  fileSize(): number {
    const { lastPageNumber, pageSize } = this.root.getStats() as {
      lastPageNumber?: number;
      pageSize?: number;
    };
    return ((lastPageNumber ?? 0) + 1) * (pageSize ?? 4096);
  }

  /** Waits for the writes that are on their way. */
  async close(): Promise<void> {
    await this.root.close();
  }

  /** lmdb would share the folder with another process, but this server keeps its catalogue in memory. */
  private refuseCompany(folder: string): void {
    this.catalogue.get(Buffer.from('?'));
    this.root.readerCheck();
    const pids = this.root.readerList().matchAll(/^\s*(\d+)\s/gm);
    for (const [, pid] of pids) {
      if (Number(pid) !== process.pid) {
        throw new Error(`the folder ${folder} is in use by process ${String(pid)}`);
      }
    }
  }
}
