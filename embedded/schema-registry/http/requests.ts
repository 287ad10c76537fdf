// What requests carry, checked: a boundary that trusts nothing. Members that Confluent's registry does not know it ignores, and
// so do we; those that it knows and we do not serve are refused rather than ignored.
import { errors, RegistryError } from '../errors.ts';
import { isCompatibilityLevel, isMode, type Config, type Mode, type Reference } from '../model.ts';
import type { SchemaRequest, VersionNumber } from '../registry.ts';

type Members = Readonly<Record<string, unknown>>;
const largest = 2 ** 31 - 1;

/**
 * A request's body.
 * @throws RegistryError 400 when it is no JSON, 422 when it is no object
 */
export function bodyOf(body: unknown): Members {
  let value: unknown;
  try {
    value = typeof body === 'string' && body !== '' ? JSON.parse(body) : null;
  } catch (error) {
    throw new RegistryError(
      400,
      400,
      `The request's body is no JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw errors.invalidRequest('The request needs a JSON object as its body');
  return value as Members;
}

function textOf(members: Members, name: string): string | undefined {
  const value = members[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw errors.invalidRequest(`'${name}' is no text`);
}

function integerOf(members: Members, name: string): number | undefined {
  const value = members[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= largest) return value;
  throw errors.invalidRequest(`'${name}' is no 32-bit integer`);
}

function refuse(members: Members, names: readonly string[]): void {
  const found = names.find((name) => (members[name] ?? undefined) !== undefined);
  if (found !== undefined) throw errors.invalidRequest(`'${found}' is not served by this registry`);
}

const positive = (value: number | undefined): number | undefined =>
  value === undefined || value <= 0 ? undefined : value;

/** @throws RegistryError 422, 42201 for a schema type that is not served */
export function schemaRequest(body: unknown): SchemaRequest {
  const members = bodyOf(body);
  refuse(members, ['metadata', 'ruleSet', 'schemaTagsToAdd', 'schemaTagsToRemove']);
  const type = textOf(members, 'schemaType') ?? 'AVRO';
  if (type !== 'AVRO') {
    const isKnown = type === 'JSON' || type === 'PROTOBUF';
    throw errors.invalidSchema(
      isKnown
        ? `Schemas of type ${type} are not served by this registry: AVRO alone is`
        : `Invalid schema type ${type}`,
    );
  }
  const id = integerOf(members, 'id');
  return {
    schema: textOf(members, 'schema') ?? '',
    references: referencesOf(members.references ?? undefined),
    id: id === undefined || id < 0 ? undefined : id,
    version: positive(integerOf(members, 'version')),
  };
}

function referencesOf(value: unknown): Reference[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw errors.invalidRequest("'references' is no list");
  return value.map((item: unknown) => {
    const members = typeof item === 'object' && item !== null ? (item as Members) : {};
    const name = textOf(members, 'name');
    const subject = textOf(members, 'subject');
    const version = integerOf(members, 'version');
    if (name === undefined || subject === undefined || version === undefined)
      throw errors.invalidSchema(`Invalid reference: ${JSON.stringify(item)}`);
    return { name, subject, version };
  });
}

/** @throws RegistryError 42203 */
export function configRequest(body: unknown): Config {
  const members = bodyOf(body);
  refuse(members, [
    'alias',
    'compatibilityGroup',
    'defaultMetadata',
    'overrideMetadata',
    'defaultRuleSet',
    'overrideRuleSet',
  ]);
  const level = textOf(members, 'compatibility')?.toUpperCase();
  if (level !== undefined && !isCompatibilityLevel(level)) throw errors.invalidCompatibility();
  const normalize = members.normalize ?? undefined;
  if (normalize !== undefined && typeof normalize !== 'boolean')
    throw errors.invalidRequest("'normalize' is no boolean");
  return {
    ...(level === undefined ? {} : { compatibilityLevel: level }),
    ...(normalize === undefined ? {} : { normalize }),
  };
}

/** @throws RegistryError 42204 */
export function modeRequest(body: unknown): Mode {
  const mode = textOf(bodyOf(body), 'mode')?.toUpperCase();
  if (mode === undefined || !isMode(mode)) throw errors.invalidMode();
  return mode;
}

/** A version in a path: a number from 1, `latest` or `-1`. */
export function versionOf(value: string): VersionNumber {
  const text = value.trim().toLowerCase();
  if (text === 'latest' || text === '-1') return 'latest';
  const number = /^\+?\d{1,10}$/u.test(text) ? Number(text) : 0;
  if (number < 1 || number > largest) throw errors.invalidVersion(value);
  return number;
}

/** An id in a path; what is no number is no path of ours. */
export function idOf(value: string): number {
  const number = /^-?\d{1,10}$/u.test(value) ? Number(value) : Number.NaN;
  if (!(Math.abs(number) <= largest)) throw errors.notServed();
  return number;
}

/** A subject in a path. Names in a context (`:.context:subject`) are refused: there are no contexts. */
export function subjectOf(value: string): string {
  if (value.startsWith(':.') || value.startsWith(':*:') || value === '__GLOBAL' || value === '__EMPTY')
    throw errors.invalidSubject(value);
  return value;
}

/** The query of a request: the last of those that are there several times. */
export interface Query {
  flag(name: string): boolean;
  text(name: string): string | undefined;
  /** The part of a list that `offset` and `limit` ask for. */
  page<T>(list: readonly T[]): T[];
}

export function queryOf(query: unknown): Query {
  const members = (query ?? {}) as Members;
  const text = (name: string): string | undefined => {
    const value: unknown = members[name];
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    return typeof last === 'string' ? last : undefined;
  };
  const integer = (name: string, otherwise: number): number => {
    const value = text(name);
    if (value === undefined) return otherwise;
    if (!/^-?\d{1,10}$/u.test(value)) throw errors.notServed();
    return Number(value);
  };
  return {
    text,
    flag: (name) => text(name)?.toLowerCase() === 'true',
    page(list) {
      const offset = Math.max(0, integer('offset', 0));
      const limit = integer('limit', -1);
      return list.slice(offset, limit < 0 ? undefined : offset + limit);
    },
  };
}
