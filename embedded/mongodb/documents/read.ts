// BSON bytes to documents (bsonspec.org). Every length is checked against the document that it is in before it is used, so
// malformed bytes give InvalidBSON and nothing is read or allocated beyond what has come.
import { mongoError } from '../errors.ts';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  bsonUndefined,
  Code,
  CodeWithScope,
  DBPointer,
  Decimal128,
  int32,
  maxKey,
  minKey,
  ObjectId,
  Timestamp,
} from './value.ts';
import type { MongoError } from '../errors.ts';
import type { Doc, Value } from './value.ts';

/** Most levels of documents and arrays in one another (MongoDB's limit is 100 for what is stored; messages may go deeper). */
export const MAX_DEPTH = 200;
/** The subtype of binary data that repeats its length inside. */
export const OLD_BINARY = 2;
const SMALLEST_DOCUMENT = 5;

function invalid(what: string): MongoError {
  return mongoError('InvalidBSON', `Invalid BSON: ${what}`);
}

/** Bytes with a place to read at; `view` gives numbers of both. */
interface Source {
  readonly bytes: Buffer;
  readonly view: DataView;
  at: number;
}

function sourceOf(bytes: Uint8Array, at: number): Source {
  const { buffer, byteOffset, byteLength } = bytes;
  return {
    bytes: Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
    at,
  };
}

/**
 * The declared size of the document at an offset, checked against the bytes that are there.
 *
 * @throws InvalidBSON (22)
 */
export function documentSize(bytes: Uint8Array, at = 0): number {
  return sizeWithin(sourceOf(bytes, at), bytes.length);
}

/**
 * Reads the document at an offset. Nothing in it refers to `bytes` afterwards.
 *
 * @throws InvalidBSON (22) on malformed bytes, Overflow (15) past `MAX_DEPTH`
 */
export function decodeDocument(bytes: Uint8Array, at = 0): Doc {
  return readDocument(sourceOf(bytes, at), bytes.length, 1);
}

/**
 * Reads one top-level field of a document and steps over the others.
 *
 * @returns Its value; undefined when it is missing
 * @throws InvalidBSON (22)
 */
export function readField(bytes: Uint8Array, name: string, at = 0): Value | undefined {
  const source = sourceOf(bytes, at);
  const end = enter(source, bytes.length);
  for (let type = nextType(source, end); type !== 0; type = nextType(source, end)) {
    if (readName(source, end) === name) return readValue(source, type, end, 1);
    skipValue(source, type, end);
  }
  return undefined;
}

/**
 * Checks the whole of the document at an offset, without keeping it.
 *
 * @throws InvalidBSON (22), Overflow (15) past `MAX_DEPTH`
 */
export function checkDocument(bytes: Uint8Array, at = 0): void {
  check(sourceOf(bytes, at), bytes.length, 1);
}

function check(source: Source, limit: number, depth: number): void {
  if (depth > MAX_DEPTH) throw tooDeep();
  const end = enter(source, limit);
  for (let type = nextType(source, end); type !== 0; type = nextType(source, end)) {
    skipName(source, end);
    if (type === 3 || type === 4) check(source, end, depth + 1);
    else if (type === 2 || fixedSize.has(type)) skipValue(source, type, end);
    else readValue(source, type, end, depth);
  }
}

function tooDeep(): MongoError {
  return mongoError('Overflow', `BSONObj exceeded maximum nested object depth: ${String(MAX_DEPTH)}`);
}

function sizeWithin(source: Source, limit: number): number {
  if (limit - source.at < SMALLEST_DOCUMENT) throw invalid('no room for a document');
  const size = source.view.getInt32(source.at, true);
  if (size < SMALLEST_DOCUMENT || size > limit - source.at)
    throw invalid(`size of a document: ${String(size)}`);
  if (source.bytes[source.at + size - 1] !== 0) throw invalid('a document does not end in zero');
  return size;
}

/** Steps into the document at the place; returns the offset of its final zero. */
function enter(source: Source, limit: number): number {
  const end = source.at + sizeWithin(source, limit) - 1;
  source.at += 4;
  return end;
}

/** The type of the next element, 0 at the end of the document, which is stepped over. */
function nextType(source: Source, end: number): number {
  const type = source.bytes[source.at++] ?? 0;
  if (type === 0 && source.at !== end + 1) throw invalid('a document ends early');
  return type;
}

// Names come again and again: each is kept by a hash of its bytes, so that most documents make no new strings for them.
const KEPT_NAMES = 4096;
const LONGEST_KEPT_NAME = 40;
const keptNames: (string | undefined)[] = new Array<string | undefined>(KEPT_NAMES).fill(undefined);

function readName(source: Source, end: number): string {
  const { bytes, at: start } = source;
  let at = start;
  let hash = 0;
  let ascii = true;
  for (let byte = bytes[at] ?? 0; byte !== 0; byte = bytes[++at] ?? 0) {
    hash = (Math.imul(hash, 31) + byte) | 0;
    if (byte > 127) ascii = false;
  }
  if (at >= end) throw invalid('a name does not end');
  source.at = at + 1;
  if (!ascii || at - start > LONGEST_KEPT_NAME) return bytes.toString('utf8', start, at);
  const slot = (hash ^ (hash >>> 12)) & (KEPT_NAMES - 1);
  const known = keptNames[slot];
  if (known?.length === at - start && sameAscii(known, bytes, start)) return known;
  const name = bytes.toString('latin1', start, at);
  keptNames[slot] = name;
  return name;
}

