// A schema as text. The canonical text is what Java's `Schema.toString` writes: attributes in a fixed order, the namespace only
// where it changes, a named type in full once and by its name afterwards. It is what the registry keeps and answers, and two
// schemas are the same when their texts are.
import { javaDouble, isIntegral, isNumber, printJson, type JsonObject, type JsonValue } from './json.ts';
import { fullName, isPrimitive, type Field, type Name, type NamedSchema, type Schema } from './schema.ts';

/** How a schema is printed. */
export interface PrintOptions {
  /** Full names that are not written out, since references bring them. */
  readonly known?: Iterable<string>;
  /**
   * As `normalize=true` has it: attributes that Avro does not know by name (those of a logical type first), aliases and the
   * members of defaults in order, an empty `doc` left out, and a `float`'s default a decimal.
   */
  readonly normalized?: boolean;
}

const member = (name: string, value: string): string => `${JSON.stringify(name)}:${value}`;
const quoted = (value: string): string => JSON.stringify(value);
const object = (members: readonly string[]): string => `{${members.join(',')}}`;
const reservedAsName = new Set(['record', 'enum', 'array', 'map', 'union', 'fixed']);

/** A name as it is written in a namespace; one that could be taken for a type is written in full. */
function within(name: Name, space: string | undefined): string {
  const isShort = name.space === space && space !== undefined;
  return isShort && !reservedAsName.has(name.name) && !isPrimitive(name.name) ? name.name : fullName(name);
}

/** Prints a schema. */
export function printSchema(root: Schema, { known = [], normalized = false }: PrintOptions = {}): string {
  const written = new Set<string>(known);
  const texts = (values: readonly string[]): string =>
    `[${(normalized ? [...new Set(values)].sort() : values).map(quoted).join(',')}]`;

  const attributes = (props: JsonObject): string[] => {
    const all = [...props].map(([name, value]) => ({
      name,
      text: member(name, printJson(value, normalized)),
    }));
    if (normalized)
      all.sort((a, b) => rank(a.name, props) - rank(b.name, props) || (a.name < b.name ? -1 : 1));
    return all.map(({ text }) => text);
  };

  const defaultOf = ({ type, default: value }: Field): string => {
    const isFloating = type.type === 'float' || type.type === 'double';
    if (value === undefined) return '';
    const asDecimal = normalized && isFloating && isNumber(value) && isIntegral(value);
    return printJson(asDecimal ? { number: javaDouble(Number(value.number)) } : value, normalized);
  };

  const printField = (field: Field, space: string | undefined): string =>
    object([
      member('name', quoted(field.name)),
      member('type', print(field.type, space)),
      ...(field.doc === undefined ? [] : [member('doc', quoted(field.doc))]),
      ...(field.default === undefined ? [] : [member('default', defaultOf(field))]),
      ...(field.order === 'ascending' ? [] : [member('order', quoted(field.order))]),
      ...(field.aliases.length === 0 ? [] : [member('aliases', texts(field.aliases))]),
      ...attributes(field.props),
    ]);

  const body = (schema: NamedSchema): string[] => {
    switch (schema.type) {
      case 'record':
        return [
          member(
            'fields',
            `[${schema.fields.map((field) => printField(field, schema.name.space)).join(',')}]`,
          ),
        ];
      case 'enum':
        return [
          member('symbols', `[${schema.symbols.map(quoted).join(',')}]`),
          ...(schema.default === undefined ? [] : [member('default', quoted(schema.default))]),
        ];
      case 'fixed':
        return [member('size', String(schema.size))];
    }
  };

  const printNamed = (schema: NamedSchema, space: string | undefined): string => {
    const { name, doc, aliases, props } = schema;
    if (written.has(fullName(name))) return quoted(within(name, space));
    written.add(fullName(name));
    const hasDoc = doc !== undefined && !(normalized && doc === '');
    return object([
      member('type', quoted(schema.type === 'record' && schema.isError ? 'error' : schema.type)),
      member('name', quoted(name.name)),
      ...(name.space === space ? [] : [member('namespace', quoted(name.space ?? ''))]),
      ...(hasDoc ? [member('doc', quoted(doc))] : []),
      ...body(schema),
      ...attributes(props),
      ...(aliases.length === 0
        ? []
        : [member('aliases', texts(aliases.map((alias) => within(alias, name.space))))]),
    ]);
  };

  function print(schema: Schema, space: string | undefined): string {
    switch (schema.type) {
      case 'union':
        return `[${schema.types.map((branch) => print(branch, space)).join(',')}]`;
      case 'array':
        return object([
          member('type', '"array"'),
          member('items', print(schema.items, space)),
          ...attributes(schema.props),
        ]);
      case 'map':
        return object([
          member('type', '"map"'),
          member('values', print(schema.values, space)),
          ...attributes(schema.props),
        ]);
      case 'record':
      case 'enum':
      case 'fixed':
        return printNamed(schema, space);
      default:
        if (schema.props.size === 0) return quoted(schema.type);
        return object([member('type', quoted(schema.type)), ...attributes(schema.props)]);
    }
  }
  return print(root, undefined);
}

/** Where a normalized schema has an attribute: those of its logical type before all others. */
function rank(name: string, props: JsonObject): number {
  const logicalType: JsonValue | undefined = props.get('logicalType');
  if (typeof logicalType !== 'string') return 3;
  if (name === 'logicalType') return 0;
  if (logicalType !== 'decimal') return 3;
  return name === 'precision' ? 1 : name === 'scale' ? 2 : 3;
}
