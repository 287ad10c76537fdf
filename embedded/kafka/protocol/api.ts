// An API: its key, name and versions, and the tables of its two messages.
import type { Decoded, Encodable, Fields } from './schema.ts';

/** One API of the protocol. */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number;
  /** Versions whose messages the tables describe and which are served. */
  readonly versions: readonly [first: number, last: number];
  /** First version with compact strings and arrays and tagged fields (KIP-482). */
  readonly flexibleFrom: number;
  readonly request: Request;
  readonly response: Response;
}

/** States an API; the types of its messages are inferred from the tables. */
export const api = <const Request extends Fields, const Response extends Fields>(
  definition: Api<Request, Response>,
): Api<Request, Response> => definition;

/** What a request of the API decodes to. */
export type RequestOf<A extends Api> = Decoded<A['request']>;

/** What a response of the API is encoded from. */
export type ResponseOf<A extends Api> = Encodable<A['response']>;
