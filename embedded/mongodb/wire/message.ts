// The messages of MongoDB's wire protocol (manual: "MongoDB Wire Protocol"): OP_MSG both ways, and the OP_QUERY with which older drivers
// say hello, answered by OP_REPLY. Compressed messages are not served: hello offers no compressor.
import { decodeDocument, documentSize } from '../documents/read.ts';
import { BsonWriter } from '../documents/write.ts';
import { isDoc } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { crc32c } from './crc32c.ts';
import { HEADER } from './frames.ts';
import type { Doc } from '../documents/value.ts';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Bits that a receiver must understand; the others may be ignored. */
const REQUIRED_BITS = 0xffff;

/** A command as it came. */
export interface Request {
  readonly id: number;
  readonly body: Doc;
  /** Document sequences (sections of kind 1), each document as its bytes. */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  readonly database: string;
  /** Whether the client does not wait for an answer. */
  readonly moreToCome: boolean;
  /** Whether it came as OP_QUERY and is answered by OP_REPLY. */
  readonly legacy: boolean;
}

/** A message that is not well formed; the connection is closed. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

const noSequences: ReadonlyMap<string, readonly Buffer[]> = new Map();

/**
 * Reads a whole message.
 *
 * @throws MalformedMessage when it breaks the protocol; MongoError when a document in it is not BSON
 */
export function parseRequest(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const operation = message.readInt32LE(12);
  if (operation === OP_MSG) return parseMessage(message, id);
  if (operation === OP_QUERY) return parseQuery(message, id);
  throw new MalformedMessage(`operation ${String(operation)} is not served`);
}

function parseMessage(message: Buffer, id: number): Request {
  if (message.length < HEADER + 4 + 1 + 5) throw new MalformedMessage('an OP_MSG without a body');
  const flags = message.readUInt32LE(HEADER);
  if (flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) {
    throw new MalformedMessage(`unknown required flags of OP_MSG: ${String(flags)}`);
  }
  let end = message.length;
  if (flags & CHECKSUM_PRESENT) {
    end -= 4;
    if (message.readUInt32LE(end) !== crc32c(message.subarray(0, end)))
      throw new MalformedMessage('wrong checksum');
  }
  let body: Doc | undefined;
  let sequences: Map<string, readonly Buffer[]> | undefined;
  let at = HEADER + 4;
  while (at < end) {
    const kind = message[at++];
    if (kind === 0) {
      if (body !== undefined) throw new MalformedMessage('an OP_MSG with two bodies');
      const size = documentSize(message, at);
      if (at + size > end) throw new MalformedMessage('a body past its message');
      body = decodeDocument(message.subarray(at, at + size));
      at += size;
    } else if (kind === 1) {
      const sequence = parseSequence(message, at, end);
      sequences ??= new Map();
      if (sequences.has(sequence.name)) throw new MalformedMessage(`two sequences ${sequence.name}`);
      sequences.set(sequence.name, sequence.documents);
      at = sequence.end;
    } else throw new MalformedMessage(`section of kind ${String(kind)}`);
  }
  if (body === undefined) throw new MalformedMessage('an OP_MSG without a body');
  for (const name of sequences?.keys() ?? []) {
    if (body.has(name)) throw new MalformedMessage(`${name} in the body and as a sequence`);
  }
  const database = body.get('$db');
  if (typeof database !== 'string') throw mongoError(40571, 'OP_MSG requests require a $db argument');
  const moreToCome = (flags & MORE_TO_COME) !== 0;
  return { id, body, sequences: sequences ?? noSequences, database, moreToCome, legacy: false };
}

interface Sequence {
  readonly name: string;
  readonly documents: readonly Buffer[];
  readonly end: number;
}

function parseSequence(message: Buffer, at: number, limit: number): Sequence {
  if (limit - at < 5) throw new MalformedMessage('a sequence without its size');
  const size = message.readInt32LE(at);
  const end = at + size;
  if (size < 5 || end > limit) throw new MalformedMessage(`a sequence of ${String(size)} bytes`);
  const zero = message.indexOf(0, at + 4);
  if (zero < 0 || zero >= end) throw new MalformedMessage('a sequence without a name');
  const documents: Buffer[] = [];
  for (let from = zero + 1; from < end;) {
    const length = documentSize(message, from);
    if (from + length > end) throw new MalformedMessage('a document past its sequence');
    documents.push(message.subarray(from, from + length));
    from += length;
  }
  return { name: message.toString('utf8', at + 4, zero), documents, end };
}

/** OP_QUERY: flags, name of the collection, skip, number to return, query, and fields that are ignored. */
function parseQuery(message: Buffer, id: number): Request {
  const zero = message.indexOf(0, HEADER + 4);
  if (zero < 0 || zero + 9 > message.length) throw new MalformedMessage('an OP_QUERY without a collection');
  const namespace = message.toString('utf8', HEADER + 4, zero);
  const suffix = '.$cmd';
  if (!namespace.endsWith(suffix))
    throw new MalformedMessage(`OP_QUERY on ${namespace}: only commands are served`);
  const doc = decodeDocument(message, zero + 9);
  const wrapped = doc.get('$query') ?? doc.get('query');
  const body = isDoc(wrapped) ? wrapped : doc;
  const database = namespace.slice(0, -suffix.length);
  return { id, body, sequences: noSequences, database, moreToCome: false, legacy: true };
}

/** What writes the fields of an answer, `ok` included, into a document that is open. */
export type WriteFields = (writer: BsonWriter) => void;

const shared = new BsonWriter(64 * 1024);
const LARGEST_SHARED = 1024 * 1024;
let lastRequestId = 0;

/** The bytes of an answer to a request. */
export function answerTo(request: Pick<Request, 'id' | 'legacy'>, write: WriteFields): Buffer {
  const writer = shared;
  writer.reset();
  lastRequestId = (lastRequestId + 1) & 0x7fffffff;
  writer.int32(0);
  writer.int32(lastRequestId);
  writer.int32(request.id);
  if (request.legacy) {
    writer.int32(OP_REPLY);
    // Flags (AwaitCapable), cursor (eight bytes), starting from, number returned.
    for (const field of [8, 0, 0, 0, 1]) writer.int32(field);
  } else {
    writer.int32(OP_MSG);
    writer.int32(0);
    writer.byte(0);
  }
  const place = writer.open();
  write(writer);
  writer.close(place);
  writer.buffer.writeInt32LE(writer.length, 0);
  const message = Buffer.from(writer.view());
  if (writer.buffer.length > LARGEST_SHARED) writer.buffer = Buffer.allocUnsafe(64 * 1024);
  return message;
}
