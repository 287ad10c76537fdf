// Documents to BSON bytes, written in one pass into a buffer that grows; sizes are filled in when a document closes.
import { mongoError } from '../errors.ts';
import { bsonType, typeOf } from './type.ts';
import {
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  CodeWithScope,
  DBPointer,
  Decimal128,
  Int32,
  ObjectId,
  Timestamp,
} from './value.ts';
import { MAX_DEPTH, OLD_BINARY } from './read.ts';
import type { Doc, Value } from './value.ts';

/** Largest document that is stored (MongoDB Limits: BSON Document Size), in bytes. */
export const MAX_DOCUMENT_SIZE = 16 * 1024 * 1024;

const FIRST_SIZE = 4096;
/** A message holds at most 48 MB; twice that leaves room for what is around a document. */
const LARGEST_SIZE = 128 * 1024 * 1024;
/** Strings up to here are written byte by byte, which is faster than a call into Node. */
const SHORT = 24;

/** A buffer that grows, for documents, messages and batches. */
export class BsonWriter {
  buffer: Buffer;
  length = 0;
  private depth = 0;

  constructor(size = FIRST_SIZE) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  /** Makes room for more bytes. @throws BSONObjectTooLarge (10334) */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.buffer.length) return;
    if (needed > LARGEST_SIZE)
      throw mongoError('BSONObjectTooLarge', `BSON of ${String(needed)} bytes is too large`);
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  int32(value: number): void {
    this.reserve(4);
    this.putInt32(value);
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A whole document, bare. */
  document(doc: Doc): void {
    const place = this.open();
    for (const [name, value] of doc) this.element(name, value);
    this.close(place);
  }

  /** A named element whose value is a document that is already encoded. */
  rawElement(name: string, document: Uint8Array): void {
    this.header(bsonType.object, name);
    this.bytes(document);
  }

  /**
   * Opens a document or, with a name, an element that is a document or an array.
   *
   * @returns The place, for `close`
   */
  open(name?: string, array = false): number {
    if (name !== undefined) this.header(array ? bsonType.array : bsonType.object, name);
    if (++this.depth > MAX_DEPTH)
      throw mongoError('Overflow', `more than ${String(MAX_DEPTH)} documents in one another`);
    this.reserve(4);
    this.length += 4;
    return this.length - 4;
  }

  close(place: number): void {
    this.byte(0);
    this.depth--;
    this.buffer.writeInt32LE(this.length - place, place);
  }

  /** What has been written, without a copy: it stands until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.length = 0;
    this.depth = 0;
  }

  /** A named element. */
  element(name: string, value: Value): void {
    switch (typeof value) {
      case 'string':
        this.header(bsonType.string, name);
        this.string(value);
        return;
      case 'number':
        this.header(bsonType.double, name);
        this.reserve(8);
        this.length = this.buffer.writeDoubleLE(value, this.length);
        return;
      case 'boolean':
        this.header(bsonType.bool, name);
        this.byte(value ? 1 : 0);
        return;
      case 'bigint':
        this.header(bsonType.long, name);
        this.int64(value);
        return;
      default:
        break;
    }
    const type = typeOf(value);
    this.header(type, name);
    if (value === null) return;
    if (value instanceof Int32) this.int32(value.value);
    else if (value instanceof Map) this.document(value);
    else if (Array.isArray(value)) this.array(value);
    else if (value instanceof ObjectId) this.bytes(value.id);
    else if (value instanceof Date) this.int64(BigInt(value.getTime()));
    else if (value instanceof Decimal128) this.bytes(value.bytes);
    else this.rare(value);
  }

  private array(array: readonly Value[]): void {
    const place = this.open();
    for (const [at, value] of array.entries()) this.element(String(at), value);
    this.close(place);
  }

  private rare(value: Value): void {
    if (value instanceof Binary) this.binary(value);
    else if (value instanceof Timestamp) {
      this.int32(value.i | 0);
      this.int32(value.t | 0);
    } else if (value instanceof BSONRegExp) {
      this.reserve(value.pattern.length * 3 + value.options.length + 2);
      this.cstring(value.pattern);
      this.cstring(value.options);
    } else if (value instanceof Code) this.string(typeof value.code === 'string' ? value.code : '');
    else if (value instanceof BSONSymbol) this.string(value.value);
    else if (value instanceof DBPointer) {
      this.string(value.namespace);
      this.bytes(value.id.id);
    } else if (value instanceof CodeWithScope) {
      const place = this.length;
      this.int32(0);
      this.string(value.code);
      this.document(value.scope);
      this.buffer.writeInt32LE(this.length - place, place);
    }
    // Undefined, MinKey and MaxKey have no bytes.
  }

  private binary(value: Binary): void {
    const bytes = value.buffer.subarray(0, value.position);
    const old = value.sub_type === OLD_BINARY;
    this.int32(old ? bytes.length + 4 : bytes.length);
    this.byte(value.sub_type);
    if (old) this.int32(bytes.length);
    this.bytes(bytes);
  }

  private int64(value: bigint): void {
    this.reserve(8);
    this.length = this.buffer.writeBigInt64LE(value, this.length);
  }

  /** Type and name; the room that a number after them needs is made as well. */
  private header(type: number, name: string): void {
    this.reserve(name.length * 3 + 10);
    this.buffer[this.length++] = type & 255;
    this.cstring(name);
  }

  /** A string that ends in zero, in room made by the caller. @throws BadValue (2) when there is a zero inside */
  private cstring(text: string): void {
    const start = this.length;
    this.text(text);
    if (text.includes('\0')) {
      this.length = start;
      throw mongoError('BadValue', 'a field name or pattern must not contain a null byte');
    }
    this.buffer[this.length++] = 0;
  }

  private string(text: string): void {
    this.reserve(text.length * 3 + 5);
    const place = this.length;
    this.length += 4;
    this.text(text);
    this.buffer[this.length++] = 0;
    this.buffer.writeInt32LE(this.length - place - 4, place);
  }

  private text(text: string): void {
    const { buffer } = this;
    const size = text.length;
    if (size <= SHORT) {
      let at = this.length;
      for (let index = 0; index < size; index++) {
        const code = text.charCodeAt(index);
        if (code > 127) {
          this.length += buffer.write(text, this.length);
          return;
        }
        buffer[at++] = code;
      }
      this.length = at;
    } else this.length += buffer.write(text, this.length);
  }

  private putInt32(value: number): void {
    this.length = this.buffer.writeInt32LE(value, this.length);
  }
}

const shared = new BsonWriter();
const LARGEST_KEPT = 1024 * 1024;

/**
 * The bytes of a document, in a buffer of their own.
 *
 * @throws BSONObjectTooLarge (10334), Overflow (15) past `MAX_DEPTH`
 */
export function encodeDocument(doc: Doc): Buffer {
  shared.reset();
  shared.document(doc);
  const bytes = Buffer.from(shared.view());
  if (shared.buffer.length > LARGEST_KEPT) shared.buffer = Buffer.allocUnsafe(FIRST_SIZE);
  return bytes;
}
