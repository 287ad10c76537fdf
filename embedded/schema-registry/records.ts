// The records of the topic `_schemas`, as Confluent's registry writes them: JSON keys that name the kind, the subject and a
// magic number, JSON values. One thing is ours: a NOOP record, whose value Confluent ignores, carries the highest id ever given,
// so that an id is not given again when the topic has been compacted after a hard deletion.
import {
  isCompatibilityLevel,
  isMode,
  type Config,
  type Mode,
  type Reference,
  type SchemaVersion,
} from './model.ts';

/** A change of the state. `subject` undefined stands for all subjects. */
export type Change =
  | { readonly kind: 'schema'; readonly value: SchemaVersion }
  | { readonly kind: 'schema removed'; readonly subject: string; readonly version: number }
  | { readonly kind: 'subject deleted'; readonly subject: string; readonly upTo: number }
  | { readonly kind: 'config'; readonly subject: string | undefined; readonly config: Config | undefined }
  | { readonly kind: 'mode'; readonly subject: string | undefined; readonly mode: Mode | undefined }
  | { readonly kind: 'highest id'; readonly id: number };

/** Key and value of a record. */
export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The record of a change. */
export function encode(change: Change): KeyValue {
  switch (change.kind) {
    case 'schema': {
      const { subject, version, id, schema, schemaType, references, deleted } = change.value;
      const more = { schemaType, references: references.length === 0 ? undefined : references };
      return {
        key: schemaKey(subject, version),
        value: json({ subject, version, id, ...more, schema, deleted }),
      };
    }
    case 'schema removed':
      return { key: schemaKey(change.subject, change.version), value: null };
    case 'subject deleted': {
      const { subject, upTo: version } = change;
      return {
        key: json({ keytype: 'DELETE_SUBJECT', subject, magic: 0 }),
        value: json({ subject, version }),
      };
    }
    case 'config': {
      const { subject, config } = change;
      return {
        key: json({ keytype: 'CONFIG', subject, magic: 0 }),
        value: config === undefined ? null : json({ subject, ...config }),
      };
    }
    case 'mode': {
      const { subject, mode } = change;
      return {
        key: json({ keytype: 'MODE', subject, magic: 0 }),
        value: mode === undefined ? null : json({ subject, mode }),
      };
    }
    case 'highest id':
      return { key: json({ keytype: 'NOOP', magic: 0 }), value: json({ maxId: change.id }) };
  }
}

const schemaKey = (subject: string, version: number): Buffer =>
  json({ keytype: 'SCHEMA', subject, version, magic: 1 });

type Members = Readonly<Record<string, unknown>>;
const parse = (bytes: Buffer | null): Members | undefined => {
  try {
    const value: unknown = JSON.parse(bytes?.toString() ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
};
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const integer = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;

/** The change that a record stands for; `undefined` when it is none that concerns us, or cannot be read. */
export function decode({ key: keyBytes, value: valueBytes }: KeyValue): Change | undefined {
  const key = parse(keyBytes);
  const value = parse(valueBytes);
  const subject = text(key?.subject);
  // A value that is there and cannot be read deletes nothing.
  if (key === undefined || (valueBytes !== null && value === undefined)) return undefined;
  switch (key.keytype) {
    case 'SCHEMA': {
      const version = integer(key.version);
      if (subject === undefined || version === undefined) return undefined;
      if (value === undefined) return { kind: 'schema removed', subject, version };
      const id = integer(value.id);
      const schema = text(value.schema);
      if (id === undefined || schema === undefined) return undefined;
      const type = text(value.schemaType);
      const schemaType = type === 'AVRO' ? undefined : type;
      const references = referencesOf(value.references);
      return {
        kind: 'schema',
        value: { subject, version, id, schema, schemaType, references, deleted: value.deleted === true },
      };
    }
    case 'DELETE_SUBJECT': {
      const upTo = integer(value?.version);
      if (subject === undefined || upTo === undefined) return undefined;
      return { kind: 'subject deleted', subject, upTo };
    }
    case 'CONFIG': {
      const level = text(value?.compatibilityLevel);
      const normalize = typeof value?.normalize === 'boolean' ? value.normalize : undefined;
      const compatibilityLevel = level !== undefined && isCompatibilityLevel(level) ? level : undefined;
      return {
        kind: 'config',
        subject,
        config: value === undefined ? undefined : { compatibilityLevel, normalize },
      };
    }
    case 'MODE': {
      const mode = text(value?.mode);
      return { kind: 'mode', subject, mode: mode !== undefined && isMode(mode) ? mode : undefined };
    }
    case 'NOOP': {
      const id = integer(value?.maxId);
      return id === undefined ? undefined : { kind: 'highest id', id };
    }
    default:
      return undefined;
  }
}

function referencesOf(value: unknown): Reference[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const { name, subject, version } = (item ?? {}) as Members;
    const isWhole = typeof name === 'string' && typeof subject === 'string' && typeof version === 'number';
    return isWhole ? [{ name, subject, version }] : [];
  });
}
