// Makes decoders and encoders from the tables of schema.ts, once for each message and version: what a version has and how it is
// sent is decided then, so that reading and writing only run through a list of functions.
import { MalformedMessage } from './malformed.ts';
import { Reader } from './reader.ts';
import type { AnyField, Fields } from './schema.ts';
import { includes } from './versions.ts';
import { Writer } from './writer.ts';

/** How messages of a version are sent. */
export interface Form {
  readonly version: number;
  /** Compact lengths and tagged fields (KIP-482). */
  readonly flexible: boolean;
}

export type Read = (reader: Reader) => unknown;
export type Write = (writer: Writer, value: unknown) => void;

const fail = (expected: string, value: unknown): never => {
  throw new TypeError(`${expected} expected, not ${typeof value}`);
};
const asNumber = (value: unknown): number => (typeof value === 'number' ? value : fail('a number', value));
const asText = (value: unknown): string => (typeof value === 'string' ? value : fail('a string', value));
const asBuffer = (value: unknown): Buffer => (Buffer.isBuffer(value) ? value : fail('a buffer', value));
const asArray = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : fail('an array', value);
const isStruct = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

type Kind = Exclude<AnyField['shape']['kind'], 'array' | 'struct'>;

/** A length or count; -1 is null. */
type ReadLength = (reader: Reader) => number;
type WriteLength = (writer: Writer, length: number) => void;

const readLength = (kind: Kind | 'array', { flexible }: Form): ReadLength => {
  if (flexible) return (reader) => reader.unsignedVarint() - 1;
  if (kind === 'string') return (reader) => reader.int16();
  return (reader) => reader.int32();
};

const writeLength = (kind: Kind | 'array', { flexible }: Form): WriteLength => {
  if (flexible) {
    return (writer, length) => {
      writer.unsignedVarint(length + 1);
    };
  }
  return kind === 'string'
    ? (writer, length) => {
        writer.int16(length);
      }
    : (writer, length) => {
        writer.int32(length);
      };
};

/** A value with a length before it, null where the field may be null. */
const readSized =
  (length: ReadLength, mayBeNull: boolean, read: (reader: Reader, length: number) => unknown): Read =>
  (reader) => {
    const size = length(reader);
    if (size >= 0) return read(reader, size);
    if (size === -1 && mayBeNull) return null;
    throw new MalformedMessage(`a length of ${String(size)} before ${String(reader.position)}`);
  };

const readScalar = (kind: Kind, form: Form, mayBeNull: boolean): Read => {
  switch (kind) {
    case 'bool':
      return (reader) => reader.bool();
    case 'int8':
      return (reader) => reader.int8();
    case 'int16':
      return (reader) => reader.int16();
    case 'int32':
      return (reader) => reader.int32();
    case 'int64':
      return (reader) => reader.int64();
    case 'uuid':
      return (reader) => reader.uuid();
    case 'string':
      return readSized(readLength(kind, form), mayBeNull, (reader, length) => reader.text(length));
    case 'bytes':
    case 'records':
      return readSized(readLength(kind, form), mayBeNull, (reader, length) => reader.view(length));
  }
};

const writeScalar = (kind: Kind, form: Form): Write => {
  const length = writeLength(kind, form);
  switch (kind) {
    case 'bool':
      return (writer, value) => {
        writer.bool(value === true);
      };
    case 'int8':
      return (writer, value) => {
        writer.int8(asNumber(value));
      };
    case 'int16':
      return (writer, value) => {
        writer.int16(asNumber(value));
      };
    case 'int32':
      return (writer, value) => {
        writer.int32(asNumber(value));
      };
    case 'int64':
      return (writer, value) => {
        writer.int64(asNumber(value));
      };
    case 'uuid':
      return (writer, value) => {
        writer.uuid(asText(value));
      };
    case 'string':
      return (writer, value) => {
        const text = asText(value);
        const size = Buffer.byteLength(text);
        length(writer, size);
        writer.text(text, size);
      };
    case 'bytes':
      return (writer, value) => {
        const piece = asBuffer(value);
        length(writer, piece.length);
        writer.bytes(piece);
      };
    case 'records':
      return (writer, value) => {
        const pieces = Array.isArray(value) ? value.map(asBuffer) : [asBuffer(value)];
        length(
          writer,
          pieces.reduce((sum, piece) => sum + piece.length, 0),
        );
        for (const piece of pieces) writer.bytes(piece);
      };
  }
};

const mayBeNullIn = (field: AnyField, version: number): boolean =>
  field.nullable !== undefined && includes(field.nullable, version);

