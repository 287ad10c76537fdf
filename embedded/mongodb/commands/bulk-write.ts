// bulkWrite (MongoDB 8.0): inserts, updates and deletes of several collections in one command, answered by a cursor of results.
import { decodeDocument } from '../documents/read.ts';
import { docOf, int32, isNumeric, toNumber } from '../documents/value.ts';
import { MongoError, mongoError } from '../errors.ts';
import { checkNamespace } from '../storage/catalogue.ts';
import {
  booleanField,
  checkDeadline,
  checkFields,
  docField,
  docsField,
  required,
  stringField,
} from './command.ts';
import { FIRST_BATCH, Results } from './cursors.ts';
import { applyDelete } from './delete.ts';
import { insertWithId } from './insert.ts';
import { stamped } from './timestamps.ts';
import { applyUpdate, updateOf } from './update.ts';
import { checkBatch, targetOf, writeError } from './write-errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Answer, Command } from './command.ts';

const fields = [
  'bulkWrite',
  'ops',
  'nsInfo',
  'ordered',
  'bypassDocumentValidation',
  'errorsOnly',
  'let',
  'cursor',
];

type Totals = Record<'nErrors' | 'nInserted' | 'nMatched' | 'nModified' | 'nUpserted' | 'nDeleted', number>;

function documentsOf(command: Command, name: string): Doc[] {
  return (
    command.sequences.get(name)?.map((bytes) => decodeDocument(bytes)) ??
    required(docsField(command.body, name, 'bulkWrite'), name, 'bulkWrite')
  );
}

/** @throws InvalidLength (16), InvalidNamespace (73), BadValue (2) */
export async function bulkWrite(command: Command): Promise<Answer> {
  const { body, server } = command;
  checkFields(body, 'bulkWrite', fields);
  const operations = documentsOf(command, 'ops');
  const namespaces = documentsOf(command, 'nsInfo').map((info) => {
    const namespace = required(stringField(info, 'ns', 'nsInfo'), 'ns', 'nsInfo');
    const dot = namespace.indexOf('.');
    const database = namespace.slice(0, Math.max(0, dot));
    checkNamespace(database, namespace.slice(dot + 1));
    return targetOf(server, database, namespace.slice(dot + 1));
  });
  const ordered = booleanField(body, 'ordered', 'bulkWrite') ?? true;
  const errorsOnly = booleanField(body, 'errorsOnly', 'bulkWrite') ?? false;
  checkBatch(operations.length);
  const totals: Totals = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
  const entries: Doc[] = [];
  await server.store.write(() => {
    for (const [at, operation] of operations.entries()) {
      try {
        checkDeadline(command.deadline);
        const entry = apply(command, namespaces, operation, totals);
        if (!errorsOnly) entries.push(new Map([['ok', 1], ['idx', int32(at)], ...entry]));
      } catch (error) {
        if (!(error instanceof MongoError)) throw error;
        totals.nErrors++;
        const fields = writeError(at, error);
        fields.delete('index');
        entries.push(new Map<string, Value>([['ok', 0], ['idx', int32(at)], ...fields, ['n', int32(0)]]));
        if (ordered) break;
      }
    }
  });
  const cursor = server.cursors.first('admin.$cmd.bulkWrite', new Results(entries), {
    batchSize: Math.max(FIRST_BATCH, entries.length),
    deadline: Infinity,
  });
  return (writer) => {
    cursor(writer);
    for (const [name, count] of Object.entries(totals)) writer.element(name, int32(count));
  };
}

function apply(
  command: Command,
  namespaces: readonly ReturnType<typeof targetOf>[],
  operation: Doc,
  totals: Totals,
): [string, Value][] {
  const [kind = ''] = operation.keys();
  const at = operation.get(kind);
  const target = namespaces[at !== undefined && isNumeric(at) ? toNumber(at) : -1];
  if (target === undefined)
    throw mongoError('BadValue', `BulkWrite ops entry ${kind} has an invalid nsInfo index.`);
  if (kind === 'insert') {
    const doc = required(docField(operation, 'document', kind), 'document', kind);
    insertWithId(command, target.make(), stamped(doc, command.now));
    totals.nInserted++;
    return [['n', int32(1)]];
  }
  const query = required(docField(operation, 'filter', kind), 'filter', kind);
  const many = booleanField(operation, 'multi', kind) ?? false;
  if (kind === 'delete') {
    const n = applyDelete(command, target.find(), { query, many, hint: operation.get('hint') });
    totals.nDeleted += n;
    return [['n', int32(n)]];
  }
  if (kind !== 'update') throw mongoError('BadValue', `Unrecognized bulkWrite operation ${kind}`);
  const done = applyUpdate(command, target, {
    query,
    update: updateOf(operation.get('updateMods'), kind),
    many,
    upsert: booleanField(operation, 'upsert', kind) ?? false,
    arrayFilters: docsField(operation, 'arrayFilters', kind),
    constants: docField(operation, 'constants', kind),
    hint: operation.get('hint'),
    sort: docField(operation, 'sort', kind),
  });
  totals.nMatched += done.matched;
  totals.nModified += done.modified;
  if (done.upserted === undefined)
    return [
      ['n', int32(done.matched)],
      ['nModified', int32(done.modified)],
    ];
  totals.nUpserted++;
  return [
    ['n', int32(1)],
    ['nModified', int32(0)],
    ['upserted', docOf({ _id: done.upserted })],
  ];
}
