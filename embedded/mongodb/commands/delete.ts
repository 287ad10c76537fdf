// delete: of one document or of all that match.
import { decodeDocument } from '../documents/read.ts';
import { int32 } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { compileFilter } from '../query/filter.ts';
import { removeDocument } from '../storage/documents.ts';
import { checkFields, countField, docField, docsField, refuseCollation, required } from './command.ts';
import { foundBy } from './found.ts';
import { runWrites, target } from './write-errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Answer, Command } from './command.ts';

const fields = ['delete', 'deletes', 'ordered', 'let'];
const statementFields = ['q', 'limit', 'collation', 'hint'];

/** @throws InvalidLength (16), InvalidNamespace (73) */
export function deleteCommand(command: Command): Promise<Answer> {
  checkFields(command.body, 'delete', fields);
  const collection = target(command);
  const raw = command.sequences.get('deletes');
  const statements =
    raw?.map((bytes) => decodeDocument(bytes)) ??
    required(docsField(command.body, 'deletes', 'delete'), 'deletes', 'delete');
  let n = 0;
  return runWrites(
    command,
    statements.length,
    (at) => {
      const doc = statements[at];
      if (doc === undefined) return;
      const where = 'delete.deletes';
      checkFields(doc, where, statementFields);
      refuseCollation(doc);
      const limit = required(countField(doc, 'limit', where), 'limit', where);
      if (limit > 1) {
        throw mongoError(
          'FailedToParse',
          `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`,
        );
      }
      const query = required(docField(doc, 'q', where), 'q', where);
      n += applyDelete(command, collection.find(), { query, hint: doc.get('hint'), many: limit === 0 });
    },
    () => new Map([['n', int32(n)]]),
  );
}

/**
 * Does one delete, inside a write.
 *
 * @returns How many documents went
 */
export function applyDelete(
  command: Command,
  collection: Collection | undefined,
  { query, hint, many }: { readonly query: Doc; readonly hint?: Value | undefined; readonly many: boolean },
): number {
  const variables = docField(command.body, 'let', command.name);
  const filter = compileFilter(query, {
    now: command.now,
    ...(variables === undefined ? {} : { let: variables }),
  });
  if (collection === undefined) return 0;
  const found = foundBy(command, collection, { query, filter, hint, many });
  for (const stored of found) removeDocument(command.server, collection, stored);
  return found.length;
}