function sameAscii(text: string, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

function skipName(source: Source, end: number): void {
  const zero = source.bytes.indexOf(0, source.at);
  if (zero < 0 || zero >= end) throw invalid('a name does not end');
  source.at = zero + 1;
}

function readDocument(source: Source, limit: number, depth: number): Doc {
  if (depth > MAX_DEPTH) throw tooDeep();
  const end = enter(source, limit);
  const doc: Doc = new Map();
  for (let type = nextType(source, end); type !== 0; type = nextType(source, end)) {
    const name = readName(source, end);
    doc.set(name, readValue(source, type, end, depth));
  }
  return doc;
}

function readArray(source: Source, limit: number, depth: number): Value[] {
  if (depth > MAX_DEPTH) throw tooDeep();
  const end = enter(source, limit);
  const array: Value[] = [];
  for (let type = nextType(source, end); type !== 0; type = nextType(source, end)) {
    skipName(source, end);
    array.push(readValue(source, type, end, depth));
  }
  return array;
}

function need(source: Source, length: number, end: number): number {
  const { at } = source;
  if (length > end - at) throw invalid('a value goes past its document');
  source.at = at + length;
  return at;
}

/** Steps over a string's length and checks it; the place is then at its first byte. Returns its length without the final zero. */
function stringLength(source: Source, end: number): number {
  const length = source.view.getInt32(need(source, 4, end), true);
  if (length < 1 || length > end - source.at) throw invalid(`length of a string: ${String(length)}`);
  if (source.bytes[source.at + length - 1] !== 0) throw invalid('a string does not end in zero');
  return length - 1;
}

const SHORT = 16;

function readString(source: Source, end: number): string {
  const length = stringLength(source, end);
  const { bytes, at: start } = source;
  const stop = start + length;
  source.at = stop + 1;
  if (length > SHORT) return bytes.toString('utf8', start, stop);
  let text = '';
  for (let at = start; at < stop; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 127) return bytes.toString('utf8', start, stop);
    text += String.fromCharCode(byte);
  }
  return text;
}

function copy(source: Source, length: number, end: number): Uint8Array {
  const at = need(source, length, end);
  return Uint8Array.prototype.slice.call(source.bytes, at, at + length);
}

function readValue(source: Source, type: number, end: number, depth: number): Value {
  switch (type) {
    case 1:
      return source.view.getFloat64(need(source, 8, end), true);
    case 2:
      return readString(source, end);
    case 3:
      return readDocument(source, end, depth + 1);
    case 4:
      return readArray(source, end, depth + 1);
    case 5:
      return readBinary(source, end);
    case 6:
      return bsonUndefined;
    case 7:
      return new ObjectId(copy(source, 12, end));
    case 8: {
      const byte = source.bytes[need(source, 1, end)];
      if (byte !== 0 && byte !== 1) throw invalid(`boolean ${String(byte)}`);
      return byte === 1;
    }
    case 9:
      return readDate(source, end);
    case 10:
      return null;
    case 11:
      return readRegExp(source, end);
    case 12: {
      const namespace = readString(source, end);
      return new DBPointer(namespace, new ObjectId(copy(source, 12, end)));
    }
    case 13:
      return new Code(readString(source, end));
    case 14:
      return new BSONSymbol(readString(source, end));
    case 15:
      return readCodeWithScope(source, end, depth);
    case 16:
      return int32(source.view.getInt32(need(source, 4, end), true));
    case 17: {
      const at = need(source, 8, end);
      return new Timestamp({ i: source.view.getUint32(at, true), t: source.view.getUint32(at + 4, true) });
    }
    case 18:
      return source.view.getBigInt64(need(source, 8, end), true);
    case 19:
      return new Decimal128(copy(source, 16, end));
    case 127:
      return maxKey;
    case 255:
      return minKey;
    default:
      throw invalid(`unknown type ${String(type)}`);
  }
}

function readBinary(source: Source, end: number): Binary {
  const length = source.view.getInt32(need(source, 4, end), true);
  if (length < 0 || length > end - source.at - 1) throw invalid(`length of binary data: ${String(length)}`);
  const subtype = source.bytes[need(source, 1, end)] ?? 0;
  if (subtype !== OLD_BINARY) return new Binary(copy(source, length, end), subtype);
  if (length < 4 || source.view.getInt32(need(source, 4, end), true) !== length - 4)
    throw invalid('length of binary data');
  return new Binary(copy(source, length - 4, end), subtype);
}

function readDate(source: Source, end: number): Date {
  const high = source.view.getInt32(need(source, 8, end) + 4, true);
  const date = new Date(high * 2 ** 32 + source.view.getUint32(source.at - 8, true));
  if (Number.isNaN(date.getTime())) throw invalid('a date past the year 275760');
  return date;
}

function readRegExp(source: Source, end: number): BSONRegExp {
  const pattern = readName(source, end);
  const options = readName(source, end);
  if (!/^[imsxlu]*$/.test(options)) throw invalid(`options of a regular expression: ${options}`);
  return new BSONRegExp(pattern, options);
}

function readCodeWithScope(source: Source, end: number, depth: number): CodeWithScope {
  const start = source.at;
  const size = source.view.getInt32(need(source, 4, end), true);
  const code = readString(source, end);
  const scope = readDocument(source, end, depth + 1);
  if (source.at - start !== size) throw invalid('size of code with scope');
  return new CodeWithScope(code, scope);
}

/** Types of which any bytes will do. */
const fixedSize = new Map([
  [1, 8],
  [6, 0],
  [7, 12],
  [10, 0],
  [16, 4],
  [17, 8],
  [18, 8],
  [19, 16],
  [127, 0],
  [255, 0],
]);

function skipValue(source: Source, type: number, end: number): void {
  const size = fixedSize.get(type);
  if (size !== undefined) need(source, size, end);
  else if (type === 2) {
    const length = stringLength(source, end);
    source.at += length + 1;
  } else if (type === 3 || type === 4) source.at += sizeWithin(source, end);
  else readValue(source, type, end, 1);
}
