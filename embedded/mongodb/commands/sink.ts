// $out and $merge: the results of a pipeline become documents of a collection.
import { compileFilter } from '../query/filter.ts';
import { compileExpression, scopeOf } from '../aggregation/expression.ts';
import { compileUpdate } from '../update/update.ts';
import { ObjectId } from '../documents/value.ts';
import { valuesAt } from '../documents/path.ts';
import { encodeDocument } from '../documents/write.ts';
import { mongoError } from '../errors.ts';
import { replaceDocument } from '../storage/documents.ts';
import { checkNamespace } from '../storage/catalogue.ts';
import { foundBy } from './found.ts';
import { insertWithId } from './insert.ts';
import { environmentOf } from './find.ts';
import { targetOf } from './write-errors.ts';
import type { Sink } from '../aggregation/pipeline.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Command } from './command.ts';

/** @throws what the insertion of a document throws; $out leaves its collection as it was then, $merge what it has written so far */
export async function writeResults(command: Command, sink: Sink, docs: readonly Doc[]): Promise<void> {
  const { server } = command;
  checkNamespace(sink.database, sink.collection);
  await server.store.write(() => {
    if (sink.stage === '$out') replaceCollection(command, sink, docs);
    else for (const doc of docs) merge(command, sink, doc);
  });
  server.garbage.start();
}

function replaceCollection(command: Command, sink: Sink, docs: readonly Doc[]): void {
  const { server } = command;
  const { catalogue } = server;
  const old = catalogue.find(sink.database, sink.collection);
  const made = catalogue.create(sink.database, `tmp.agg_out.${new ObjectId().toHexString()}`);
  try {
    made.indexes = (old?.indexes ?? []).map((index) => ({
      ...index,
      id: catalogue.nextId(),
      multikey: false,
      shortened: false,
    }));
    for (const doc of docs) insertWithId(command, made, doc);
  } catch (error) {
    catalogue.drop(made);
    throw error;
  }
  if (old !== undefined) catalogue.drop(old);
  server.cursors.killOf(`${sink.database}.${sink.collection}`);
  catalogue.rename(made, sink.database, sink.collection);
}

function merge(command: Command, sink: Sink, doc: Doc): void {
  const { server } = command;
  const { database, collection: name, on, whenMatched, whenNotMatched } = sink;
  const target = targetOf(server, database, name);
  const existing = target.find();
  if (existing !== undefined) checkKeys(existing, on);
  const query: Doc = new Map();
  for (const path of on) {
    const [value] = valuesAt(doc, path);
    if (value === undefined && path !== '_id') {
      throw mongoError(
        51132,
        `$merge write error: 'on' field cannot be missing, null, undefined or an array: ${path}`,
      );
    }
    query.set(path, value === undefined ? new ObjectId() : value);
  }
  const environment = environmentOf(command);
  const filter = compileFilter(query, environment);
  const [stored] = existing === undefined ? [] : foundBy(command, existing, { query, filter, many: false });
  if (stored === undefined || existing === undefined) {
    if (whenNotMatched === 'discard') return;
    if (whenNotMatched === 'fail') {
      throw mongoError(
        13113,
        '$merge could not find a matching document in the target collection for at least one document in the source collection',
      );
    }
    insertWithId(command, target.make(), doc);
    return;
  }
  if (whenMatched === 'keepExisting') return;
  if (whenMatched === 'fail')
    throw mongoError('DuplicateKey', 'E11000 duplicate key error: $merge with whenMatched: fail');
  const change = compileUpdate(updateOf(whenMatched, doc), filter, {
    ...environment,
    ...(typeof whenMatched === 'string' ? {} : { constants: variablesOf(sink.let, doc) }),
  });
  const result = change.apply(stored.doc);
  if (result.changed) replaceDocument(server, existing, stored, result.doc, encodeDocument(result.doc));
}

function updateOf(whenMatched: Sink['whenMatched'], doc: Doc): Doc | Value[] {
  if (typeof whenMatched !== 'string') return [...whenMatched];
  return whenMatched === 'replace' ? doc : new Map<string, Value>([['$set', withoutId(doc)]]);
}

/** @throws Location51183 when no unique index makes them tell documents apart */
function checkKeys(collection: Collection, on: readonly string[]): void {
  if (on.length === 1 && on[0] === '_id') return;
  const found = collection.indexes.some(
    ({ unique, pattern }) =>
      unique && pattern.length === on.length && pattern.every(([path]) => on.includes(path)),
  );
  if (!found) throw mongoError(51183, 'Cannot find index to verify that join fields will be unique');
}

/** `$$new` and the variables of `let`, which are expressions of the new document. */
function variablesOf(given: Doc, doc: Doc): Doc {
  const variables: Doc = new Map([['new', doc]]);
  const scope = scopeOf({});
  for (const [name, expression] of given)
    variables.set(name, compileExpression(expression, scope)(doc) ?? null);
  return variables;
}

function withoutId(doc: Doc): Doc {
  const rest = new Map(doc);
  rest.delete('_id');
  return rest;
}
