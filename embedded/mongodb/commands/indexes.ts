// Indexes: made, listed, dropped. Served: on one field or several, ascending or descending, unique, sparse, TTL. Everything else that
// MongoDB has is refused.
import { docOf, int32, isDoc, isNumeric, toNumber } from '../documents/value.ts';
import { show } from '../documents/show.ts';
import { MongoError, mongoError } from '../errors.ts';
import { pieces } from '../storage/scan.ts';
import { prefixOf } from '../storage/keys.ts';
import { indexDocument } from '../storage/documents.ts';
import { checkNamespace, idKey, patternOf } from '../storage/catalogue.ts';
import { sameKey } from '../plan/plan.ts';
import {
  booleanField,
  checkFields,
  collectionName,
  countField,
  docField,
  docsField,
  required,
  stringField,
} from './command.ts';
import { FIRST_BATCH, Results } from './cursors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection, Index } from '../storage/catalogue.ts';
import type { Answer, Command, Handler, Server } from './command.ts';

/** MongoDB Limits: Number of Indexes per Collection; Number of Indexed Fields in a Compound Index. */
const MOST_INDEXES = 64;
const MOST_FIELDS = 32;
/** About 68 years, the most that `expireAfterSeconds` may be. */
const LONGEST_EXPIRY = 2_147_483_647;

/** An index as it is asked for. */
interface Wanted {
  readonly name: string;
  readonly key: Doc;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly expireAfterSeconds: number | undefined;
}

const known = [
  'key',
  'name',
  'unique',
  'sparse',
  'expireAfterSeconds',
  'background',
  'v',
  'ns',
  'hidden',
  'collation',
  'partialFilterExpression',
];

/** @throws CannotCreateIndex (67), NotImplemented (238), BadValue (2), InvalidIndexSpecificationOption (197) */
function parseIndex(spec: Doc): Wanted {
  const where = 'createIndexes.indexes';
  const key = required(docField(spec, 'key', where), 'key', where);
  const name = stringField(spec, 'name', where);
  if (name === undefined) {
    throw mongoError(
      'FailedToParse',
      `Error in specification ${show(spec)} :: caused by :: The 'name' field is a required property of an index specification`,
    );
  }
  checkKey(key);
  for (const option of spec.keys()) {
    if (!known.includes(option)) {
      if (
        [
          'weights',
          'default_language',
          'wildcardProjection',
          'min',
          'max',
          '2dsphereIndexVersion',
          'textIndexVersion',
        ].includes(option)
      ) {
        throw mongoError('NotImplemented', `the index option ${option} is not served`);
      }
      throw mongoError(
        'InvalidIndexSpecificationOption',
        `Error in specification { key: ${show(key)}, name: "${name}" } :: caused by :: The field '${option}' is not valid for an index specification. Specification: ${show(spec)}`,
      );
    }
  }
  for (const option of ['hidden', 'partialFilterExpression']) {
    const value = spec.get(option);
    if (value !== undefined && value !== false)
      throw mongoError('NotImplemented', `indexes with ${option} are not served`);
  }
  const collation = docField(spec, 'collation', where);
  if (collation !== undefined && collation.get('locale') !== 'simple') {
    throw mongoError(
      'NotImplemented',
      'indexes with a collation are not served: strings compare by their UTF-8 bytes',
    );
  }
  if (name === '' || name === '*') throw mongoError('BadValue', `The index name '${name}' is not valid`);
  const expireAfterSeconds = countField(spec, 'expireAfterSeconds', where);
  if (expireAfterSeconds !== undefined) {
    if (key.size !== 1 || key.has('_id')) {
      throw mongoError(
        'CannotCreateIndex',
        'TTL indexes are single-field indexes, compound indexes do not support TTL',
      );
    }
    if (expireAfterSeconds > LONGEST_EXPIRY)
      throw mongoError('InvalidOptions', 'TTL index expireAfterSeconds is too large');
  }
  return {
    name,
    key,
    unique: booleanField(spec, 'unique', where) ?? false,
    sparse: booleanField(spec, 'sparse', where) ?? false,
    expireAfterSeconds,
  };
}

