// What the registry keeps: schemas under subjects, compatibility levels and modes.

/** Levels of compatibility (Confluent, "Schema Evolution and Compatibility"). */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof compatibilityLevels)[number];
export const isCompatibilityLevel = (value: string): value is CompatibilityLevel =>
  compatibilityLevels.some((level) => level === value);

/** What may be done with a subject. In IMPORT, schemas are registered under given ids and versions, unchecked. */
export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;
export type Mode = (typeof modes)[number];
export const isMode = (value: string): value is Mode => modes.some((mode) => mode === value);

/** A named type that another subject's schema defines. */
export interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema without a place: two with the same text and references have the same id. */
export interface Content {
  readonly schema: string;
  readonly references: readonly Reference[];
  /** `AVRO` is left out, as it is in records and answers. */
  readonly schemaType?: string | undefined;
}
export const contentKey = ({ schema, references, schemaType = 'AVRO' }: Content): string =>
  JSON.stringify([
    schemaType,
    schema,
    ...references.flatMap(({ name, subject, version }) => [name, subject, version]),
  ]);

/** A schema under a subject. */
export interface SchemaVersion extends Content {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Soft-deleted: found by its id, and with `deleted=true`. */
  readonly deleted: boolean;
}

/** Configuration of a subject, or of all. */
export interface Config {
  readonly compatibilityLevel?: CompatibilityLevel | undefined;
  readonly normalize?: boolean | undefined;
}
