// Generated values for any message: every field that a version has, of any value that it can carry.
import fc from 'fast-check';
import type { AnyField, Fields } from '../schema.ts';
import { includes } from '../versions.ts';

const bits = (count: number): fc.Arbitrary<number> =>
  fc.integer({ min: -(2 ** (count - 1)), max: 2 ** (count - 1) - 1 });
const buffers = fc.uint8Array({ maxLength: 3000, size: 'small' }).map((values) => Buffer.from(values));

const valueOf = (field: AnyField, version: number): fc.Arbitrary<unknown> => {
  const value = ofShape(field, version);
  const mayBeNull = field.nullable !== undefined && includes(field.nullable, version);
  return mayBeNull ? fc.option(value, { nil: null, freq: 4 }) : value;
};

const ofShape = ({ shape }: AnyField, version: number): fc.Arbitrary<unknown> => {
  switch (shape.kind) {
    case 'bool':
      return fc.boolean();
    case 'int8':
      return bits(8);
    case 'int16':
      return bits(16);
    case 'int32':
      return bits(32);
    case 'int64':
      return fc.maxSafeInteger();
    case 'uuid':
      return fc
        .uint8Array({ minLength: 16, maxLength: 16 })
        .map((values) => Buffer.from(values).toString('base64url'));
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 300, size: 'small' });
    case 'bytes':
    case 'records':
      return buffers;
    case 'struct':
      return message(shape.fields, version);
    case 'array':
      return fc.array(valueOf(shape.item, version), { maxLength: 4 });
  }
};

/** Values for `fields`: those that are not in `version` with their default. */
export const message = (fields: Fields, version: number): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        includes(field.versions, version) ? valueOf(field, version) : fc.constant(field.default),
      ]),
    ),
    { noNullPrototype: true },
  );
