// What serves a request: one function for each API. Handlers know decoded messages alone; bytes, versions and connections are the
// protocol's.
import type { RequestOf, ResponseOf } from './api.ts';
import type { ApiName, apis } from './apis.ts';

/** What a handler may know beside the request. */
export interface RequestContext {
  readonly apiVersion: number;
  readonly clientId: string | null;
  /** The client's address, as Kafka's group descriptions print it: `/127.0.0.1`. */
  readonly clientHost: string;
  /** Aborted when the connection has closed or the broker stops: whoever waits for something stops waiting. */
  readonly signal: AbortSignal;
}

/**
 * Serves one request. `null` sends no answer (Produce with acks=0). What it throws is logged and closes the connection, so that
 * every error that the protocol knows is part of the answer instead.
 */
export type Handler<Request, Response> = (
  request: Request,
  context: RequestContext,
) => Response | null | Promise<Response | null>;

/** One handler for each API, by the API's name. */
export type Handlers = {
  readonly [Name in ApiName]: Handler<RequestOf<(typeof apis)[Name]>, ResponseOf<(typeof apis)[Name]>>;
};
