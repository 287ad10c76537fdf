// The errors that clients know: HTTP status and Confluent's error code (Schema Registry API reference, "Errors").

/** An answer that is an error: its body is `{error_code, message}`. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

const notFound = (code: number, message: string): RegistryError => new RegistryError(404, code, message);
const refused = (code: number, message: string): RegistryError => new RegistryError(422, code, message);

export const errors = {
  notServed: () => notFound(404, 'HTTP 404 Not Found'),
  subjectNotFound: (subject: string) => notFound(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number) => notFound(40402, `Version ${String(version)} not found.`),
  schemaNotFound: (id?: number) =>
    notFound(40403, id === undefined ? 'Schema not found' : `Schema ${String(id)} not found`),
  subjectSoftDeleted: (subject: string) =>
    notFound(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    notFound(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    notFound(
      40406,
      `Subject '${subject}' Version ${String(version)} was soft deleted.Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    notFound(
      40407,
      `Subject '${subject}' Version ${String(version)} was not deleted first before being permanently deleted`,
    ),
  noConfigOfSubject: (subject: string) =>
    notFound(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  noModeOfSubject: (subject: string) =>
    notFound(40409, `Subject '${subject}' does not have subject-level mode configured`),
  incompatible: (subject: string, details: string) =>
    new RegistryError(
      409,
      409,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: ${details}`,
    ),
  invalidRequest: (message: string) => refused(422, message),
  invalidSchema: (message: string) => refused(42201, message),
  invalidVersion: (version: string) =>
    refused(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidCompatibility: () =>
    refused(
      42203,
      'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
    ),
  invalidMode: () =>
    refused(42204, 'Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT'),
  notPermitted: (message: string) => refused(42205, message),
  referenceExists: (subject: string, version: number) =>
    refused(
      42206,
      `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${String(version)}}.`,
    ),
  invalidSubject: (subject: string) => refused(42208, `The specified subject '${subject}' is not a valid.`),
  schemaTooLarge: () => refused(42209, 'Register operation failed because schema is too large'),
  storeFailed: (what: string, cause: unknown) =>
    new RegistryError(500, 50001, `${what} failed while writing to the Kafka store`, { cause }),
  storeTimedOut: (what: string, cause?: unknown) =>
    new RegistryError(500, 50002, `${what} timed out: the Kafka store did not answer in time`, { cause }),
};
