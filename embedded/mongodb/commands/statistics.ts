// collStats, dbStats, validate, dataSize: sizes from the catalogue; what lmdb does not tell by collection is estimated by those.
import { docOf, int32 } from '../documents/value.ts';
import { checkNamespace } from '../storage/catalogue.ts';
import { countKeys, pieces } from '../storage/scan.ts';
import { prefixOf } from '../storage/keys.ts';
import { checkDocument } from '../documents/read.ts';
import { collectionName, countField } from './command.ts';
import { existing } from './indexes.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Answer, Command, Handler, Server } from './command.ts';

/** What a key of an index takes, roughly, in bytes. */
const PER_KEY = 40;

function range(id: number): { start: Buffer; end: Buffer } {
  return { start: prefixOf(id), end: prefixOf(id + 1) };
}

/** Statistics of a collection, as collStats and $collStats give them; sizes divided by `scale`. */
export function statisticsOf(server: Server, collection: Collection | undefined, scale: number): Doc {
  const count = collection?.count ?? 0;
  const size = collection?.size ?? 0;
  const indexSizes: [string, Value][] = [
    ['_id_', int32(Math.floor((count * PER_KEY) / scale))],
    ...(collection?.indexes ?? []).map(({ id, name }): [string, Value] => [
      name,
      int32(Math.floor((countKeys(server.store.indexes, [range(id)]) * PER_KEY) / scale)),
    ]),
  ];
  const total = indexSizes.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return docOf({
    size: int32(Math.floor(size / scale)),
    count: int32(count),
    avgObjSize: count === 0 ? undefined : int32(Math.floor(size / count)),
    numOrphanDocs: int32(0),
    storageSize: int32(Math.floor(size / scale)),
    freeStorageSize: int32(0),
    capped: false,
    nindexes: int32((collection?.indexes.length ?? 0) + 1),
    indexDetails: docOf({}),
    indexBuilds: [],
    totalIndexSize: int32(total),
    indexSizes: new Map(indexSizes),
    totalSize: int32(Math.floor(size / scale) + total),
    scaleFactor: int32(scale),
  });
}

function collStats(command: Command): Answer {
  const name = collectionName(command);
  checkNamespace(command.database, name);
  const scale = Math.max(1, countField(command.body, 'scale', 'collStats') ?? 1);
  const collection = command.server.catalogue.find(command.database, name);
  return new Map<string, Value>([
    ['ns', `${command.database}.${name}`],
    ...statisticsOf(command.server, collection, scale),
  ]);
}

function dbStats(command: Command): Answer {
  const { server, database, body } = command;
  const scale = Math.max(1, countField(body, 'scale', 'dbStats') ?? 1);
  const collections = server.catalogue.collections(database);
  const objects = collections.reduce((sum, { count }) => sum + count, 0);
  const size = collections.reduce((sum, collection) => sum + collection.size, 0);
  const keys = collections.reduce((sum, { count, indexes }) => sum + count * (indexes.length + 1), 0);
  return docOf({
    db: database,
    collections: BigInt(collections.length),
    views: 0n,
    objects: BigInt(objects),
    avgObjSize: objects === 0 ? 0 : size / objects,
    dataSize: size / scale,
    storageSize: size / scale,
    indexes: BigInt(collections.reduce((sum, { indexes }) => sum + indexes.length + 1, 0)),
    indexSize: (keys * PER_KEY) / scale,
    totalSize: (size + keys * PER_KEY) / scale,
    scaleFactor: int32(scale),
    fsUsedSize: server.store.fileSize() / scale,
    fsTotalSize: server.store.fileSize() / scale,
  });
}

/** Reads every document and counts every key. */
function validate(command: Command): Answer {
  const { server } = command;
  const name = collectionName(command);
  const collection = existing(command, name);
  const errors: Value[] = [];
  let documents = 0;
  let bytes = 0;
  for (const piece of pieces(server.store.documents, [range(collection.id)], false, 1000)) {
    for (const { value } of piece) {
      documents++;
      bytes += value.length;
      checkDocument(value);
    }
  }
  if (documents !== collection.count)
    errors.push(`the catalogue counts ${String(collection.count)} documents`);
  if (bytes !== collection.size) errors.push(`the catalogue counts ${String(collection.size)} bytes`);
  const keysPerIndex: [string, Value][] = [
    ['_id_', int32(documents)],
    ...collection.indexes.map(({ id, name: index }): [string, Value] => [
      index,
      int32(countKeys(server.store.indexes, [range(id)])),
    ]),
  ];
  return docOf({
    ns: `${command.database}.${name}`,
    nInvalidDocuments: int32(0),
    nrecords: int32(documents),
    nIndexes: int32(collection.indexes.length + 1),
    keysPerIndex: new Map(keysPerIndex),
    valid: errors.length === 0,
    warnings: [],
    errors,
  });
}

export const statisticsCommands: Readonly<Record<string, Handler>> = {
  collStats,
  collstats: collStats,
  dbStats,
  dbstats: dbStats,
  validate,
};
