// The language in which messages are written down. A message is fields in the order in which they are sent; a field has a type,
// the versions in which it is there, those in which it may be null, a default, and perhaps a tag. One table gives the decoder, the
// encoder (codec.ts) and the static types. Notation and meaning follow Kafka's message definitions (KIP-482).
import { versionRange, type VersionRange, type Versions } from './versions.ts';

type Scalar = 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'uuid' | 'string' | 'bytes' | 'records';

type Shape =
  | { readonly kind: Scalar }
  | { readonly kind: 'array'; readonly item: AnyField }
  | { readonly kind: 'struct'; readonly fields: Fields };

/**
 * One field of a message: `Decoded` is what a decoder gives for it, `Encodable` what an encoder takes, and `Optional` says
 * whether it may be left out when encoding: when it has a default or is not in every version.
 */
export interface Field<Decoded, Encodable, Optional extends boolean> {
  readonly shape: Shape;
  /** Where the field is; in other versions it decodes to its default and is not sent. */
  readonly versions: VersionRange;
  /** Where it may be null. */
  readonly nullable: VersionRange | undefined;
  readonly tag: number | undefined;
  readonly default: Decoded;
  /** For types alone, never there. */
  readonly types?: { readonly encodable: Encodable; readonly optional: Optional };
}

export type AnyField = Field<unknown, unknown, boolean>;

/** Fields by name, in the order in which they are sent. */
export type Fields = Readonly<Record<string, AnyField>>;

type DecodedField<F> = F extends Field<infer Decoded, infer _Encodable, infer _Optional> ? Decoded : never;
type EncodableField<F> = F extends { readonly types?: { readonly encodable: infer Encodable } }
  ? Encodable
  : never;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly types?: { readonly optional: infer Optional } }
    ? Optional extends true
      ? K
      : never
    : never;
}[keyof F];

/** What decoding gives: every field, those absent from the version with their default. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: DecodedField<F[K]> };

/** What encoding takes: optional fields may be left out, and are sent with their default. */
export type Encodable<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: EncodableField<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: EncodableField<F[K]> | undefined };

/** A builder of one scalar type: `int32()`, `int32('3+')`, `int32('3+', -1)`. The default is zero, or empty, if not given. */
interface ScalarBuilder<D, E> {
  (): Field<D, E, false>;
  (versions: Versions, defaultValue?: D): Field<D, E, true>;
}

const scalar = <D, E = D>(kind: Scalar, zero: D): ScalarBuilder<D, E> => {
  const build = (versions: Versions = '0+', defaultValue: D = zero): Field<D, E, boolean> => ({
    shape: { kind },
    versions: versionRange(versions),
    nullable: undefined,
    tag: undefined,
    default: defaultValue,
  });
  return build as ScalarBuilder<D, E>;
};

const nothing: Buffer = Buffer.alloc(0);

export const bool = scalar<boolean>('bool', false);
export const int8 = scalar<number>('int8', 0);
export const int16 = scalar<number>('int16', 0);
export const int32 = scalar<number>('int32', 0);
/** A number: exact to 2^53, beyond it the nearest. */
export const int64 = scalar<number>('int64', 0);
/** 16 bytes, as Kafka prints them: 22 characters of base64url. */
export const uuid = scalar<string>('uuid', 'AAAAAAAAAAAAAAAAAAAAAA');
export const string = scalar<string>('string', '');
/** Bytes; decoded as a view of the frame, not as a copy. */
export const bytes = scalar<Buffer>('bytes', nothing);
/** Record batches: as bytes, but an encoder also takes them in pieces, and copies none of them. */
export const records = scalar<Buffer, Buffer | readonly Buffer[]>('records', nothing);

/** A struct of its own, as a tagged field or an array's item. */
export const struct = <const F extends Fields>(
  fields: F,
  versions: Versions = '0+',
): Field<Decoded<F>, Encodable<F>, false> => ({
  shape: { kind: 'struct', fields },
  versions: versionRange(versions),
  nullable: undefined,
  tag: undefined,
  default: Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.default]),
  ) as Decoded<F>,
});

/** An array of a field's type or, given fields, of structs; empty by default. */
export function array<D, E>(item: Field<D, E, boolean>): Field<readonly D[], readonly E[], false>;
export function array<D, E>(
  item: Field<D, E, boolean>,
  versions: Versions,
): Field<readonly D[], readonly E[], true>;
export function array<const F extends Fields>(
  item: F,
): Field<readonly Decoded<F>[], readonly Encodable<F>[], false>;
export function array<const F extends Fields>(
  item: F,
  versions: Versions,
): Field<readonly Decoded<F>[], readonly Encodable<F>[], true>;
export function array(
  item: AnyField | Fields,
  versions: Versions = '0+',
): Field<readonly unknown[], readonly unknown[], boolean> {
  return {
    shape: { kind: 'array', item: isField(item) ? item : struct(item) },
    versions: versionRange(versions),
    nullable: undefined,
    tag: undefined,
    default: [],
  };
}

const isField = (item: AnyField | Fields): item is AnyField => typeof item.default !== 'undefined';

/**
 * A field that may be null in `versions` (where it is there at all, if not given). It is null by default. In a version that
 * knows no null the encoder sends the empty value for it.
 */
export const nullable = <D, E>(
  field: Field<D, E, boolean>,
  versions?: Versions,
  defaultValue: D | null = null,
): Field<D | null, E | null, true> => ({
  shape: field.shape,
  versions: field.versions,
  nullable: versions === undefined ? field.versions : versionRange(versions),
  tag: field.tag,
  default: defaultValue,
});

/** A field in the tagged section of flexible versions (KIP-482): not sent while it has its default. */
export const tagged = <D, E>(tag: number, field: Field<D, E, boolean>): Field<D, E, true> => ({
  shape: field.shape,
  versions: field.versions,
  nullable: field.nullable,
  tag,
  default: field.default,
});
