// Whether data written with one schema can be read with another (Avro 1.12, "Schema Resolution"), and if not, everything that
// stands in the way, as Apache Avro's SchemaCompatibility finds it. Two of its decisions are not in the specification: named
// types match by their unqualified name, and `string` and `bytes` read each other.
import {
  fullName,
  isNamed,
  type EnumSchema,
  type Field,
  type NamedSchema,
  type RecordSchema,
  type Schema,
} from './schema.ts';

export type IncompatibilityType =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH';

/** One reason why the reader cannot read. */
export interface Incompatibility {
  readonly type: IncompatibilityType;
  /** JSON pointer into the reader's schema: `/fields/0/type`. */
  readonly location: string;
  readonly message: string;
}

/** The comparison was given up; the schemas are not known to be compatible. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
}

/** Pairs of types compared at most: a schema of 1 MB with two long unions could else hold the process for minutes. */
const mostPairs = 300_000;

type Found = readonly Incompatibility[];
const none: Found = [];

const promotions: Readonly<Partial<Record<Schema['type'], readonly Schema['type'][]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/** The place in the reader's schema, as a list from the innermost out. */
interface Path {
  readonly step: string;
  readonly above: Path | undefined;
}
const pointer = (path: Path | undefined): string => {
  const steps: string[] = [];
  for (let at = path; at !== undefined; at = at.above) steps.unshift(at.step);
  return `/${steps.join('/')}`;
};
const found = (type: IncompatibilityType, path: Path | undefined, message: string): Found => [
  { type, location: pointer(path), message },
];
const upper = (schema: Schema): string => schema.type.toUpperCase();

/**
 * Compares two schemas.
 * @returns nothing when every datum written with `writer` can be read with `reader`
 * @throws ComparisonError when a field's aliases name several of the writer's, or the schemas are too large
 */
export function incompatibilities(reader: Schema, writer: Schema): Found {
  /** What is known of a pair; `undefined` while it is being compared: then it is taken for compatible, which ends recursion. */
  const results = new Map<Schema, Map<Schema, Found | undefined>>();
  let pairs = 0;

  function compare(r: Schema, w: Schema, path: Path | undefined): Found {
    let row = results.get(r);
    if (row === undefined) {
      row = new Map<Schema, Found | undefined>();
      results.set(r, row);
    }
    if (row.has(w)) return row.get(w) ?? none;
    pairs += 1;
    if (pairs > mostPairs) throw new ComparisonError('the schemas are too large to be compared');
    row.set(w, undefined);
    const result = r.type === w.type ? sameType(r, w, path) : otherType(r, w, path);
    row.set(w, result);
    return result;
  }

  function sameType(r: Schema, w: Schema, path: Path | undefined): Found {
    if (r.type === 'array' && w.type === 'array')
      return compare(r.items, w.items, { step: 'items', above: path });
    if (r.type === 'map' && w.type === 'map')
      return compare(r.values, w.values, { step: 'values', above: path });
    if (r.type === 'union' && w.type === 'union') {
      return w.types.flatMap((branch, index) =>
        compare(r, branch, undefined).length === 0
          ? none
          : found(
              'MISSING_UNION_BRANCH',
              { step: String(index), above: path },
              `reader union lacking writer type: ${upper(branch)}`,
            ),
      );
    }
    if (!isNamed(r) || !isNamed(w)) return none;
    return [...names(r, w, path), ...named(r, w, path)];
  }

  function named(r: NamedSchema, w: NamedSchema, path: Path | undefined): Found {
    if (r.type === 'record' && w.type === 'record') return fields(r, w, { step: 'fields', above: path });
    if (r.type === 'enum' && w.type === 'enum') return symbols(r, w, { step: 'symbols', above: path });
    if (r.type !== 'fixed' || w.type !== 'fixed' || r.size === w.size) return none;
    const sizes = `expected: ${String(w.size)}, found: ${String(r.size)}`;
    return found('FIXED_SIZE_MISMATCH', { step: 'size', above: path }, sizes);
  }

  function fields(r: RecordSchema, w: RecordSchema, above: Path): Found {
    const written = new Map(w.fields.map((field) => [field.name, field]));
    return r.fields.flatMap((field, index) => {
      const path: Path = { step: String(index), above };
      const source = writerField(field, written);
      if (source !== undefined) return compare(field.type, source.type, { step: 'type', above: path });
      if (field.default !== undefined) return none;
      // A missing field of an enum type with a default of its own is compared with the writer's record (so does Java: AVRO-3857).
      if (field.type.type === 'enum' && field.type.default !== undefined)
        return compare(field.type, w, { step: 'type', above: path });
      return found('READER_FIELD_MISSING_DEFAULT_VALUE', path, field.name);
    });
  }

  function otherType(r: Schema, w: Schema, path: Path | undefined): Found {
    if (w.type === 'union')
      return w.types.flatMap((branch, index) => compare(r, branch, { step: String(index), above: path }));
    if (r.type === 'union') {
      if (r.types.some((branch) => compare(branch, w, undefined).length === 0)) return none;
      return found('MISSING_UNION_BRANCH', path, `reader union lacking writer type: ${upper(w)}`);
    }
    if (promotions[r.type]?.includes(w.type) === true) return none;
    return found(
      'TYPE_MISMATCH',
      path,
      `reader type: ${upper(r)} not compatible with writer type: ${upper(w)}`,
    );
  }

  return compare(reader, writer, undefined);
}

/** An alias counts as the writer's full name; one without a namespace, in a type with one, names nothing. */
function names(r: NamedSchema, w: NamedSchema, path: Path | undefined): Found {
  const written = fullName(w.name);
  if (r.name.name === w.name.name) return none;
  const isAlias = r.aliases.some(
    (alias) => fullName(alias) === written && !(alias.space === undefined && r.name.space !== undefined),
  );
  return isAlias ? none : found('NAME_MISMATCH', { step: 'name', above: path }, `expected: ${written}`);
}

function symbols(r: EnumSchema, w: EnumSchema, path: Path): Found {
  const missing = [...new Set(w.symbols).difference(new Set(r.symbols))].sort();
  if (missing.length === 0 || r.default !== undefined) return none;
  return found('MISSING_ENUM_SYMBOLS', path, `[${missing.join(', ')}]`);
}

/** The writer's field that a reader's field is read from, by its name or one of its aliases. */
function writerField(field: Field, written: ReadonlyMap<string, Field>): Field | undefined {
  const sources = [field.name, ...field.aliases].flatMap((name) => written.get(name) ?? []);
  if (sources.length > 1)
    throw new ComparisonError(
      `Reader record field ${field.name} matches multiple fields in writer record schema`,
    );
  return sources[0];
}
