// insert. Documents that come as a sequence are checked and stored as the bytes that they are, unless `_id` has to be made or moved to
// the front.
import { checkDocument, decodeDocument, readField } from '../documents/read.ts';
import { bsonType } from '../documents/type.ts';
import { int32, ObjectId } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { mongoError } from '../errors.ts';
import { insertDocument } from '../storage/documents.ts';
import { checkFields, docsField, required } from './command.ts';
import { stamped } from './timestamps.ts';
import { runWrites, target } from './write-errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Answer, Command } from './command.ts';

const fields = ['insert', 'documents', 'ordered', 'bypassDocumentValidation'];

/** @throws InvalidLength (16), InvalidNamespace (73) */
export function insert(command: Command): Promise<Answer> {
  checkFields(command.body, 'insert', fields);
  const collection = target(command);
  const raw = command.sequences.get('documents');
  const decoded =
    raw === undefined ? required(docsField(command.body, 'documents', 'insert'), 'documents', 'insert') : [];
  let n = 0;
  return runWrites(
    command,
    raw?.length ?? decoded.length,
    (at) => {
      const bytes = raw?.[at];
      if (bytes !== undefined) insertBytes(command, collection.make, bytes);
      else {
        const doc = decoded[at];
        if (doc !== undefined) insertDecoded(command, collection.make, doc);
      }
      n++;
    },
    () => new Map([['n', int32(n)]]),
  );
}

/** The bytes of `_id` as the first name of a document: after its size and the type of the element. */
const ID_NAME = Buffer.from('_id\0');

const TIMESTAMP = bsonType.timestamp;

function insertBytes(command: Command, collection: () => Collection, bytes: Buffer): void {
  const idFirst = bytes.compare(ID_NAME, 0, ID_NAME.length, 5, 5 + ID_NAME.length) === 0;
  // The byte may mean anything else as well; then the longer way is taken for nothing.
  if (!idFirst || bytes.includes(TIMESTAMP)) {
    insertDecoded(command, collection, decodeDocument(bytes));
    return;
  }
  checkDocument(bytes);
  const id = readField(bytes, '_id');
  if (id === undefined) throw mongoError('InvalidBSON', 'a document whose _id cannot be read');
  insertDocument(command.server, collection(), id, bytes);
}

function insertDecoded(command: Command, collection: () => Collection, given: Doc): void {
  const doc = stamped(given, command.now);
  insertWithId(command, collection(), doc);
}

/**
 * Inserts a document with `_id` in front, made when there is none. Inside a write.
 *
 * @throws what `insertDocument` throws
 */
export function insertWithId(command: Command, collection: Collection, doc: Doc): void {
  // An `_id` of null is one.
  const given = doc.get('_id');
  const id = given === undefined ? new ObjectId() : given;
  const [first] = doc.keys();
  const stored = first === '_id' ? doc : withIdFirst(doc, id);
  insertDocument(command.server, collection, id, encodeDocument(stored), stored);
}

function withIdFirst(doc: Doc, id: Value): Doc {
  const moved: Doc = new Map([['_id', id]]);
  for (const [name, value] of doc) if (name !== '_id') moved.set(name, value);
  return moved;
}
