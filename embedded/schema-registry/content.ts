// From the text that a client sends to the content that is kept: parsed as Avro together with the types its references bring,
// and printed in its canonical form.
import { JsonSyntaxError } from './avro/json.ts';
import { parseSchema, type KnownTypes } from './avro/parse.ts';
import { printSchema } from './avro/print.ts';
import { fullName, isNamed, SchemaParseError, type NamedSchema, type Schema } from './avro/schema.ts';
import { errors } from './errors.ts';
import { contentKey, type Content, type Reference } from './model.ts';
import type { State } from './state.ts';

/** A content and its schema. */
export interface Parsed {
  readonly content: Content;
  readonly schema: Schema;
  /**
   * The schema in a form that is the same for schemas that differ only in what they take from references and in the order of
   * attributes.
   */
  readonly identity: string;
}

export interface ContentOptions {
  /** As `normalize=true` has it. */
  readonly normalize?: boolean | undefined;
  /** Whether references may lead to deleted versions. */
  readonly deleted?: boolean | undefined;
}

/** Versions that references may bring in all: each is parsed once. */
const mostReferenced = 1_000;

export interface Contents {
  /**
   * Parses what a client has sent.
   * @throws RegistryError 42201
   */
  read(text: string, references: readonly Reference[], options?: ContentOptions): Parsed;
  /** The schema of a content that is kept; `undefined` when it is not Avro or cannot be parsed. */
  parsed(content: Content): Parsed | undefined;
}

/** @param state - where references lead */
export function createContents(state: () => State): Contents {
  /** Parsed once, and kept as long as the state keeps the version. */
  const kept = new WeakMap<Content, Parsed | undefined>();

  /** Follows references, and theirs; what they bring, and the names that are written in place of types. */
  function resolve(references: readonly Reference[], deleted: boolean) {
    let types: KnownTypes = new Map<string, NamedSchema>();
    const names = new Set<string>();
    const seen = new Set<string>();
    const follow = (list: readonly Reference[]): Reference[] =>
      list.map((reference) => {
        const { name, subject, version } = reference;
        const versions = state().versions(subject, deleted ? 'all' : 'live');
        const target =
          version === -1 ? versions.at(-1) : versions.find((candidate) => candidate.version === version);
        if (target === undefined)
          throw errors.invalidSchema(
            `No schema reference found for subject "${subject}" and version ${String(version)}`,
          );
        if (!seen.has(name)) {
          seen.add(name);
          if (seen.size > mostReferenced)
            throw errors.invalidSchema(`More than ${String(mostReferenced)} schemas are referenced`);
          follow(target.references);
          const brought = parseSchema(target.schema, types);
          types = brought.types;
          if (isNamed(brought.schema)) names.add(fullName(brought.schema.name));
        }
        return { name, subject, version: target.version };
      });
    return { references: follow(references), types, names };
  }

  function parse(
    text: string,
    given: readonly Reference[],
    { normalize = false, deleted = true }: ContentOptions,
  ): Parsed {
    const resolved = resolve(given, deleted);
    const { names } = resolved;
    let { references } = resolved;
    const { schema } = parseSchema(text, resolved.types);
    if (normalize) {
      const byText = new Map(
        references.map((reference) => [contentKey({ schema: '', references: [reference] }), reference]),
      );
      references = [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
    }
    const content = { schema: printSchema(schema, { known: names, normalized: normalize }), references };
    return { content, schema, identity: printSchema(schema, { normalized: true }) };
  }

  return {
    read(text, references, options = {}) {
      if (text.trim() === '') throw errors.invalidSchema('Empty schema');
      try {
        return parse(text, references, options);
      } catch (error) {
        if (
          error instanceof JsonSyntaxError ||
          error instanceof SchemaParseError ||
          error instanceof RangeError
        )
          throw errors.invalidSchema(`Invalid schema of type AVRO, details: ${error.message}`);
        throw error;
      }
    },
    parsed(content) {
      if (!kept.has(content)) {
        let parsed: Parsed | undefined;
        try {
          if (content.schemaType === undefined) parsed = parse(content.schema, content.references, {});
        } catch {
          // Written by another registry, or its references are gone: it is compatible with nothing.
        }
        kept.set(content, parsed);
      }
      return kept.get(content);
    },
  };
}
