// Databases and collections: listed, made, dropped, renamed.
import { compileFilter } from '../query/filter.ts';
import { docOf, int32 } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { checkDatabase, checkNamespace, idKey } from '../storage/catalogue.ts';
import { booleanField, checkFields, collectionName, docField, required, stringField } from './command.ts';
import { FIRST_BATCH, Results } from './cursors.ts';
import { countField } from './command.ts';
import type { Doc } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Answer, Command, Handler } from './command.ts';

function listDatabases(command: Command): Answer {
  const { body, server } = command;
  const where = 'listDatabases';
  checkFields(body, where, ['listDatabases', 'filter', 'nameOnly', 'authorizedDatabases']);
  const filter = docField(body, 'filter', where);
  const nameOnly = booleanField(body, 'nameOnly', where) ?? false;
  const matches = filter === undefined ? () => true : compileFilter(filter).matches;
  const entries = server.catalogue
    .databaseNames()
    .map((name) => {
      const size = server.catalogue.collections(name).reduce((sum, collection) => sum + collection.size, 0);
      return docOf({ name, sizeOnDisk: BigInt(Math.max(size, 4096)), empty: false });
    })
    .filter(matches);
  if (nameOnly) return docOf({ databases: entries.map((entry) => docOf({ name: entry.get('name') })) });
  const total = entries.reduce((sum, entry) => sum + Number(entry.get('sizeOnDisk')), 0);
  return docOf({
    databases: entries,
    totalSize: BigInt(total),
    totalSizeMb: BigInt(Math.floor(total / 1024 / 1024)),
  });
}

function listCollections(command: Command): Answer {
  const { body, server, database } = command;
  const where = 'listCollections';
  checkFields(body, where, ['listCollections', 'filter', 'nameOnly', 'authorizedCollections', 'cursor']);
  const filter = docField(body, 'filter', where);
  const nameOnly = booleanField(body, 'nameOnly', where) ?? false;
  const matches = filter === undefined ? () => true : compileFilter(filter).matches;
  const entries = server.catalogue
    .collections(database)
    .map((collection) => describe(collection))
    .filter(matches)
    .map((entry) => (nameOnly ? docOf({ name: entry.get('name'), type: 'collection' }) : entry));
  const cursor = docField(body, 'cursor', where);
  const batchSize = cursor === undefined ? undefined : countField(cursor, 'batchSize', `${where}.cursor`);
  return server.cursors.first(`${database}.$cmd.listCollections`, new Results(entries), {
    batchSize: batchSize ?? FIRST_BATCH,
    deadline: Infinity,
  });
}

function describe(collection: Collection): Doc {
  return docOf({
    name: collection.name,
    type: 'collection',
    options: docOf({}),
    info: docOf({ readOnly: false, uuid: collection.uuid }),
    idIndex: docOf({ v: int32(2), key: idKey, name: '_id_' }),
  });
}

/** Options of create that would change what a collection does. */
const refused = [
  'capped',
  'viewOn',
  'pipeline',
  'timeseries',
  'clusteredIndex',
  'validator',
  'collation',
  'changeStreamPreAndPostImages',
  'encryptedFields',
  'expireAfterSeconds',
];
const ignored = [
  'create',
  'size',
  'max',
  'storageEngine',
  'indexOptionDefaults',
  'validationLevel',
  'validationAction',
  'idIndex',
  'autoIndexId',
  'flags',
];

async function create(command: Command): Promise<Answer> {
  const { body, server, database } = command;
  checkFields(body, 'create', [...ignored, ...refused]);
  for (const option of refused) {
    const value = body.get(option);
    if (
      value === undefined ||
      value === null ||
      value === false ||
      (value instanceof Map && value.size === 0)
    )
      continue;
    if (option === 'collation' && value instanceof Map && value.get('locale') === 'simple') continue;
    throw mongoError('NotImplemented', `collections with ${option} are not served`);
  }
  const name = collectionName(command);
  await server.store.write(() => server.catalogue.create(database, name));
  return new Map();
}

async function drop(command: Command): Promise<Answer> {
  const { server, database } = command;
  const name = collectionName(command);
  checkNamespace(database, name);
  const answer = await server.store.write(() => {
    const collection = server.catalogue.find(database, name);
    if (collection === undefined) return new Map();
    const nIndexesWas = int32(collection.indexes.length + 1);
    server.catalogue.drop(collection);
    server.cursors.killOf(`${database}.${name}`);
    return docOf({ nIndexesWas, ns: `${database}.${name}` });
  });
  server.garbage.start();
  return answer;
}

async function dropDatabase(command: Command): Promise<Answer> {
  const { server, database } = command;
  checkDatabase(database);
  const answer = await server.store.write(() => {
    const collections = server.catalogue.collections(database);
    for (const collection of collections) server.catalogue.drop(collection);
    server.cursors.killOf(`${database}.`);
    return collections.length === 0 ? new Map() : docOf({ dropped: database });
  });
  server.garbage.start();
  return answer;
}

/** `database.collection`, cut at the first dot. */
function splitNamespace(namespace: string): [database: string, collection: string] {
  const dot = namespace.indexOf('.');
  if (dot < 1) throw mongoError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  return [namespace.slice(0, dot), namespace.slice(dot + 1)];
}

async function renameCollection(command: Command): Promise<Answer> {
  const { body, server } = command;
  const where = 'renameCollection';
  checkFields(body, where, [where, 'to', 'dropTarget', 'stayTemp']);
  const from = required(stringField(body, where, where), where, where);
  const to = required(stringField(body, 'to', where), 'to', where);
  const dropTarget = booleanField(body, 'dropTarget', where) ?? false;
  const [database, name] = splitNamespace(from);
  const [toDatabase, toName] = splitNamespace(to);
  checkNamespace(toDatabase, toName);
  await server.store.write(() => {
    const collection = server.catalogue.find(database, name);
    if (collection === undefined)
      throw mongoError('NamespaceNotFound', `Source collection ${from} does not exist`);
    if (from === to) throw mongoError('IllegalOperation', "Can't rename a collection to itself");
    const existing = server.catalogue.find(toDatabase, toName);
    if (existing !== undefined) {
      if (!dropTarget) throw mongoError('NamespaceExists', 'target namespace exists');
      server.catalogue.drop(existing);
    }
    server.catalogue.rename(collection, toDatabase, toName);
    server.cursors.killOf(from);
    server.cursors.killOf(to);
  });
  server.garbage.start();
  return new Map();
}

export const collectionCommands: Readonly<Record<string, Handler>> = {
  listDatabases,
  listCollections,
  create,
  drop,
  dropDatabase,
  renameCollection,
};
