// Registers the schema of every event before anything is written or read. A schema that could not read the events already in
// the log is refused by the registry; its answer rarely says where, so the versions it holds are compared here, one by one,
// and the message names the field.
import { COMPATIBILITY, SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { catalogue, compatibility, type CatalogueEntry } from '@comptoir/schemas';
import avro from 'avsc';

/** A schema that cannot read what has been written with an earlier version of it. */
export class IncompatibleSchemaError extends Error {
  override readonly name = 'IncompatibleSchemaError';
}

/** How patient the registry's client is. */
export interface RegistryPatience {
  /** How long one answer may take, ms; 5,000 unless said otherwise. The client by itself would wait for ever. */
  readonly answerWithin?: number;
  /** How often a question is asked again; 8 times unless said otherwise, within about 20 s when it is refused at once. */
  readonly retries?: number;
}

/** Creates the registry's client. */
export function registryClient(
  url: string,
  clientId: string,
  { answerWithin = 5_000, retries = 8 }: RegistryPatience = {},
): SchemaRegistry {
  return new SchemaRegistry({
    host: url,
    clientId,
    retry: { initialRetryTimeInSecs: 0.1, multiplier: 2, maxRetryTimeInSecs: 5, retries },
    middlewares: [
      () => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: answerWithin }) }),
    ],
  });
}

/**
 * Registers the schemas of all events (or of those given) under their subjects, with BACKWARD_TRANSITIVE compatibility.
 * @returns the registry's id of each event's schema
 * @throws IncompatibleSchemaError naming event, version and field
 */
export async function registerSchemas(
  registry: SchemaRegistry,
  registryUrl: string,
  entries: readonly CatalogueEntry[] = catalogue,
): Promise<Map<CatalogueEntry, number>> {
  const ids = new Map<CatalogueEntry, number>();
  for (const entry of entries) {
    try {
      const { id } = await registry.register(entry.schema as never, {
        subject: entry.subject,
        compatibility: COMPATIBILITY[compatibility],
      });
      ids.set(entry, id);
    } catch (error) {
      throw await explain(registryUrl, entry, error);
    }
  }
  return ids;
}

async function explain(registryUrl: string, entry: CatalogueEntry, error: unknown): Promise<Error> {
  const reason = error instanceof Error ? error.message : String(error);
  const plain = new Error(`the schema registry at ${registryUrl} did not take ${entry.subject}: ${reason}`, {
    cause: error,
  });
  if (!isConflict(error)) return plain;
  const sentences = await incompatibilities(registryUrl, entry).catch(() => []);
  // A conflict without one: two services registered the same schema at the same moment. Trying again settles that.
  if (sentences.length === 0) return plain;
  return new IncompatibleSchemaError(
    `${entry.type} cannot be changed like this, since events already written could not be read any more: ${sentences.join('; ')}. ` +
      `Give a new field a default, or make it a new event type.`,
    { cause: error },
  );
}

const isConflict = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'status' in error &&
  (error.status === 409 || error.status === 422);

/** Compares a new schema with every version of its subject; one sentence for each that it cannot read. */
async function incompatibilities(registryUrl: string, entry: CatalogueEntry): Promise<string[]> {
  const reader = avro.Type.forSchema(entry.schema as avro.Schema);
  const subject = `${registryUrl}/subjects/${encodeURIComponent(entry.subject)}/versions`;
  const versions = (await getJson(subject)) as number[];
  const sentences: string[] = [];
  for (const version of versions) {
    const { schema } = (await getJson(`${subject}/${String(version)}`)) as { schema: string };
    try {
      reader.createResolver(avro.Type.forSchema(JSON.parse(schema) as avro.Schema));
    } catch (error) {
      sentences.push(`version ${String(version)}: ${incompatibleField(error, entry)}`);
    }
  }
  return sentences;
}

/** avsc says `cannot read … from …` or `no matching field for default-less shop.orders.OrderPlaced.channel`. */
function incompatibleField(error: unknown, entry: CatalogueEntry): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /no matching field for default-less (\S+)/.exec(message)?.[1];
  if (missing === undefined) return `${entry.type}: ${message}`;
  return `field ${missing.slice(missing.lastIndexOf('.') + 1)} of ${entry.type} has no default and is missing there`;
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`);
  return response.json();
}