function checkKey(key: Doc): void {
  if (key.size === 0) throw mongoError('CannotCreateIndex', 'Index keys cannot be an empty object');
  if (key.size > MOST_FIELDS)
    throw mongoError(13103, `too many compound keys: at most ${String(MOST_FIELDS)}`);
  for (const [path, order] of key) {
    if (typeof order === 'string') {
      if (['text', 'hashed', '2d', '2dsphere', 'wildcard'].includes(order)) {
        throw mongoError('NotImplemented', `${order} indexes are not served`);
      }
      throw mongoError('CannotCreateIndex', `Unknown index plugin '${order}'`);
    }
    if (!isNumeric(order) || toNumber(order) === 0 || Number.isNaN(toNumber(order))) {
      throw mongoError(
        'CannotCreateIndex',
        `Values in v:2 index key pattern cannot be of type ${isNumeric(order) ? '0' : show(order)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
      );
    }
    if (path === '') throw mongoError('CannotCreateIndex', 'Index keys cannot be an empty field');
    if (path.split('.').includes(''))
      throw mongoError('CannotCreateIndex', 'Index keys cannot contain an empty field');
    if (path === '$**' || path.endsWith('.$**'))
      throw mongoError('NotImplemented', 'wildcard indexes are not served');
    if (path.split('.').some((part) => part.startsWith('$') && !['$id', '$db', '$ref'].includes(part))) {
      throw mongoError(
        'CannotCreateIndex',
        "Index key contains an illegal field name: field name starts with '$'.",
      );
    }
  }
}

function described({ key, name, unique, sparse }: Wanted): string {
  return `{ v: 2, key: ${show(key)}, name: "${name}"${unique ? ', unique: true' : ''}${sparse ? ', sparse: true' : ''} }`;
}

/** Whether the index is there already. @throws IndexOptionsConflict (85), IndexKeySpecsConflict (86) */
function exists(collection: Collection, wanted: Wanted): boolean {
  if (sameKey(wanted.key, idKey)) {
    if (wanted.sparse)
      throw mongoError(
        'InvalidIndexSpecificationOption',
        "The field 'sparse' is not valid for an _id index specification.",
      );
    return true;
  }
  if (wanted.name === '_id_') {
    throw mongoError(
      'BadValue',
      `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found key: ${show(wanted.key)}`,
    );
  }
  const requested = `Requested index: ${described(wanted)}, existing index: `;
  for (const index of collection.indexes) {
    // `unique` and `sparse` belong to what makes an index another (MongoDB 5.0 and later); the time of a TTL index does not.
    const same =
      sameKey(index.key, wanted.key) && index.unique === wanted.unique && index.sparse === wanted.sparse;
    const equal = same && index.expireAfterSeconds === wanted.expireAfterSeconds;
    if (equal && index.name === wanted.name) return true;
    if (same) {
      throw mongoError(
        'IndexOptionsConflict',
        equal
          ? `Index already exists with a different name: ${index.name}`
          : `An equivalent index already exists with the same name but different options. ${requested}${described(index)}`,
      );
    }
    if (index.name === wanted.name) {
      throw mongoError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${requested}${described(index)}`,
      );
    }
  }
  return false;
}

async function createIndexes(command: Command): Promise<Answer> {
  const { body, server, database } = command;
  checkFields(body, 'createIndexes', [
    'createIndexes',
    'indexes',
    'commitQuorum',
    'ignoreUnknownIndexOptions',
  ]);
  const name = collectionName(command);
  checkNamespace(database, name);
  const wanted = required(docsField(body, 'indexes', 'createIndexes'), 'indexes', 'createIndexes').map(
    parseIndex,
  );
  if (wanted.length === 0) throw mongoError('BadValue', 'Must specify at least one index to create');
  return server.store.write(() => {
    const old = server.catalogue.find(database, name);
    const collection = old ?? server.catalogue.create(database, name);
    const before = collection.indexes.length + 1;
    const made: Index[] = [];
    try {
      for (const each of wanted) {
        if (exists(collection, each)) continue;
        if (collection.indexes.length + 2 > MOST_INDEXES) {
          throw mongoError(
            'CannotCreateIndex',
            `add index fails, too many indexes for ${database}.${name} key:${show(each.key)}`,
          );
        }
        const index = newIndex(server, each);
        made.push(index);
        build(server, collection, index);
        collection.indexes = [...collection.indexes, index];
      }
    } catch (error) {
      for (const index of made) server.catalogue.dropIndex(collection, index);
      server.garbage.start();
      throw error;
    }
    server.catalogue.redefined(collection);
    return docOf({
      numIndexesBefore: int32(before),
      numIndexesAfter: int32(collection.indexes.length + 1),
      createdCollectionAutomatically: old === undefined,
      note: made.length === 0 ? 'all indexes already exist' : undefined,
    });
  });
}

function newIndex(server: Server, wanted: Wanted): Index {
  return {
    id: server.catalogue.nextId(),
    name: wanted.name,
    key: wanted.key,
    pattern: patternOf(wanted.key),
    unique: wanted.unique,
    sparse: wanted.sparse,
    expireAfterSeconds: wanted.expireAfterSeconds,
    multikey: false,
    shortened: false,
  };
}

