// The part of Avro's schema language that our events use, checked when a file is read: a record or an enum with a `doc` on
// itself and on every field. Anything else is refused with the file and the place, so that a slip never reaches the log.

/** Where a type is expected: a name, a union, or a complex type. */
export type AvroSchema = string | AvroSchema[] | AvroNamed | AvroArray | AvroLogical;

export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
}

export interface AvroLogical {
  readonly type: 'string' | 'long';
  readonly logicalType: string;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc: string;
}

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace: string;
  readonly doc: string;
  readonly fields: readonly AvroField[];
}

export interface AvroEnum {
  readonly type: 'enum';
  readonly name: string;
  readonly namespace: string;
  readonly doc: string;
  readonly symbols: readonly string[];
}

export type AvroNamed = AvroRecord | AvroEnum;

/**
 * Reads one `.avsc` file.
 * @param text the file's content
 * @param file its name, for messages
 * @throws Error when it is no record or enum, or when a `doc` is missing
 */
export function parseAvroSchema(text: string, file: string): AvroNamed {
  const schema = JSON.parse(text) as Partial<AvroRecord> & Partial<Omit<AvroEnum, 'type'>>;
  const { name, namespace, doc, fields, symbols } = schema;
  if (name === undefined || namespace === undefined)
    throw new Error(`${file}: name and namespace are needed`);
  if (doc === undefined || doc === '') throw new Error(`${file}: a doc on the type is needed`);
  if (symbols !== undefined) return { type: 'enum', name, namespace, doc, symbols };
  if (fields === undefined) throw new Error(`${file}: neither a record nor an enum`);
  for (const field of fields) {
    if (!field.doc) throw new Error(`${file}: field ${field.name} has no doc`);
  }
  return { type: 'record', name, namespace, doc, fields };
}

/**
 * Makes a schema complete: the first mention of each named type is replaced by its definition, as Avro wants it, so that the
 * registry needs no references.
 */
export function inlineNamedTypes(schema: AvroNamed, named: readonly AvroNamed[]): AvroNamed {
  const definitions = new Map(
    named.map((definition) => [`${definition.namespace}.${definition.name}`, definition]),
  );
  const inline = (type: AvroSchema): AvroSchema => {
    if (typeof type === 'string') {
      const definition = definitions.get(type);
      if (definition === undefined) return type;
      definitions.delete(type);
      return inlineNamed(definition);
    }
    if (Array.isArray(type)) return type.map(inline);
    if (type.type === 'array') return { ...type, items: inline(type.items) };
    if (type.type === 'record' || type.type === 'enum') return inlineNamed(type);
    return type;
  };
  const inlineNamed = (definition: AvroNamed): AvroNamed =>
    definition.type === 'enum'
      ? definition
      : { ...definition, fields: definition.fields.map((field) => ({ ...field, type: inline(field.type) })) };
  return inlineNamed(schema);
}
