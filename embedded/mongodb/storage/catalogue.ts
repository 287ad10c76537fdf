// The collections and their indexes, held in memory and written in the same transactions as the documents that they describe. Records:
//   "c" id   definition of a collection (BSON)      "n" id   its count of documents and their bytes (two doubles)
//   "i"      the last id given out                  "g" id   data of a dropped collection or index, still to be deleted
// What changes in memory during a write is noted and put by `flush` before that transaction ends.
import { decodeDocument } from '../documents/read.ts';
import { Binary, docOf, int32, isDoc } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { mongoError } from '../errors.ts';
import { randomUUID } from 'node:crypto';
import type { IndexPattern } from '../documents/index-keys.ts';
import type { Doc } from '../documents/value.ts';
import type { Store } from './store.ts';

export interface Index {
  readonly id: number;
  readonly name: string;
  /** As the client gave it. */
  readonly key: Doc;
  readonly pattern: IndexPattern;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly expireAfterSeconds: number | undefined;
  /** Set for good by the first document with an array in one of the fields. */
  multikey: boolean;
  /** Set for good by the first key that was too long: order and bounds are then not exact. */
  shortened: boolean;
}

export interface Collection {
  readonly id: number;
  database: string;
  name: string;
  readonly uuid: Binary;
  /** Without the one on `_id`, which is the tree of documents. */
  indexes: Index[];
  count: number;
  /** Of the documents, in bytes. */
  size: number;
  /** Set for good by the first `_id` whose key was too long. */
  shortened: boolean;
}

const DEFINITION = 'c'.charCodeAt(0);
const COUNTS = 'n'.charCodeAt(0);
const GARBAGE = 'g'.charCodeAt(0);
const LAST_ID = Buffer.from('i');

function recordKey(kind: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key[0] = kind;
  key.writeUInt32BE(id, 1);
  return key;
}

