// The errors that clients see: MongoDB's number, its name and a message. The numbers and names are those of MongoDB 7.0's
// error codes page and of its manual; numbers without a name ("Location40324") belong to one place in the server each.

/** The named codes that this server answers with. */
const named = {
  InternalError: 1,
  BadValue: 2,
  NoSuchKey: 4,
  GraphContainsCycle: 5,
  FailedToParse: 9,
  UserNotFound: 11,
  UnsupportedFormat: 12,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  ProtocolError: 17,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  EmptyArrayOperation: 21,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  RoleNotFound: 31,
  CannotBackfillArray: 39,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  DottedFieldName: 57,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CursorInUse: 12051,
  CommandNotSupported: 115,
  DocumentValidationFailure: 121,
  CommandNotSupportedOnView: 166,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  TooManyLogicalSessions: 261,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  ConversionFailure: 241,
  InvalidIndexSpecificationOption: 197,
  QueryFeatureNotAllowed: 224,
  NoSuchSession: 206,
  NotImplemented: 238,
  MaxSubPipelineDepthExceeded: 232,
  TooManyFilesOpen: 264,
  Interrupted: 11601,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  KeyTooLong: 17280,
} as const;

export type CodeName = keyof typeof named;

const nameOf = new Map<number, string>(Object.entries(named).map(([name, code]) => [code, name]));

/** An error that goes to the client as `{ok: 0, errmsg, code, codeName}`, or as an entry of `writeErrors`. */
export class MongoError extends Error {
  override readonly name = 'MongoError';
  readonly code: number;
  readonly codeName: string;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
    this.codeName = nameOf.get(code) ?? `Location${String(code)}`;
  }
}

/**
 * A `MongoError` by the name of its code, or by the bare number of a `Location…` code.
 *
 * @returns The error, for the caller to throw.
 */
export function mongoError(code: CodeName | number, message: string): MongoError {
  return new MongoError(typeof code === 'number' ? code : named[code], message);
}
