// What a command is made of: the request, the server that it asks, and the answer. Fields are read through `Arguments`, which knows
// MongoDB's errors for wrong types and for fields that a command does not have.
import { isDoc, isNumeric, toNumber } from '../documents/value.ts';
import { typeName } from '../documents/type.ts';
import { mongoError } from '../errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { BsonWriter } from '../documents/write.ts';
import type { Connection } from '../wire/connection.ts';
import type { Cursors } from './cursors.ts';
import type { Storage } from '../storage/documents.ts';
import type { GarbageCollector } from '../storage/garbage.ts';

/** What commands work on. */
export interface Server extends Storage {
  readonly cursors: Cursors;
  readonly garbage: GarbageCollector;
  readonly started: Date;
  readonly folder: string;
  readonly host: string;
  /** Commands answered, by kind, for serverStatus. */
  readonly counters: Record<'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command', number>;
  readonly connections: () => { current: number; created: number };
}

export interface Command {
  readonly name: string;
  readonly database: string;
  readonly body: Doc;
  /** Sequences of documents that came beside the body, as bytes. */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  readonly connection: Connection;
  readonly server: Server;
  /** When `maxTimeMS` is over, in milliseconds of `performance.now()`; infinite without. */
  readonly deadline: number;
  readonly now: Date;
}

/** The fields of an answer, without `ok`: a document, or what writes them. */
export type Answer = Doc | ((writer: BsonWriter) => void);

export type Handler = (command: Command) => Answer | Promise<Answer>;

/** Fields that every command may have (manual: "Database Commands"; those that drivers add). */
const generic = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  '$audit',
  '$client',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'maxTimeMSOpOnly',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'stmtId',
  'stmtIds',
  'mayBypassWriteBlocking',
]);

/** @throws Location40415 on a field that the command does not have */
export function checkFields(doc: Doc, where: string, known: readonly string[]): void {
  for (const name of doc.keys()) {
    if (!known.includes(name) && !generic.has(name)) {
      throw mongoError(40415, `BSON field '${where}.${name}' is an unknown field.`);
    }
  }
}

function wrongType(where: string, name: string, value: Value, expected: string): Error {
  return mongoError(
    'TypeMismatch',
    `BSON field '${where}.${name}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );
}

/** A field, by its type; null counts as missing. @throws TypeMismatch (14) */
export function docField(doc: Doc, name: string, where: string): Doc | undefined {
  const value = doc.get(name);
  if (value === undefined || value === null) return undefined;
  if (!isDoc(value)) throw wrongType(where, name, value, 'object');
  return value;
}

/** @throws TypeMismatch (14) */
export function stringField(doc: Doc, name: string, where: string): string | undefined {
  const value = doc.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(where, name, value, 'string');
  return value;
}

/** A number counts as true unless it is zero. @throws TypeMismatch (14) */
export function booleanField(doc: Doc, name: string, where: string): boolean | undefined {
  const value = doc.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (!isNumeric(value)) throw wrongType(where, name, value, 'bool');
  return toNumber(value) !== 0;
}

/** A number, cut to an integer, that must not be negative. @throws TypeMismatch (14), Location51024 */
export function countField(doc: Doc, name: string, where: string): number | undefined {
  const value = doc.get(name);
  if (value === undefined || value === null) return undefined;
  if (!isNumeric(value)) {
    throw mongoError(
      'TypeMismatch',
      `BSON field '${where}.${name}' is the wrong type '${typeName(value)}', expected types '[long, int, decimal, double]'`,
    );
  }
  const number = Math.trunc(toNumber(value));
  if (number < 0) {
    throw mongoError(51024, `BSON field '${name}' value must be >= 0, actual value '${String(number)}'`);
  }
  return number;
}

/** @throws TypeMismatch (14) */
export function docsField(doc: Doc, name: string, where: string): Doc[] | undefined {
  const value = doc.get(name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongType(where, name, value, 'array');
  return value.map((element, at) => {
    if (!isDoc(element)) throw wrongType(where, `${name}.${String(at)}`, element, 'object');
    return element;
  });
}

/** @throws Location40414 when the field is missing, else what the reader of its type throws */
export function required<T>(value: T | undefined, name: string, where: string): T {
  if (value === undefined) {
    throw mongoError(40414, `BSON field '${where}.${name}' is missing but a required field`);
  }
  return value;
}

/** The collection that a command names as its first value. @throws InvalidNamespace (73) */
export function collectionName(command: Command): string {
  const name = command.body.get(command.name);
  if (typeof name !== 'string') {
    throw mongoError(
      'InvalidNamespace',
      `collection name has invalid type ${name === undefined ? 'missing' : typeName(name)}`,
    );
  }
  if (name === '' || name.includes('\0')) {
    throw mongoError('InvalidNamespace', `Invalid namespace specified '${command.database}.${name}'`);
  }
  return name;
}

/** Only the comparison of bytes is served. @throws NotImplemented (238) */
export function refuseCollation(doc: Doc): void {
  const collation = doc.get('collation');
  if (!isDoc(collation) || collation.size === 0 || collation.get('locale') === 'simple') return;
  throw mongoError('NotImplemented', 'collations are not served: strings compare by their UTF-8 bytes');
}

/** What a sound write concern asks: whether the client waits. @throws BadValue (2), as a standalone server does */
export function checkWriteConcern(body: Doc): void {
  const concern = body.get('writeConcern');
  if (!isDoc(concern)) return;
  const w = concern.get('w');
  if (w !== undefined && isNumeric(w) && toNumber(w) > 1) {
    throw mongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  }
  if (typeof w === 'string' && w !== 'majority') {
    throw mongoError('BadValue', "cannot use non-majority 'w' mode " + w + ' when a host is not replicated');
  }
}

/** @throws MaxTimeMSExpired (50) */
export function checkDeadline(deadline: number): void {
  if (performance.now() > deadline) throw mongoError('MaxTimeMSExpired', 'operation exceeded time limit');
}
