// Serves requests of every API: bytes in, bytes out. What a request is, whether its version is served, and how an error is
// answered is decided here; what it does is the handlers'.
import type { Api, RequestOf, ResponseOf } from './api.ts';
import { apis, type ApiName } from './apis.ts';
import { errorCodes, ProtocolError } from './errors.ts';
import type { Handler, Handlers, RequestContext } from './handler.ts';
import { MalformedMessage } from './malformed.ts';
import { decodeRequest, encodeResponse, type RequestStart } from './messages.ts';
import { apiVersions, type ApiVersionsResponse } from './messages/api-versions.ts';
import type { Reader } from './reader.ts';
import { includes } from './versions.ts';

/** What a connection says about itself to handlers. */
export type ConnectionContext = Pick<RequestContext, 'clientHost' | 'signal'>;

/** An answer's bytes, or null where there is none. */
export type Answer = readonly Buffer[] | null;

/** Serves the requests of connections. */
export interface Service {
  /**
   * Serves one request, of which the start has been read.
   *
   * @throws MalformedMessage when it is not a request that can be answered: the connection is to be closed
   */
  serve(start: RequestStart, reader: Reader, connection: ConnectionContext): Promise<Answer> | Answer;
  /** Whether requests of this kind may be started before the earlier ones of the same kind have been answered. */
  mayOverlap(apiKey: number): boolean;
}

type Serve = (start: RequestStart, reader: Reader, connection: ConnectionContext) => Promise<Answer> | Answer;

/**
 * Makes the service of a broker.
 *
 * @param report told of errors that no handler foresaw
 */
export function createService(
  handlers: Omit<Handlers, 'apiVersions'>,
  report: (error: Error, doing: string) => void,
): Service {
  const answer = versionsAnswer();
  const all: Handlers = { ...handlers, apiVersions: () => answer };
  const serveNamed = <Name extends ApiName>(name: Name, handler: Handlers[Name]): Serve =>
    serveApi<(typeof apis)[Name]>(name, apis[name], handler, report);
  const byKey = new Map(apiNames.map((name) => [apis[name].key, serveNamed(name, all[name])]));

  return {
    serve(start, reader, connection) {
      const serve = byKey.get(start.apiKey);
      if (serve === undefined) throw new MalformedMessage(`API ${String(start.apiKey)} is not served`);
      return serve(start, reader, connection);
    },
    mayOverlap: (apiKey) => apiKey === apis.produce.key,
  };
}

const isApiName = (name: string): name is ApiName => name in apis;
const apiNames = Object.keys(apis).filter(isApiName);

function versionsAnswer(): ApiVersionsResponse {
  const apiKeys = apiNames.map((name) => {
    const { key, versions } = apis[name];
    return { apiKey: key, minVersion: versions[0], maxVersion: versions[1] };
  });
  return { errorCode: errorCodes.NONE, apiKeys: apiKeys.sort((a, b) => a.apiKey - b.apiKey) };
}

function serveApi<A extends Api>(
  name: ApiName,
  api: A,
  handler: Handler<RequestOf<A>, ResponseOf<A>>,
  report: (error: Error, doing: string) => void,
): Serve {
  const [first, last] = api.versions;
  return (start, reader, connection) => {
    const { apiVersion, correlationId } = start;
    if (apiVersion < first || apiVersion > last) {
      if (api.key === apiVersions.key) return refuseVersion(correlationId);
      throw new MalformedMessage(
        `${name} is served in versions ${String(first)} to ${String(last)}, not ${String(apiVersion)}`,
      );
    }
    const { clientId, request } = decodeRequest(api, apiVersion, reader);
    const encode = (response: ResponseOf<A> | null): Answer =>
      response === null ? null : encodeResponse(api, apiVersion, correlationId, response);
    const refuse = (error: unknown): Answer => {
      const code = error instanceof ProtocolError ? error.code : errorCodes.UNKNOWN_SERVER_ERROR;
      if (!(error instanceof ProtocolError))
        report(error instanceof Error ? error : new Error(String(error)), `${name} ${String(apiVersion)}`);
      const response = errorResponse(api, apiVersion, code);
      if (response === undefined)
        throw new MalformedMessage(
          `${name} failed: ${error instanceof Error ? error.message : String(error)}`,
        );
      return encode(response);
    };
    try {
      const response = handler(request, { apiVersion, clientId, ...connection });
      return response instanceof Promise ? response.then(encode).catch(refuse) : encode(response);
    } catch (error) {
      return refuse(error);
    }
  };
}

/** A client that is newer than the broker learns from version 0 which versions there are (KIP-511). */
const refuseVersion = (correlationId: number): Answer =>
  encodeResponse(apiVersions, 0, correlationId, {
    ...versionsAnswer(),
    errorCode: errorCodes.UNSUPPORTED_VERSION,
  });

/** An answer that is nothing but an error code, for the APIs that have one at the top. */
function errorResponse<A extends Api>(api: A, version: number, errorCode: number): ResponseOf<A> | undefined {
  const field = api.response.errorCode;
  if (field === undefined || !includes(field.versions, version)) return undefined;
  const defaults = Object.fromEntries(
    Object.entries(api.response).map(([name, { default: value }]) => [name, value]),
  );
  return { ...defaults, errorCode } as ResponseOf<A>;
}
