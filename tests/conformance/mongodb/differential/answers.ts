// What a server answered, in a form that can be compared: canonical Extended JSON of what counts, or the code of the error.
import { EJSON } from 'bson';
import {
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  type Db,
  type Document,
} from 'mongodb';
import { show } from './notation.ts';
import { on, type Operation } from './operations.ts';

/** In place of a code: the server closed the connection instead of an answer. */
export const dropped = -2;

/** An answer: what came out as text, or the code of the error. */
export interface Answer {
  readonly text: string;
  readonly error?: number;
  readonly message?: string;
}

/** The notation tells all types apart, so that equal texts are equal values. */
const text = show;

interface WriteReply {
  readonly n?: unknown;
  readonly nModified?: unknown;
  readonly upserted?: readonly { readonly _id: unknown }[];
  readonly writeErrors?: readonly { readonly code: unknown; readonly errmsg: string }[];
}

/** Field order of a document that is an answer's frame does not count; that of documents does. */
function whatCounts({ command, ordered }: Operation, reply: Document): Answer {
  const [kind] = Object.keys(command);
  if (kind === 'find' || kind === 'aggregate') {
    const { firstBatch } = reply.cursor as { firstBatch: Document[] };
    const lines = firstBatch.map(text);
    return { text: `[${(ordered ? lines : lines.sort()).join(', ')}]` };
  }
  // Which of several equal numbers is named is not decided: types are left out.
  if (kind === 'distinct') {
    const values = (reply.values as unknown[]).map((value) => EJSON.stringify(value, { relaxed: true }));
    return { text: `[${values.sort().join(', ')}]` };
  }
  if (kind === 'findAndModify') return { text: text(reply.value ?? null) };
  if (kind === 'createIndexes') return { text: 'made' };
  const { n, nModified, upserted = [], writeErrors = [] } = reply as WriteReply;
  const [failed] = writeErrors;
  if (failed !== undefined) return { text: '', error: Number(failed.code), message: failed.errmsg };
  const changed = nModified === undefined ? '' : `, modified ${String(Number(nModified))}`;
  return { text: `n ${String(Number(n))}${changed}, upserted ${text(upserted.map(({ _id }) => _id))}` };
}

const promoted = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/** The server closed the connection, or does not answer any more. */
const isGone = (error: unknown): error is Error =>
  error instanceof MongoNetworkError || error instanceof MongoServerSelectionError;

/** Runs an operation on a collection of a server. */
export async function ask(db: Db, collection: string, operation: Operation): Promise<Answer> {
  try {
    return whatCounts(operation, await db.command(on(collection, operation), promoted));
  } catch (error) {
    if (isGone(error)) return { text: '', error: dropped, message: error.message };
    if (!(error instanceof MongoServerError)) throw error;
    return { text: '', error: Number(error.code ?? -1), message: error.message };
  }
}

/**
 * Makes a collection hold exactly these documents; its indexes stay.
 *
 * @returns whether the server could store them all
 */
export async function restore(db: Db, collection: string, documents: readonly Document[]): Promise<boolean> {
  try {
    await db.command({ delete: collection, deletes: [{ q: {}, limit: 0 }] });
    if (documents.length === 0) return true;
    const { writeErrors } = await db.command({ insert: collection, documents: [...documents] });
    return writeErrors === undefined;
  } catch (error) {
    if (error instanceof MongoServerError || isGone(error)) return false;
    throw error;
  }
}

/** The documents of a collection in the order of their `_id`; `undefined` when the server cannot say. */
export async function contents(db: Db, collection: string): Promise<Document[] | undefined> {
  try {
    const command = { find: collection, sort: { _id: 1 }, batchSize: 10_000 };
    const reply = await db.command(command, promoted);
    return (reply.cursor as { firstBatch: Document[] }).firstBatch;
  } catch (error) {
    if (error instanceof MongoServerError || isGone(error)) return undefined;
    throw error;
  }
}
