// A server whose handlers a test gives, clients of it, and the requests that they send.
import { apis, type ApiName } from '../apis.ts';
import type { RequestOf } from '../api.ts';
import type { ConnectionLimits } from '../connection.ts';
import type { Handlers } from '../handler.ts';
import { encodeRequest } from '../messages.ts';
import { listen, type ListeningServer } from '../server.ts';
import { createService, type Service } from '../service.ts';
import { connectTo, type RawClient } from './client.ts';

/** Makes a service of a few handlers; what no handler foresaw goes to `report`. */
export function serviceOf(
  handlers: Partial<Handlers>,
  report: (error: Error) => void = () => undefined,
): Service {
  const missing = (name: string) => () => {
    throw new Error(`no handler for ${name}`);
  };
  const all = Object.fromEntries(Object.keys(apis).map((name) => [name, missing(name)])) as Record<
    ApiName,
    never
  >;
  return createService({ ...all, ...handlers }, report);
}

const running: { close(): Promise<void> | void }[] = [];

/** Ends every server and client that was started: for `afterEach`. */
export async function endAll(): Promise<void> {
  for (const each of running.splice(0).reverse()) await each.close();
}

/** A server of a few handlers. */
export interface Started {
  readonly server: ListeningServer;
  /** What it logged. */
  readonly lines: string[];
  /** What handlers threw unforeseen. */
  readonly errors: Error[];
  /** Connects. */
  readonly client: () => Promise<RawClient>;
}

/** Starts a server; APIs without a handler fail. */
export async function start(
  handlers: Partial<Handlers>,
  limits: Partial<ConnectionLimits> = {},
  maxConnections = 10,
  port = 0,
): Promise<Started> {
  const lines: string[] = [];
  const errors: Error[] = [];
  const server = await listen({
    host: '127.0.0.1',
    port,
    service: serviceOf(handlers, (error) => errors.push(error)),
    log: (line) => lines.push(line),
    limits,
    maxConnections,
  });
  running.push(server);
  return {
    server,
    lines,
    errors,
    async client() {
      const client = await connectTo(server.port);
      running.push(client);
      return client;
    },
  };
}

/** A request as a client sends it. */
export const request = <Name extends ApiName>(
  name: Name,
  version: number,
  correlationId: number,
  message: RequestOf<(typeof apis)[Name]>,
): Buffer =>
  encodeRequest<(typeof apis)[Name]>(apis[name], version, { correlationId, clientId: 'test' }, message);

export const heartbeat = (correlationId: number, generationId = 1): Buffer =>
  request('heartbeat', 4, correlationId, {
    groupId: 'g',
    generationId,
    memberId: 'm',
    groupInstanceId: null,
  });
export const produce = (correlationId: number, acks = 1): Buffer =>
  request('produce', 9, correlationId, {
    transactionalId: null,
    acks,
    timeoutMs: correlationId,
    topicData: [],
  });
export const versions = (correlationId: number, version = 3): Buffer =>
  request('apiVersions', version, correlationId, { clientSoftwareName: 'a', clientSoftwareVersion: 'b' });

export const correlationOf = (frame: Buffer | undefined): number | undefined => frame?.readInt32BE();