const readField = (field: AnyField, form: Form): Read => {
  const { shape } = field;
  const mayBeNull = mayBeNullIn(field, form.version);
  if (shape.kind === 'struct') return readStruct(shape.fields, form);
  if (shape.kind !== 'array') return readScalar(shape.kind, form, mayBeNull);
  const readItem = readField(shape.item, form);
  return readSized(readLength('array', form), mayBeNull, (reader, count) => {
    reader.expectItems(count);
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.push(readItem(reader));
    return items;
  });
};

const writeField = (field: AnyField, form: Form): Write => {
  const { shape } = field;
  if (shape.kind === 'struct') return writeStruct(shape.fields, form);
  const length = writeLength(shape.kind === 'array' ? 'array' : shape.kind, form);
  const write = shape.kind === 'array' ? writeItems(shape.item, form, length) : writeScalar(shape.kind, form);
  if (field.nullable === undefined) return write;
  const empty =
    emptyOf[
      shape.kind === 'bytes' || shape.kind === 'records' || shape.kind === 'string' ? shape.kind : 'array'
    ];
  return mayBeNullIn(field, form.version)
    ? (writer, value) => {
        if (value === null) length(writer, -1);
        else write(writer, value);
      }
    : (writer, value) => {
        write(writer, value ?? empty);
      };
};

/** What is sent for null in a version that knows no null. */
const emptyOf = { string: '', bytes: Buffer.alloc(0), records: Buffer.alloc(0), array: [] } as const;

const writeItems = (item: AnyField, form: Form, length: WriteLength): Write => {
  const writeItem = writeField(item, form);
  return (writer, value) => {
    const items = asArray(value);
    length(writer, items.length);
    for (const each of items) writeItem(writer, each);
  };
};

/** The fields that a version has, those without a tag and those with one. */
const fieldsOf = (fields: Fields, { version }: Form) => {
  const all = Object.entries(fields);
  const present = all.filter(([, field]) => includes(field.versions, version));
  return {
    all,
    inOrder: present.filter(([, field]) => field.tag === undefined),
    tagged: present.flatMap(([name, field]) =>
      field.tag === undefined ? [] : [{ name, field, tag: field.tag }],
    ),
  };
};

/** The decoder of a struct, or of a whole message. */
export function readStruct(fields: Fields, form: Form): Read {
  const { all, inOrder, tagged } = fieldsOf(fields, form);
  const present = new Map(inOrder.map(([name, field]) => [name, readField(field, form)]));
  const steps = all.map(([name, field]) => ({ name, read: present.get(name), otherwise: field.default }));
  const byTag = new Map(tagged.map(({ name, field, tag }) => [tag, { name, read: readField(field, form) }]));
  return (reader) => {
    const message: Record<string, unknown> = {};
    for (const { name, read, otherwise } of steps)
      message[name] = read === undefined ? otherwise : read(reader);
    if (form.flexible) readTagged(reader, byTag, message);
    return message;
  };
}

function readTagged(
  reader: Reader,
  byTag: ReadonlyMap<number, { readonly name: string; readonly read: Read }>,
  message: Record<string, unknown>,
): void {
  const count = reader.unsignedVarint();
  if (count === 0) return;
  reader.expectItems(count);
  let before = -1;
  for (let i = 0; i < count; i++) {
    const tag = reader.unsignedVarint();
    if (tag <= before) throw new MalformedMessage(`tag ${String(tag)} after tag ${String(before)}`);
    before = tag;
    const value = new Reader(reader.view(reader.unsignedVarint()));
    const known = byTag.get(tag);
    if (known !== undefined) message[known.name] = known.read(value);
  }
}

/** The encoder of a struct, or of a whole message. */
export function writeStruct(fields: Fields, form: Form): Write {
  const { inOrder, tagged } = fieldsOf(fields, form);
  const steps = inOrder.map(([name, field]) => ({
    name,
    write: writeField(field, form),
    otherwise: field.default,
  }));
  const tags = tagged
    .sort((a, b) => a.tag - b.tag)
    .map(({ name, field, tag }) => ({ name, tag, otherwise: field.default, write: writeField(field, form) }));
  return (writer, value) => {
    if (!isStruct(value)) return fail('an object', value);
    for (const { name, write, otherwise } of steps) {
      const given = value[name];
      try {
        write(writer, given === undefined ? otherwise : given);
      } catch (error) {
        throw new TypeError(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
    if (!form.flexible) return;
    const sent = tags.filter(({ name, otherwise }) => !isDefault(value[name], otherwise));
    writer.unsignedVarint(sent.length);
    for (const { name, tag, write } of sent) {
      const inner = new Writer();
      write(inner, value[name]);
      writer.unsignedVarint(tag);
      writer.unsignedVarint(inner.length);
      for (const piece of inner.finish()) writer.bytes(piece);
    }
  };
}

const isDefault = (value: unknown, otherwise: unknown): boolean =>
  value === undefined || value === otherwise || (Array.isArray(value) && value.length === 0);
