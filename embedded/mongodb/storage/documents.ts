// Documents of a collection, kept together with their index entries. Everything is checked before the first put, so a write that is
// refused leaves nothing behind. All of this runs inside `Store.write`.
import { equalValues } from '../documents/compare.ts';
import { indexKeys } from '../documents/index-keys.ts';
import { checkId } from '../documents/id.ts';
import { keyOf } from '../documents/key.ts';
import { decodeDocument } from '../documents/read.ts';
import { mongoError } from '../errors.ts';
import { idKey } from './catalogue.ts';
import { DuplicateKeyError } from './duplicate.ts';
import { isLong, prefixed } from './keys.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Catalogue, Collection, Index } from './catalogue.ts';
import type { Store } from './store.ts';

export interface Storage {
  readonly store: Store;
  readonly catalogue: Catalogue;
}

/** Largest document, in bytes (MongoDB Limits: BSON Document Size). */
const LARGEST_DOCUMENT = 16 * 1024 * 1024;

/** What is to happen in one index. */
interface IndexChange {
  readonly add: { readonly key: Buffer; readonly values: readonly Value[] }[];
  readonly remove: Buffer[];
  readonly multikey: boolean;
  readonly shortened: boolean;
}

function entriesOf(index: Index, doc: Doc, documentKey: Buffer): IndexChange {
  const { keys, values, multikey, allMissing } = indexKeys(doc, index.pattern);
  if (index.sparse && allMissing) return { add: [], remove: [], multikey: false, shortened: false };
  const suffix = index.unique ? undefined : documentKey;
  return {
    add: keys.map((key, at) => ({ key: prefixed(index.id, key, suffix), values: values[at] ?? [] })),
    remove: [],
    multikey,
    shortened: keys.some(isLong),
  };
}

/** @throws DuplicateKey (11000) */
function checkUnique(
  storage: Storage,
  collection: Collection,
  index: Index,
  change: IndexChange,
  documentKey: Buffer,
): void {
  if (!index.unique) return;
  for (const { key, values } of change.add) {
    const owner = storage.store.indexes.get(key);
    if (owner !== undefined && !owner.equals(documentKey)) {
      throw new DuplicateKeyError(collection, index.name, index.key, values);
    }
  }
}

function putEntries(
  storage: Storage,
  collection: Collection,
  index: Index,
  change: IndexChange,
  documentKey: Buffer,
): void {
  for (const key of change.remove) void storage.store.indexes.remove(key);
  for (const { key } of change.add) void storage.store.indexes.put(key, documentKey);
  if ((change.multikey && !index.multikey) || (change.shortened && !index.shortened)) {
    index.multikey ||= change.multikey;
    index.shortened ||= change.shortened;
    storage.catalogue.redefined(collection);
  }
}

/**
 * Stores a new document.
 *
 * @param bytes with `_id` first
 * @throws DuplicateKey (11000), InvalidIdField (53), CannotIndexParallelArrays (171), BSONObjectTooLarge (10334)
 */
export function insertDocument(
  storage: Storage,
  collection: Collection,
  id: Value,
  bytes: Buffer,
  decoded?: Doc,
): void {
  checkId(id);
  if (bytes.length > LARGEST_DOCUMENT) throw tooLarge(bytes.length);
  const idBytes = keyOf([id]);
  const key = prefixed(collection.id, idBytes);
  if (storage.store.documents.doesExist(key)) throw new DuplicateKeyError(collection, '_id_', idKey, [id]);
  if (collection.indexes.length > 0) {
    const doc = decoded ?? decodeDocument(bytes);
    const changes = collection.indexes.map((index) => {
      const change = entriesOf(index, doc, key);
      checkUnique(storage, collection, index, change, key);
      return { index, change };
    });
    for (const { index, change } of changes) putEntries(storage, collection, index, change, key);
  }
  void storage.store.documents.put(key, bytes);
  if (!collection.shortened && isLong(idBytes)) {
    collection.shortened = true;
    storage.catalogue.redefined(collection);
  }
  storage.catalogue.recount(collection, 1, bytes.length);
}

/** A stored document that is to change. */
export interface Stored {
  readonly key: Buffer;
  readonly bytes: Buffer;
  readonly doc: Doc;
}

/**
 * Puts another version of a document, with the same `_id`.
 *
 * @throws DuplicateKey (11000), CannotIndexParallelArrays (171), BSONObjectTooLarge (10334)
 */
export function replaceDocument(
  storage: Storage,
  collection: Collection,
  old: Stored,
  doc: Doc,
  bytes: Buffer,
): void {
  if (bytes.length > LARGEST_DOCUMENT) throw tooLarge(bytes.length);
  const changes: { index: Index; change: IndexChange }[] = [];
  for (const index of collection.indexes) {
    if (untouched(index, old.doc, doc)) continue;
    const before = entriesOf(index, old.doc, old.key);
    const after = entriesOf(index, doc, old.key);
    const change: IndexChange = {
      ...after,
      add: after.add.filter(({ key }) => !before.add.some((entry) => entry.key.equals(key))),
      remove: before.add
        .filter(({ key }) => !after.add.some((entry) => entry.key.equals(key)))
        .map(({ key }) => key),
    };
    checkUnique(storage, collection, index, change, old.key);
    changes.push({ index, change });
  }
  for (const { index, change } of changes) putEntries(storage, collection, index, change, old.key);
  void storage.store.documents.put(old.key, bytes);
  storage.catalogue.recount(collection, 0, bytes.length - old.bytes.length);
}

/** Whether the fields of an index are equal in two versions, and so their keys: equal values have equal keys. */
function untouched(index: Index, before: Doc, after: Doc): boolean {
  return index.pattern.every(([path]) => {
    const dot = path.indexOf('.');
    const root = dot < 0 ? path : path.slice(0, dot);
    const old = before.get(root);
    const now = after.get(root);
    return old === now || (old !== undefined && now !== undefined && equalValues(old, now));
  });
}

/** Takes a document out. */
export function removeDocument(storage: Storage, collection: Collection, old: Stored): void {
  for (const index of collection.indexes) {
    for (const { key } of entriesOf(index, old.doc, old.key).add) void storage.store.indexes.remove(key);
  }
  void storage.store.documents.remove(old.key);
  storage.catalogue.recount(collection, -1, -old.bytes.length);
}

/**
 * Adds the entries of documents to an index that is being made.
 *
 * @throws DuplicateKey (11000), CannotIndexParallelArrays (171); what was put stays, under an id that nothing refers to yet
 */
export function indexDocument(
  storage: Storage,
  collection: Collection,
  index: Index,
  key: Buffer,
  bytes: Buffer,
): void {
  const change = entriesOf(index, decodeDocument(bytes), key);
  checkUnique(storage, collection, index, change, key);
  for (const entry of change.add) void storage.store.indexes.put(entry.key, key);
  index.multikey ||= change.multikey;
  index.shortened ||= change.shortened;
}

function tooLarge(size: number): Error {
  return mongoError(
    'BSONObjectTooLarge',
    `BSONObj size: ${String(size)} is invalid. Size must be between 0 and ${String(LARGEST_DOCUMENT)} bytes`,
  );
}
