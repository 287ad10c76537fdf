// findAndModify: changes or deletes one document and answers with it, as it was or as it is.
import { docOf, int32 } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { compileFilter } from '../query/filter.ts';
import { compileProjection } from '../query/projection.ts';
import { removeDocument } from '../storage/documents.ts';
import { booleanField, checkFields, docField, docsField, refuseCollation } from './command.ts';
import { foundBy } from './found.ts';
import { remember } from './retries.ts';
import { applyUpdate, updateOf } from './update.ts';
import { target } from './write-errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Answer, Command } from './command.ts';

const fields = [
  'findAndModify',
  'findandmodify',
  'query',
  'sort',
  'remove',
  'update',
  'new',
  'fields',
  'upsert',
  'bypassDocumentValidation',
  'collation',
  'arrayFilters',
  'hint',
  'let',
];

/** @throws FailedToParse (9) when what is asked contradicts itself, and what filters and updates throw */
export function findAndModify(command: Command): Promise<Answer> {
  const { body, server } = command;
  const where = 'findAndModify';
  checkFields(body, where, fields);
  refuseCollation(body);
  const collection = target(command);
  const query = docField(body, 'query', where) ?? new Map<string, Value>();
  const sort = docField(body, 'sort', where);
  const hint = body.get('hint');
  const remove = booleanField(body, 'remove', where) ?? false;
  const returnNew = booleanField(body, 'new', where) ?? false;
  const upsert = booleanField(body, 'upsert', where) ?? false;
  const change = body.get('update');
  if (remove && change !== undefined)
    throw mongoError('FailedToParse', "Cannot specify both an 'update' and 'remove'=true");
  if (!remove && change === undefined) {
    throw mongoError('FailedToParse', "Either an 'update' or 'remove'=true must be specified");
  }
  if (remove && upsert)
    throw mongoError('FailedToParse', "Cannot specify both 'upsert'=true and 'remove'=true");
  if (remove && returnNew) {
    throw mongoError(
      'FailedToParse',
      "Cannot specify both 'new'=true and 'remove'=true; 'remove' always returns the deleted document",
    );
  }
  const variables = docField(body, 'let', where);
  const environment = { now: command.now, ...(variables === undefined ? {} : { let: variables }) };
  const projection = docField(body, 'fields', where);
  const filter = compileFilter(query, environment);
  const projected =
    projection === undefined || projection.size === 0
      ? undefined
      : compileProjection(projection, filter, environment);
  const show = (doc: Doc | undefined): Value => (doc === undefined ? null : (projected?.apply(doc) ?? doc));
  return server.store.write(() => {
    let answer: Doc;
    if (remove) {
      const existing = collection.find();
      const [stored] =
        existing === undefined ? [] : foundBy(command, existing, { query, filter, sort, hint, many: false });
      if (stored !== undefined && existing !== undefined) removeDocument(server, existing, stored);
      answer = docOf({
        lastErrorObject: docOf({ n: int32(stored === undefined ? 0 : 1) }),
        value: show(stored?.doc),
      });
    } else {
      const done = applyUpdate(command, collection, {
        query,
        update: updateOf(change, where),
        many: false,
        upsert,
        arrayFilters: docsField(body, 'arrayFilters', where),
        hint,
        sort,
      });
      answer = docOf({
        lastErrorObject: docOf({
          n: int32(done.matched > 0 || done.upserted !== undefined ? 1 : 0),
          updatedExisting: done.matched > 0,
          upserted: done.upserted,
        }),
        value: show(returnNew ? done.after : done.before),
      });
    }
    answer.set('ok', 1);
    remember(command, answer);
    return answer;
  });
}
