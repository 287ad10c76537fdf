// Avro's schema parser, as strict as Java's 1.12 with `NameValidator.STRICT` and validated defaults, which is what the registry
// uses for a new schema; and, as the specification has it and 1.12 no longer, a name is defined before it is used, and once.
// Oddities that Java takes are taken: a `doc` that is no text is none, attributes it does not know are kept.
import { isArray, isNumber, isObject, javaDouble, parseJson, printJson, isIntegral } from './json.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isValidDefault } from './defaults.ts';
import {
  branchName,
  fullName,
  isPrimitive,
  SchemaParseError,
  type EnumSchema,
  type Field,
  type FixedSchema,
  type Name,
  type NamedSchema,
  type Order,
  type RecordSchema,
  type Schema,
  type UnionSchema,
} from './schema.ts';

/** Named types by full name: those that references bring, and then those of the schema itself. */
export type KnownTypes = ReadonlyMap<string, NamedSchema>;

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/u;
const reserved = new Set([
  'doc',
  'fields',
  'items',
  'name',
  'namespace',
  'size',
  'symbols',
  'values',
  'type',
  'aliases',
]);
const reservedOfEnum = new Set([...reserved, 'default']);
const reservedOfField = new Set(['default', 'doc', 'name', 'order', 'type', 'aliases']);
/** Largest `fixed`: the longest array that Java has. */
const largestFixed = 2 ** 31 - 9;

