// Whether a schema may follow those before it, by the level of compatibility; in Confluent's words, since clients show them.
import { ComparisonError, incompatibilities, type Incompatibility } from './avro/compatibility.ts';
import type { Schema } from './avro/schema.ts';
import type { Contents } from './content.ts';
import type { CompatibilityLevel, SchemaVersion } from './model.ts';

/** Of an earlier schema's text, this much is in a message. */
const mostShown = 10 * 1024;

/** The directions of a level: whether the new schema reads the old data, and the old schema the new. */
const directions: Readonly<
  Record<CompatibilityLevel, { readonly backward: boolean; readonly forward: boolean; readonly all: boolean }>
> = {
  NONE: { backward: false, forward: false, all: false },
  BACKWARD: { backward: true, forward: false, all: false },
  BACKWARD_TRANSITIVE: { backward: true, forward: false, all: true },
  FORWARD: { backward: false, forward: true, all: false },
  FORWARD_TRANSITIVE: { backward: false, forward: true, all: true },
  FULL: { backward: true, forward: true, all: false },
  FULL_TRANSITIVE: { backward: true, forward: true, all: true },
};

/**
 * Compares a schema with those before it, the latest first, up to the first that stands in the way.
 * @param earlier - oldest first
 * @returns messages; none when it may follow
 */
export function conflicts(
  schema: Schema,
  earlier: readonly SchemaVersion[],
  level: CompatibilityLevel,
  contents: Contents,
): string[] {
  const { backward, forward, all } = directions[level];
  if (!backward && !forward) return [];
  for (const version of all ? earlier.toReversed() : earlier.slice(-1)) {
    const other = contents.parsed(version)?.schema;
    const messages =
      other === undefined
        ? ['Incompatible because of different schema type']
        : [
            ...(forward ? compare(other, schema, 'old', 'new') : []),
            ...(backward ? compare(schema, other, 'new', 'old') : []),
          ];
    if (messages.length > 0)
      return [...messages, ...where(version), `{validateFields: 'false', compatibility: '${level}'}`];
  }
  return [];
}

function where({ version, schema }: SchemaVersion): string[] {
  const shown = schema.length <= mostShown ? `'${schema}'` : `<truncated> '${schema.slice(0, mostShown)}...'`;
  return [`{oldSchemaVersion: ${String(version)}}`, `{oldSchema: ${shown}}`];
}

function compare(reader: Schema, writer: Schema, readerIs: string, writerIs: string): string[] {
  try {
    return incompatibilities(reader, writer).map(
      (reason) =>
        `{errorType:'${reason.type}', description:'${describe(reason, readerIs, writerIs)}', additionalInfo:'${reason.message}'}`,
    );
  } catch (error) {
    if (error instanceof ComparisonError || error instanceof RangeError)
      return [`Unexpected exception during compatibility check: ${error.message}`];
    throw error;
  }
}

function describe({ type, location, message }: Incompatibility, reader: string, writer: string): string {
  switch (type) {
    case 'NAME_MISMATCH':
      return `The name of the schema has changed (path '${location}')`;
    case 'FIXED_SIZE_MISMATCH':
      return `The size of FIXED type field at path '${location}' in the ${reader} schema does not match with the ${writer} schema`;
    case 'TYPE_MISMATCH':
      return `The type (path '${location}') of a field in the ${reader} schema does not match with the ${writer} schema`;
    case 'MISSING_ENUM_SYMBOLS':
      return `The ${reader} schema is missing enum symbols '${message}' at path '${location}' in the ${writer} schema`;
    case 'MISSING_UNION_BRANCH':
      return `The ${reader} schema is missing a type inside a union field at path '${location}' in the ${writer} schema`;
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return `The field '${message}' at path '${location}' in the ${reader} schema has no default value and is missing in the ${writer} schema`;
  }
}
