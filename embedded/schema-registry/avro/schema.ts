// An Avro schema after parsing (Avro 1.12 specification). Named types are shared objects, so a recursive schema is a cyclic
// graph. What Avro itself gives no meaning is kept in `props`, logical types included.
import type { JsonObject, JsonValue } from './json.ts';

/** The text is no Avro schema. The message says what is wrong. */
export class SchemaParseError extends Error {
  override readonly name = 'SchemaParseError';
}

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type PrimitiveName = (typeof primitives)[number];
export const isPrimitive = (name: string): name is PrimitiveName =>
  primitives.some((known) => known === name);

export interface Primitive {
  readonly type: PrimitiveName;
  readonly props: JsonObject;
}
export interface ArraySchema {
  readonly type: 'array';
  readonly items: Schema;
  readonly props: JsonObject;
}
export interface MapSchema {
  readonly type: 'map';
  readonly values: Schema;
  readonly props: JsonObject;
}
export interface UnionSchema {
  readonly type: 'union';
  readonly types: readonly Schema[];
}

/** A name within its namespace. */
export interface Name {
  readonly name: string;
  readonly space: string | undefined;
}
export const fullName = ({ name, space }: Name): string => (space === undefined ? name : `${space}.${name}`);

interface Named {
  readonly name: Name;
  readonly doc: string | undefined;
  readonly aliases: readonly Name[];
  readonly props: JsonObject;
}
export interface FixedSchema extends Named {
  readonly type: 'fixed';
  readonly size: number;
}
export interface EnumSchema extends Named {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly default: string | undefined;
}
export type Order = 'ascending' | 'descending' | 'ignore';
export interface Field {
  readonly name: string;
  readonly type: Schema;
  readonly doc: string | undefined;
  /** `undefined` is none; `null` is the default null. */
  readonly default: JsonValue | undefined;
  readonly order: Order;
  readonly aliases: readonly string[];
  readonly props: JsonObject;
}
export interface RecordSchema extends Named {
  readonly type: 'record';
  /** Written as `error`: a record that a protocol throws. */
  readonly isError: boolean;
  /** Filled once the fields are parsed: they may name the record itself. */
  readonly fields: readonly Field[];
}

export type NamedSchema = FixedSchema | EnumSchema | RecordSchema;
export type Schema = Primitive | ArraySchema | MapSchema | UnionSchema | NamedSchema;

export const isNamed = (schema: Schema): schema is NamedSchema =>
  schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed';

/** The name by which a union tells its branches apart. */
export const branchName = (schema: Schema): string => (isNamed(schema) ? fullName(schema.name) : schema.type);
