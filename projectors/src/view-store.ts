// The documents of one generation: read many, write many, each write a compare-and-set on the revision that was read.
// A write is two commands at most, for documents that are new and for those that are there. When one of them finds another
// revision than expected, nothing is undone: the caller reads again and folds again, and what was written is skipped by `_pos`.
import { acknowledged } from '@comptoir/views';
import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import type { Change, StoredDocument } from './fold.ts';

/** What the engine needs of a collection. */
export interface ViewStore {
  /** Reads documents by id; one that does not exist is absent. */
  load(ids: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>>;
  /**
   * Writes documents.
   * @returns whether each replaced the revision that it should; if not, read again and fold again
   */
  write(changes: readonly Change[]): Promise<boolean>;
}

const duplicateKey = 11_000;

interface WriteOutcome {
  /** Documents matched or inserted. */
  readonly n: number;
  readonly writeErrors?: readonly Refusal[];
  /** Written, but not acknowledged by a majority: a new primary may not have it. */
  readonly writeConcernError?: Refusal;
}

interface Refusal {
  readonly code: number;
  readonly errmsg?: string;
}

/**
 * An equality on `_id` and `_rev` is how every write finds its document. MongoDB answers it from the index on `_id`; servers that
 * use an index only for exactly its own fields need this one, and the write path would otherwise read the whole collection.
 */
export const revisionIndex: IndexDescription = { name: 'revision', key: { _id: 1, _rev: 1 }, unique: true };

/** The documents of a collection. */
export function createViewStore(db: Db, name: string): ViewStore {
  const collection: Collection<StoredDocument> = db.collection(name);

  /** Sends a write command; the driver's own bulk API takes twice the time for the same. */
  async function send(
    command: Document,
    what: string,
  ): Promise<{ readonly n: number; readonly conflict: boolean }> {
    const answer: Document = await db.command({ ...command, ordered: false, writeConcern: acknowledged });
    const { n, writeErrors = [], writeConcernError } = answer as WriteOutcome;
    const broken = writeErrors.find(({ code }) => code !== duplicateKey) ?? writeConcernError;
    if (broken !== undefined) {
      throw new Error(
        `MongoDB refused to ${what} ${name}: ${broken.errmsg ?? `code ${String(broken.code)}`}`,
      );
    }
    return { n, conflict: writeErrors.length > 0 };
  }

  async function insert(changes: readonly Change[]): Promise<boolean> {
    if (changes.length === 0) return true;
    const documents = changes.map(({ document }) => document);
    const { conflict } = await send({ insert: name, documents }, 'insert into');
    return !conflict;
  }

  async function replace(changes: readonly Change[]): Promise<boolean> {
    if (changes.length === 0) return true;
    const updates = changes.map(({ replaces, document }) => ({
      q: { _id: document._id, _rev: replaces },
      u: document,
    }));
    const { n, conflict } = await send({ update: name, updates }, 'update');
    return !conflict && n === changes.length;
  }

  return {
    async load(ids) {
      const found = await collection.find({ _id: { $in: [...ids] } }).toArray();
      return new Map(found.map((document) => [document._id, document]));
    },
    async write(changes) {
      const outcomes = await Promise.all([
        insert(changes.filter(({ replaces }) => replaces === 0)),
        replace(changes.filter(({ replaces }) => replaces > 0)),
      ]);
      return outcomes.every(Boolean);
    },
  };
}
