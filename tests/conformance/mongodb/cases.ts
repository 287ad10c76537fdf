// Tables of cases: what documents go in, what is asked, what MongoDB's manual says must come out. A case that a stand-in is
// known to answer otherwise (known-differences.ts) is expected to fail there, so that an entry that is out of date is seen.
import { EJSON, deserialize, serialize } from 'bson';
import { MongoServerError, type Db, type Document } from 'mongodb';
import { test } from 'vitest';
import { caseDiffers } from './known-differences.ts';
import type { Server } from './servers.ts';

/** A field that is not there: leave it out of a document built from a list of values. */
export const missing = Symbol('missing');

/** Documents `{_id: 0, a: value}`, `{_id: 1, a: value}`… */
export const documentsOf = (values: readonly unknown[]): Document[] =>
  values.map((a, _id) => (a === missing ? { _id } : { _id, a }));

/** A value as text in canonical Extended JSON: types and the order of fields count. */
export const exactly = (value: unknown): string =>
  EJSON.stringify(deserialize(serialize({ value }), { promoteValues: false }), { relaxed: false });

/**
 * Registers one case for one server.
 *
 * @param group - the suite, for the list of known differences: `query`
 * @param says - the sentence that the case proves
 */
export function itHolds(server: Server, group: string, says: string, body: () => Promise<void>): void {
  const difference = caseDiffers(server.product, group, says);
  if (difference === undefined) test(says, body);
  else if (difference.varies === true) test.skip(`${says} (${server.product}: ${difference.reason})`, body);
  else test.fails(`${says} (${server.product} differs: ${difference.reason})`, body);
}

/** The code of the error that an operation ends with; 0 when it ends well. */
export async function errorCode(operation: Promise<unknown>): Promise<number> {
  try {
    await operation;
    return 0;
  } catch (error) {
    if (error instanceof MongoServerError) return Number(error.code);
    throw error;
  }
}

/** A command whose answer keeps every type: Int32, Long, Double as the server sent them. */
export async function answer(db: Db, command: Document): Promise<Document> {
  return db.command(command, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
}

/** The documents that a find or an aggregate answers, of at most 10,000. */
export async function documentsFrom(db: Db, command: Document): Promise<Document[]> {
  const { cursor } = (await answer(db, command)) as { cursor: { firstBatch: Document[] } };
  return cursor.firstBatch;
}

let collections = 0;

/** A collection of one case with its documents in it; its name is new. */
export async function collectionOf(db: Db, documents: readonly Document[]): Promise<string> {
  const name = `case_${String((collections += 1))}`;
  if (documents.length > 0) await db.collection(name).insertMany([...documents], { ignoreUndefined: false });
  return name;
}
