// update: operators, replacements, pipelines; of one document or many; with upsert.
import { int32, isDoc } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { decodeDocument } from '../documents/read.ts';
import { typeName } from '../documents/type.ts';
import { mongoError } from '../errors.ts';
import { idFilter, idOf } from '../plan/id.ts';
import { compileFilter } from '../query/filter.ts';
import { insertDocument, replaceDocument } from '../storage/documents.ts';
import { compileUpdate } from '../update/update.ts';
import { booleanField, checkFields, docField, docsField, refuseCollation, required } from './command.ts';
import { foundBy } from './found.ts';
import { stamped } from './timestamps.ts';
import { runWrites, target } from './write-errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Answer, Command } from './command.ts';

const fields = ['update', 'updates', 'ordered', 'bypassDocumentValidation', 'let'];
const statementFields = ['q', 'u', 'c', 'upsert', 'multi', 'collation', 'arrayFilters', 'hint', 'sort'];

/** One update as the client asks for it. */
export interface UpdateStatement {
  readonly query: Doc;
  readonly update: Doc | Value[];
  readonly many: boolean;
  readonly upsert: boolean;
  readonly arrayFilters?: readonly Doc[] | undefined;
  readonly constants?: Doc | undefined;
  readonly hint?: Value | undefined;
  readonly sort?: Doc | undefined;
}

/** What one update did. */
export interface Updated {
  readonly matched: number;
  readonly modified: number;
  /** `_id` of what was inserted. */
  readonly upserted?: Value;
  /** Of an update of one: before and after. */
  readonly before?: Doc;
  readonly after?: Doc;
}

/** @throws InvalidLength (16), InvalidNamespace (73) */
export function update(command: Command): Promise<Answer> {
  checkFields(command.body, 'update', fields);
  const collection = target(command);
  const raw = command.sequences.get('updates');
  const decoded =
    raw === undefined ? required(docsField(command.body, 'updates', 'update'), 'updates', 'update') : [];
  const upserted: Doc[] = [];
  let matched = 0;
  let modified = 0;
  return runWrites(
    command,
    raw?.length ?? decoded.length,
    (at) => {
      const bytes = raw?.[at];
      const doc = bytes === undefined ? decoded[at] : decodeDocument(bytes);
      if (doc === undefined) return;
      const done = applyUpdate(command, collection, statementOf(doc));
      matched += done.matched;
      modified += done.modified;
      if (done.upserted !== undefined) {
        matched++;
        upserted.push(
          new Map<string, Value>([
            ['index', int32(at)],
            ['_id', done.upserted],
          ]),
        );
      }
    },
    () => {
      const answer: Doc = new Map<string, Value>([
        ['n', int32(matched)],
        ['nModified', int32(modified)],
      ]);
      if (upserted.length > 0) answer.set('upserted', upserted);
      return answer;
    },
  );
}

function statementOf(doc: Doc): UpdateStatement {
  const where = 'update.updates';
  checkFields(doc, where, statementFields);
  refuseCollation(doc);
  const { size } = doc;
  const query = required(docField(doc, 'q', where), 'q', where);
  const update = updateOf(doc.get('u'), where);
  const upsert = doc.get('upsert') === true || booleanField(doc, 'upsert', where) === true;
  const many = booleanField(doc, 'multi', where) ?? false;
  if (size <= 4 && !doc.has('arrayFilters') && !doc.has('c') && !doc.has('hint') && !doc.has('sort')) {
    return { query, update, many, upsert };
  }
  const constants = docField(doc, 'c', where);
  if (constants !== undefined && !Array.isArray(update)) {
    throw mongoError(51198, 'Constant values may only be specified for pipeline updates');
  }
  return {
    query,
    update,
    many,
    upsert,
    arrayFilters: docsField(doc, 'arrayFilters', where),
    constants,
    hint: doc.get('hint'),
    sort: docField(doc, 'sort', where),
  };
}

/** @throws FailedToParse (9) */
export function updateOf(value: Value | undefined, where: string): Doc | Value[] {
  const given = required(value, 'u', where);
  if (isDoc(given) || Array.isArray(given)) return given;
  throw mongoError(
    'FailedToParse',
    `Update argument must be either an object or an array, not ${typeName(given)}`,
  );
}

/**
 * Does one update, inside a write.
 *
 * @throws MongoError of the filter, the update or an index
 */
export function applyUpdate(
  command: Command,
  collection: { find: () => Collection | undefined; make: () => Collection },
  statement: UpdateStatement,
): Updated {
  const { server } = command;
  const { query, many, upsert, arrayFilters, constants } = statement;
  const variables = docField(command.body, 'let', command.name);
  const environment = { now: command.now, ...(variables === undefined ? {} : { let: variables }) };
  const id = statement.hint === undefined ? idOf(query) : undefined;
  const filter = id === undefined ? compileFilter(query, environment) : idFilter(id);
  const change = compileUpdate(statement.update, filter, {
    ...environment,
    ...(arrayFilters === undefined ? {} : { arrayFilters }),
    ...(constants === undefined ? {} : { constants }),
  });
  if (many && change.kind === 'replacement') {
    throw mongoError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  const existing = collection.find();
  const found =
    existing === undefined
      ? []
      : foundBy(command, existing, { query, filter, sort: statement.sort, hint: statement.hint, many });
  if (found.length === 0 && upsert) {
    const made = change.forUpsert();
    const doc = change.kind === 'replacement' ? stamped(made, command.now) : made;
    const id = doc.get('_id') ?? null;
    insertDocument(server, collection.make(), id, encodeDocument(doc), doc);
    return { matched: 0, modified: 0, upserted: id, after: doc };
  }
  let modified = 0;
  let after: Doc | undefined;
  for (const stored of found) {
    const result = change.apply(stored.doc);
    after = change.kind === 'replacement' ? stamped(result.doc, command.now) : result.doc;
    if (!result.changed || existing === undefined) continue;
    replaceDocument(server, existing, stored, after, encodeDocument(after));
    modified++;
  }
  const before = found[0]?.doc;
  return {
    matched: found.length,
    modified,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
