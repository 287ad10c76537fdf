// Whether a default in a schema fits the field's type (Avro 1.12, "Complex types: Records"). A union's default may be of any of
// its branches since 1.12; before, only of the first.
import { isArray, isIntegral, isNumber, isObject, type JsonValue } from './json.ts';
import { SchemaParseError, type Schema } from './schema.ts';

const between = (value: JsonValue, least: bigint, most: bigint): boolean => {
  if (!isNumber(value) || !isIntegral(value) || value.number.length > 20) return false;
  const integer = BigInt(value.number);
  return integer >= least && integer <= most;
};

/** The three doubles that JSON has no number for. */
const isBeyondJson = (value: JsonValue): boolean =>
  value === 'NaN' || value === '-NaN' || value === 'Infinity' || value === '-Infinity';

/**
 * @param open - records whose fields are not all known yet
 * @throws SchemaParseError when the answer hangs on one of those
 */
export function isValidDefault(
  schema: Schema,
  value: JsonValue | undefined,
  open: ReadonlySet<Schema>,
): boolean {
  if (value === undefined) return false;
  switch (schema.type) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return between(value, -(2n ** 31n), 2n ** 31n - 1n);
    case 'long':
      return between(value, -(2n ** 63n), 2n ** 63n - 1n);
    case 'float':
    case 'double':
      return isNumber(value) || isBeyondJson(value);
    case 'bytes':
    case 'string':
    case 'enum':
    case 'fixed':
      return typeof value === 'string';
    case 'array':
      return isArray(value) && value.every((item) => isValidDefault(schema.items, item, open));
    case 'map':
      return (
        isObject(value) && [...value.values()].every((item) => isValidDefault(schema.values, item, open))
      );
    case 'union':
      return schema.types.some((branch) => isValidDefault(branch, value, open));
    case 'record': {
      if (!isObject(value)) return false;
      if (open.has(schema))
        throw new SchemaParseError(`A default of ${schema.name.name} within itself cannot be checked`);
      return schema.fields.every(({ name, type, default: otherwise }) =>
        isValidDefault(type, value.has(name) ? value.get(name) : otherwise, open),
      );
    }
  }
}