function build(server: Server, collection: Collection, index: Index): void {
  const all = { start: prefixOf(collection.id), end: prefixOf(collection.id + 1) };
  for (const piece of pieces(server.store.documents, [all], false, 1000)) {
    for (const { key, value } of piece) indexDocument(server, collection, index, key, value);
  }
}

/** @throws NamespaceNotFound (26) */
export function existing(command: Command, name: string): Collection {
  const collection = command.server.catalogue.find(command.database, name);
  if (collection === undefined)
    throw mongoError('NamespaceNotFound', `ns does not exist: ${command.database}.${name}`);
  return collection;
}

/** An index as listIndexes shows it. */
export function describeIndex(index: Index): Doc {
  return docOf({
    v: int32(2),
    key: index.key,
    name: index.name,
    unique: index.unique ? true : undefined,
    sparse: index.sparse ? true : undefined,
    expireAfterSeconds: index.expireAfterSeconds === undefined ? undefined : int32(index.expireAfterSeconds),
  });
}

function listIndexes(command: Command): Answer {
  const { body, server, database } = command;
  checkFields(body, 'listIndexes', ['listIndexes', 'cursor']);
  const name = collectionName(command);
  const collection = existing(command, name);
  const cursor = docField(body, 'cursor', 'listIndexes');
  const batchSize = cursor === undefined ? undefined : countField(cursor, 'batchSize', 'listIndexes.cursor');
  const entries = [
    docOf({ v: int32(2), key: idKey, name: '_id_' }),
    ...collection.indexes.map(describeIndex),
  ];
  return server.cursors.first(`${database}.${name}`, new Results(entries), {
    batchSize: batchSize ?? FIRST_BATCH,
    deadline: Infinity,
  });
}

async function dropIndexes(command: Command): Promise<Answer> {
  const { body, server } = command;
  checkFields(body, 'dropIndexes', ['dropIndexes', 'deleteIndexes', 'index']);
  const name = collectionName(command);
  const wanted = required(body.get('index'), 'index', 'dropIndexes');
  const answer = await server.store.write(() => {
    const collection = existing(command, name);
    const nIndexesWas = int32(collection.indexes.length + 1);
    for (const index of chosen(collection, wanted)) server.catalogue.dropIndex(collection, index);
    return docOf({ nIndexesWas, msg: wanted === '*' ? 'non-_id indexes dropped for collection' : undefined });
  });
  server.garbage.start();
  return answer;
}

/** @throws IndexNotFound (27), InvalidOptions (72), AmbiguousIndexKeyPattern (181) */
function chosen(collection: Collection, wanted: Value): readonly Index[] {
  if (wanted === '*') return collection.indexes;
  if (Array.isArray(wanted)) return wanted.flatMap((each) => chosen(collection, each));
  if (wanted === '_id_' || (isDoc(wanted) && sameKey(wanted, idKey)))
    throw mongoError('InvalidOptions', 'cannot drop _id index');
  const found = collection.indexes.filter(({ name, key }) =>
    isDoc(wanted) ? sameKey(wanted, key) : name === wanted,
  );
  if (found.length > 1) {
    throw new MongoError(
      181,
      `${String(found.length)} indexes found for key: ${show(wanted)}, identify by name instead.`,
    );
  }
  if (found.length === 1) return found;
  throw isDoc(wanted)
    ? mongoError('IndexNotFound', `can't find index with key: ${show(wanted)}`)
    : mongoError(
        'IndexNotFound',
        `index not found with name [${typeof wanted === 'string' ? wanted : show(wanted)}]`,
      );
}

async function collMod(command: Command): Promise<Answer> {
  const { body, server } = command;
  checkFields(body, 'collMod', ['collMod', 'index']);
  const name = collectionName(command);
  const change = docField(body, 'index', 'collMod');
  return server.store.write(() => {
    const collection = existing(command, name);
    if (change === undefined) return new Map();
    const key = docField(change, 'keyPattern', 'collMod.index');
    const [index] = chosen(collection, key ?? required(change.get('name'), 'name', 'collMod.index'));
    const seconds = countField(change, 'expireAfterSeconds', 'collMod.index');
    if (index === undefined || seconds === undefined)
      throw new MongoError(72, 'collMod: only expireAfterSeconds of an index can be changed');
    const old = index.expireAfterSeconds;
    collection.indexes = collection.indexes.map((each) =>
      each === index ? { ...index, expireAfterSeconds: seconds } : each,
    );
    server.catalogue.redefined(collection);
    return docOf({
      expireAfterSeconds_old: old === undefined ? undefined : BigInt(old),
      expireAfterSeconds_new: BigInt(seconds),
    });
  });
}

export const indexCommands: Readonly<Record<string, Handler>> = {
  createIndexes,
  listIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
  collMod,
};
