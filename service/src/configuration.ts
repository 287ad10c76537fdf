// Configuration comes from the environment and nowhere else. A service declares its variables as one TypeBox object and
// gets them back typed, with defaults filled in. An empty variable counts as unset (`${SMTP_URL:-}` in a compose file).
// A wrong one is an error that names the variable, its value and what is wrong with it.
import { envSchema, type EnvSchemaData } from 'env-schema';
import { Type, type Static, type TObject } from 'typebox';

/** A variable is missing or wrong. The message is a sentence per variable, made for the person who starts the service. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** A TCP port; 0 lets the system pick a free one. */
export const port = (standard: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: standard, description });

const hostAndPort = '(\\[[0-9A-Fa-f:.]+\\]|[^\\s,:\\[\\]/]+):\\d{1,5}';

/** A comma-separated list of `host:port`, for example KAFKA_BROKERS. */
export const addressList = (description: string) =>
  Type.Unsafe<readonly string[]>({
    type: 'string',
    pattern: `^${hostAndPort}(,${hostAndPort})*$`,
    separator: ',',
    description,
  });

/** An http or https address. */
export const httpUrl = (description: string, standard?: string) =>
  Type.String({
    pattern: '^https?://[^\\s]+$',
    description,
    ...(standard === undefined ? {} : { default: standard }),
  });

/** A duration in milliseconds, at least 0. */
export const milliseconds = (standard: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: standard, description });

/** A count within bounds. */
export const count = (standard: number, description: string, { minimum = 1, maximum = 1_000_000_000 } = {}) =>
  Type.Integer({ minimum, maximum, default: standard, description });

/** What every process understands: HOST, LOG_LEVEL, RATE_LIMIT. Spread into the service's own object. */
export const serviceVariables = {
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'address to listen on' }),
  LOG_LEVEL: Type.Union(
    (['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const).map((level) =>
      Type.Literal(level),
    ),
    { default: 'info', description: 'how much is logged' },
  ),
  RATE_LIMIT: count(6_000_000, 'requests per minute and client address before 429 is answered'),
};

/** Where Kafka and the Schema Registry are. Both must be set. */
export const eventLogVariables = {
  KAFKA_BROKERS: addressList('Kafka brokers as host:port, separated by commas'),
  SCHEMA_REGISTRY_URL: httpUrl('address of the Schema Registry'),
};

/** Where MongoDB is. It must be set; the database is the path of the address. */
export const mongoVariables = {
  MONGODB_URI: Type.String({
    pattern: '^mongodb(\\+srv)?://[^\\s]+$',
    description: 'address of MongoDB, mongodb://host:port/database',
  }),
};

interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const schemaErrors = (error: unknown): readonly SchemaError[] =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors)
    ? (error.errors as SchemaError[])
    : [];

/** An address may carry a password; a message must not. */
const withoutPassword = (value: string): string => value.replace(/\/\/[^/@\s]*@/, '//***@');

function explain(errors: readonly SchemaError[], schema: TObject, values: EnvSchemaData): string {
  const sentences = new Map<string, string>();
  for (const { instancePath, keyword, message, params } of errors) {
    const missing = keyword === 'required' ? params.missingProperty : undefined;
    const variable = typeof missing === 'string' ? missing : instancePath.slice(1);
    const definition: { description?: string; anyOf?: readonly { const?: unknown }[] } | undefined =
      schema.properties[variable];
    const meaning = definition?.description === undefined ? '' : ` (${definition.description})`;
    const choices = definition?.anyOf?.map((choice) => String(choice.const)).join(', ');
    const wrong = choices === undefined ? (message ?? 'is not valid') : `must be one of ${choices}`;
    sentences.set(
      variable,
      missing === undefined
        ? `${variable}="${withoutPassword(String(values[variable]))}" ${wrong}${meaning}.`
        : `${variable} is not set${meaning}.`,
    );
  }
  return [...sentences.values()].join(' ');
}

/**
 * Reads the variables that `schema` declares.
 *
 * @param schema - a TypeBox object; its properties are the names of the variables
 * @param env - the environment, by default this process's
 * @throws ConfigurationError when a variable is missing or wrong
 */
export function configuration<T extends TObject>(
  schema: T,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Static<T> {
  const values: EnvSchemaData = {};
  for (const name of Object.keys(schema.properties)) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') values[name] = value;
  }
  const asGiven = { ...values };
  try {
    return envSchema<Static<T>>({ schema: { ...schema }, data: values, env: false });
  } catch (error) {
    const errors = schemaErrors(error);
    if (errors.length === 0) throw error;
    throw new ConfigurationError(explain(errors, schema, asGiven), { cause: error });
  }
}
