// TTL indexes: once a minute, documents whose date is older than their index allows are deleted (manual: "Expire Data from Collections by
// Setting TTL").
import { compileFilter } from '../query/filter.ts';
import { find } from '../plan/execute.ts';
import { planFilter } from '../plan/plan.ts';
import { decodeDocument } from '../documents/read.ts';
import { docOf } from '../documents/value.ts';
import { removeDocument } from '../storage/documents.ts';
import type { Storage, Stored } from '../storage/documents.ts';
import type { Collection, Index } from '../storage/catalogue.ts';

/** Between one look and the next, in milliseconds (ttlMonitorSleepSecs). */
const INTERVAL = 60_000;
/** Documents deleted in one transaction. */
const PIECE = 1000;

export class Expiry {
  private readonly storage: Storage;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.working ??= this.run(new Date())
        // The disk refused; the next minute tries again.
        .catch(() => undefined)
        .finally(() => {
          this.working = undefined;
        });
    }, INTERVAL).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Deletes what has expired by an instant. */
  async run(now: Date): Promise<void> {
    for (const collection of this.storage.catalogue.all()) {
      for (const index of collection.indexes) {
        if (index.expireAfterSeconds === undefined) continue;
        const before = new Date(now.getTime() - index.expireAfterSeconds * 1000);
        while ((await this.deletePiece(collection, index, before)) === PIECE);
      }
    }
  }

  private deletePiece(collection: Collection, index: Index, before: Date): Promise<number> {
    const { storage } = this;
    return storage.store.write(() => {
      const known = storage.catalogue.find(collection.database, collection.name);
      const [[path] = ['']] = index.pattern;
      if (known !== collection || !collection.indexes.includes(index)) return 0;
      const filter = compileFilter(new Map([[path, docOf({ $lt: before })]]));
      const expired: Stored[] = [];
      for (const { key, bytes, doc } of find(planFilter(collection, filter, { hint: index.name }), {
        store: storage.store,
        limit: { deadline: Infinity },
      })) {
        expired.push({ key, bytes, doc: doc ?? decodeDocument(bytes) });
        if (expired.length === PIECE) break;
      }
      for (const stored of expired) removeDocument(storage, collection, stored);
      return expired.length;
    });
  }
}
