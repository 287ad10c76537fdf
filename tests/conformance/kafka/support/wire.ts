// One connection to a broker, request by request, through the encoders of @platformatic/kafka: what a client library hides
// behind retries is seen here as the broker answers it, error codes by their names.
import {
  Connection,
  protocolErrorsCodesById,
  ResponseError,
  type API,
  type ResponseParser,
  type Writer,
} from '@platformatic/kafka';

/** A connection. */
export interface Wire {
  /** Sends a request and resolves with the answer, also with one that carries errors. */
  call<Request extends unknown[], Response>(
    api: API<Request, Response>,
    ...request: Request
  ): Promise<Response>;
  /** The same for a request that no encoder makes: flexible headers, payload as given. */
  send<Response>(request: {
    readonly key: number;
    readonly version: number;
    readonly payload: () => Writer;
    readonly parse: ResponseParser<Response>;
  }): Promise<Response>;
  /** Ends the connection without a word, as a process that is killed does. */
  kill(): void;
  close(): Promise<void>;
}

/** Longest time for one answer, ms: longer than any wait that a suite asks a broker for. */
const answerWithin = 45_000;

/** The name of an error code: `UNKNOWN_TOPIC_OR_PARTITION`; `NONE` for 0. */
export const nameOf = (code: number | undefined): string =>
  code === undefined ? 'no answer' : (protocolErrorsCodesById[code] ?? `error ${String(code)}`);

/** The answer that an error carries. */
const answerOf = (error: unknown, request: string): unknown => {
  if (error instanceof ResponseError) return error.response;
  throw new Error(`no answer to ${request}`, { cause: error });
};

/** Opens a connection to `127.0.0.1:9092`. */
export async function openWire(address: string, clientId = 'conformance'): Promise<Wire> {
  const [host = '', port] = address.split(':');
  const connection = new Connection(clientId, {
    connectTimeout: answerWithin,
    requestTimeout: answerWithin,
    maxInflights: 100,
  });
  // Its errors are those of the calls.
  connection.on('error', () => undefined);
  await connection.connect(host, Number(port));
  return {
    call: async <Request extends unknown[], Response>(api: API<Request, Response>, ...request: Request) => {
      try {
        return await api.async(connection, ...request);
      } catch (error) {
        return answerOf(error, `request ${String(api.key)} version ${String(api.version)}`) as Response;
      }
    },
    send: <Response>({
      key,
      version,
      payload,
      parse,
    }: {
      readonly key: number;
      readonly version: number;
      readonly payload: () => Writer;
      readonly parse: ResponseParser<Response>;
    }) =>
      new Promise<Response>((resolve, reject) => {
        connection.send(key, version, payload, parse, true, true, (error, response) => {
          if (error === null) resolve(response as Response);
          else if (error instanceof ResponseError) resolve(error.response as Response);
          else reject(error);
        });
      }),
    kill() {
      connection.socket.resetAndDestroy();
    },
    close: () => connection.close(),
  };
}