const fail = (message: string): never => {
  throw new SchemaParseError(message);
};
const shown = (value: JsonValue): string => {
  const text = printJson(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
const text = (object: JsonObject, member: string): string | undefined => {
  const value = object.get(member);
  return typeof value === 'string' ? value : undefined;
};
const validName = (name: string): string =>
  identifier.test(name) ? name : fail(`Illegal name: ${JSON.stringify(name)}`);

function nameOf(name: string, space: string | undefined): Name {
  const dot = name.lastIndexOf('.');
  const within = dot < 0 ? space : name.slice(0, dot);
  return { name: validName(name.slice(dot + 1)), space: within === '' ? undefined : within };
}

function propsOf(object: JsonObject, without: ReadonlySet<string>): JsonObject {
  return new Map([...object].filter(([name]) => !without.has(name)));
}

function aliasesOf(object: JsonObject): string[] {
  const aliases = object.get('aliases');
  if (aliases === undefined) return [];
  if (!isArray(aliases)) return fail(`aliases not an array: ${shown(object)}`);
  const names = aliases.map((alias) =>
    typeof alias === 'string' ? alias : fail(`alias not a string: ${shown(alias)}`),
  );
  return [...new Set(names)];
}

/**
 * Parses a schema.
 * @param known - the named types that it may name without defining them
 * @returns the schema, and all named types it may use or defines
 * @throws SchemaParseError, JsonSyntaxError
 */
export function parseSchema(
  source: string,
  known: KnownTypes = new Map(),
): { readonly schema: Schema; readonly types: KnownTypes } {
  const types = new Map<string, NamedSchema>(known);
  /** Records whose fields are being parsed: no default can be checked against them yet. */
  const open = new Set<Schema>();

  const find = (name: string, space: string | undefined): Schema => {
    if (isPrimitive(name)) return { type: name, props: new Map() };
    const full = space !== undefined && !name.includes('.') ? `${space}.${name}` : name;
    return types.get(full) ?? types.get(name) ?? fail(`Undefined name: ${JSON.stringify(full)}`);
  };

  const define = <T extends NamedSchema>(schema: T): T => {
    const { name } = schema;
    const full = fullName(name);
    if (isPrimitive(full)) fail(`Schemas may not be named after primitives: ${full}`);
    if (name.space !== undefined) for (const part of name.space.split('.')) validName(part);
    if (types.has(full)) fail(`Can't redefine: ${full}`);
    types.set(full, schema);
    return schema;
  };

  /** What every named type has. */
  const named = (
    object: JsonObject,
    space: string | undefined,
  ): Pick<NamedSchema, 'name' | 'doc' | 'aliases'> => {
    const given = text(object, 'name') ?? fail(`No name in schema: ${shown(object)}`);
    const name = nameOf(given, text(object, 'namespace') ?? space);
    // By full name, since `A` and `shop.A` are one alias in the namespace `shop`.
    const aliases = new Map(
      aliasesOf(object).map((alias) => {
        const other = nameOf(alias, name.space);
        return [fullName(other), other];
      }),
    );
    return { name, doc: text(object, 'doc'), aliases: [...aliases.values()] };
  };

  const readField = (value: JsonValue, space: string | undefined): Field => {
    if (!isObject(value)) return fail(`No field name: ${shown(value)}`);
    const name = validName(text(value, 'name') ?? fail(`No field name: ${shown(value)}`));
    const type = read(value.get('type') ?? fail(`No field type: ${shown(value)}`), space);
    const order = value.has('order') ? text(value, 'order')?.toLowerCase() : 'ascending';
    if (order !== 'ascending' && order !== 'descending' && order !== 'ignore')
      fail(`No order: ${shown(value)}`);
    const given = value.get('default');
    const isFloating = type.type === 'float' || type.type === 'double';
    const byDefault = isFloating && typeof given === 'string' ? fromText(given) : given;
    if (byDefault !== undefined && !isValidDefault(type, byDefault, open))
      fail(`Invalid default for field ${name}: ${shown(byDefault)} not a ${branchName(type)}`);
    return {
      name,
      type,
      doc: text(value, 'doc'),
      default: byDefault,
      order: order as Order,
      aliases: aliasesOf(value),
      props: propsOf(value, reservedOfField),
    };
  };

  const readRecord = (object: JsonObject, space: string | undefined): RecordSchema => {
    const fields: Field[] = [];
    const schema: RecordSchema = define({
      type: 'record',
      isError: text(object, 'type') === 'error',
      ...named(object, space),
      fields,
      props: propsOf(object, reserved),
    });
    const given = object.get('fields');
    if (!isArray(given)) return fail(`Record has no fields: ${shown(object)}`);
    open.add(schema);
    const names = new Set<string>();
    for (const value of given) {
      const field = readField(value, schema.name.space);
      if (names.has(field.name)) fail(`Duplicate field ${field.name} in record ${fullName(schema.name)}`);
      names.add(field.name);
      fields.push(field);
    }
    open.delete(schema);
    return schema;
  };

  const readEnum = (object: JsonObject, space: string | undefined): EnumSchema => {
    const given = object.get('symbols');
    if (!isArray(given)) return fail(`Enum has no symbols: ${shown(object)}`);
    const symbols = given.map((symbol) =>
      typeof symbol === 'string' ? validName(symbol) : fail('Null name'),
    );
    if (new Set(symbols).size < symbols.length) fail(`Duplicate enum symbol: ${shown(given)}`);
    const byDefault = text(object, 'default');
    if (byDefault !== undefined && !symbols.includes(byDefault))
      fail(`The Enum Default: ${byDefault} is not in the enum symbol set: ${shown(given)}`);
    const props = propsOf(object, reservedOfEnum);
    return define({ type: 'enum', ...named(object, space), symbols, default: byDefault, props });
  };

  const readFixed = (object: JsonObject, space: string | undefined): FixedSchema => {
    const size = object.get('size');
    const bytes = isNumber(size) && isIntegral(size) ? Number(size.number) : -1;
    if (bytes < 0 || bytes > largestFixed) fail(`Invalid or no size: ${shown(object)}`);
    return define({ type: 'fixed', ...named(object, space), size: bytes, props: propsOf(object, reserved) });
  };

  const readUnion = (branches: readonly JsonValue[], space: string | undefined): UnionSchema => {
    const union = branches.map((branch) => read(branch, space));
    const names = new Set<string>();
    for (const branch of union) {
      if (branch.type === 'union') fail('Nested union');
      const name = branchName(branch);
      if (names.has(name)) fail(`Duplicate in union: ${name}`);
      names.add(name);
    }
    return { type: 'union', types: union };
  };

  function read(value: JsonValue, space: string | undefined): Schema {
    if (typeof value === 'string') return find(value, space);
    if (isArray(value)) return readUnion(value, space);
    if (!isObject(value)) return fail(`Schema not yet supported: ${shown(value)}`);
    const type = text(value, 'type') ?? fail(`No type: ${shown(value)}`);
    const props = propsOf(value, reserved);
    if (isPrimitive(type)) return { type, props };
    switch (type) {
      case 'record':
      case 'error':
        return readRecord(value, space);
      case 'enum':
        return readEnum(value, space);
      case 'fixed':
        return readFixed(value, space);
      case 'array':
        return {
          type,
          items: read(value.get('items') ?? fail(`Array has no items type: ${shown(value)}`), space),
          props,
        };
      case 'map':
        return {
          type,
          values: read(value.get('values') ?? fail(`Map has no values type: ${shown(value)}`), space),
          props,
        };
      default:
        return find(type, space);
    }
  }

  return { schema: read(parseJson(source), undefined), types };
}

/** A default of `float` or `double` may be text: `"NaN"`, `"-Infinity"`, `"1.5"`. */
function fromText(given: string): JsonValue {
  if (/^[+-]?(?:NaN|Infinity)$/u.test(given.trim())) return given.trim().replace('+', '');
  const value = given.trim() === '' ? Number.NaN : Number(given);
  return Number.isNaN(value)
    ? fail(`Invalid default: ${JSON.stringify(given)} is no number`)
    : { number: javaDouble(value) };
}