export class Catalogue {
  private databases = new Map<string, Map<string, Collection>>();
  private lastId = 0;
  private readonly changed = new Set<Collection>();
  private readonly counted = new Set<Collection>();
  /** Ids whose data is to be deleted. */
  readonly garbage = new Set<number>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    this.load();
  }

  /** Reads everything anew: at the start, and after a transaction that could not be committed. */
  load(): void {
    this.databases = new Map();
    this.changed.clear();
    this.counted.clear();
    this.garbage.clear();
    this.lastId = this.store.catalogue.get(LAST_ID)?.readUInt32BE(0) ?? 0;
    for (const { key, value } of this.store.catalogue.getRange({
      start: Buffer.from([0]),
      end: Buffer.from([255]),
    })) {
      if (key[0] === GARBAGE) this.garbage.add(key.readUInt32BE(1));
      if (key[0] !== DEFINITION) continue;
      const collection = parseDefinition(key.readUInt32BE(1), decodeDocument(value));
      const counts = this.store.catalogue.get(recordKey(COUNTS, collection.id));
      collection.count = counts?.readDoubleLE(0) ?? 0;
      collection.size = counts?.readDoubleLE(8) ?? 0;
      this.place(collection);
    }
  }

  private place(collection: Collection): void {
    let collections = this.databases.get(collection.database);
    if (collections === undefined)
      this.databases.set(collection.database, (collections = new Map<string, Collection>()));
    collections.set(collection.name, collection);
  }

  find(database: string, name: string): Collection | undefined {
    return this.databases.get(database)?.get(name);
  }

  databaseNames(): string[] {
    return [...this.databases.keys()].sort();
  }

  /** By name. */
  collections(database: string): Collection[] {
    return [...(this.databases.get(database)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  all(): Collection[] {
    return [...this.databases.values()].flatMap((collections) => [...collections.values()]);
  }

  /** In a write. @throws NamespaceExists (48), InvalidNamespace (73) */
  create(database: string, name: string): Collection {
    checkNamespace(database, name);
    if (this.find(database, name) !== undefined) {
      throw mongoError('NamespaceExists', `Collection ${database}.${name} already exists.`);
    }
    for (const known of this.databases.keys()) {
      if (known !== database && known.toLowerCase() === database.toLowerCase()) {
        throw mongoError(
          13297,
          `db already exists with different case already have: [${known}] trying to create [${database}]`,
        );
      }
    }
    const uuid = new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
    const collection: Collection = {
      id: this.nextId(),
      database,
      name,
      uuid,
      indexes: [],
      count: 0,
      size: 0,
      shortened: false,
    };
    this.place(collection);
    this.changed.add(collection);
    this.counted.add(collection);
    return collection;
  }

  /** In a write. */
  nextId(): number {
    this.lastId++;
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(this.lastId, 0);
    void this.store.catalogue.put(LAST_ID, bytes);
    return this.lastId;
  }

  /** In a write: the collection is gone at once, its data by and by (garbage.ts). */
  drop(collection: Collection): void {
    this.remove(collection);
    void this.store.catalogue.remove(recordKey(DEFINITION, collection.id));
    void this.store.catalogue.remove(recordKey(COUNTS, collection.id));
    for (const { id } of [collection, ...collection.indexes]) this.discard(id);
  }

  /** In a write. */
  dropIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter((each) => each !== index);
    this.changed.add(collection);
    this.discard(index.id);
  }

  private discard(id: number): void {
    this.garbage.add(id);
    void this.store.catalogue.put(recordKey(GARBAGE, id), Buffer.from([1]));
  }

  /** In a write: nothing of the id is left. */
  discarded(id: number): void {
    this.garbage.delete(id);
    void this.store.catalogue.remove(recordKey(GARBAGE, id));
  }

  private remove(collection: Collection): void {
    const collections = this.databases.get(collection.database);
    collections?.delete(collection.name);
    if (collections?.size === 0) this.databases.delete(collection.database);
    this.changed.delete(collection);
    this.counted.delete(collection);
  }

  /** In a write. @throws InvalidNamespace (73) */
  rename(collection: Collection, database: string, name: string): void {
    checkNamespace(database, name);
    this.remove(collection);
    collection.database = database;
    collection.name = name;
    this.place(collection);
    this.changed.add(collection);
  }

  /** In a write: the definition differs from what is stored. */
  redefined(collection: Collection): void {
    this.changed.add(collection);
  }

  /** In a write: documents came or went. */
  recount(collection: Collection, documents: number, bytes: number): void {
    collection.count += documents;
    collection.size += bytes;
    this.counted.add(collection);
  }

  /** Puts what has changed; runs at the end of every write. */
  flush(): void {
    for (const collection of this.changed) {
      void this.store.catalogue.put(
        recordKey(DEFINITION, collection.id),
        encodeDocument(definitionOf(collection)),
      );
    }
    for (const { id, count, size } of this.counted) {
      const counts = Buffer.allocUnsafe(16);
      counts.writeDoubleLE(count, 0);
      counts.writeDoubleLE(size, 8);
      void this.store.catalogue.put(recordKey(COUNTS, id), counts);
    }
    this.changed.clear();
    this.counted.clear();
  }
}

function definitionOf(collection: Collection): Doc {
  return docOf({
    database: collection.database,
    name: collection.name,
    uuid: collection.uuid,
    shortened: collection.shortened,
    indexes: collection.indexes.map((index) =>
      docOf({
        id: index.id,
        name: index.name,
        key: index.key,
        unique: index.unique,
        sparse: index.sparse,
        expireAfterSeconds: index.expireAfterSeconds,
        multikey: index.multikey,
        shortened: index.shortened,
      }),
    ),
  });
}

function parseDefinition(id: number, doc: Doc): Collection {
  const indexes = doc.get('indexes');
  return {
    id,
    database: text(doc, 'database'),
    name: text(doc, 'name'),
    uuid: doc.get('uuid') as Binary,
    shortened: doc.get('shortened') === true,
    indexes: Array.isArray(indexes) ? indexes.filter(isDoc).map(parseIndex) : [],
    count: 0,
    size: 0,
  };
}

function text(doc: Doc, name: string): string {
  const value = doc.get(name);
  if (typeof value !== 'string') throw new Error(`a definition in the catalogue has no ${name}`);
  return value;
}

function parseIndex(doc: Doc): Index {
  const key = doc.get('key') as Doc;
  const expire = doc.get('expireAfterSeconds');
  return {
    id: Number(doc.get('id')),
    name: text(doc, 'name'),
    key,
    pattern: patternOf(key),
    unique: doc.get('unique') === true,
    sparse: doc.get('sparse') === true,
    expireAfterSeconds: typeof expire === 'number' ? expire : undefined,
    multikey: doc.get('multikey') === true,
    shortened: doc.get('shortened') === true,
  };
}

/** The fields of an index and their directions, from a specification that has been checked. */
export function patternOf(key: Doc): IndexPattern {
  return Array.from(key, ([path, direction]) => [path, Number(direction) < 0 ? -1 : 1]);
}

/** The definition of the index on `_id`, which every collection has. */
export const idKey: Doc = docOf({ _id: int32(1) });

/** Longest name of a database (MongoDB Limits: Naming Restrictions), in bytes. */
const LONGEST_DATABASE = 63;
/** Longest `database.collection`, in bytes. */
const LONGEST_NAMESPACE = 255;

/** @throws InvalidNamespace (73) */
export function checkDatabase(database: string): void {
  const fits = database !== '' && Buffer.byteLength(database) <= LONGEST_DATABASE;
  if (!fits || /[/\\. "$*<>:|?\0]/.test(database)) {
    throw mongoError('InvalidNamespace', `Invalid database name: '${database}'`);
  }
}

/** @throws InvalidNamespace (73) */
export function checkNamespace(database: string, name: string): void {
  checkDatabase(database);
  const namespace = `${database}.${name}`;
  if (name === '') throw mongoError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  if (
    name.includes('$') ||
    name.includes('\0') ||
    name.startsWith('.') ||
    Buffer.byteLength(namespace) > LONGEST_NAMESPACE
  ) {
    throw mongoError('InvalidNamespace', `Invalid collection name: ${name}`);
  }
  if (name.startsWith('system.'))
    throw mongoError('InvalidNamespace', `Invalid system namespace: ${namespace}`);
}
