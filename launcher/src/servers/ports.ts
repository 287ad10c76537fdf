// Ports to listen on: free ones for 0, and a clear error for one that is taken.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which Linux (32768 up), macOS and Windows (49152 up) take the ports of outgoing connections. */
const lowest = 20_000;
const highest = 32_000;
const attempts = 100;

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Why nothing can listen there (`EADDRINUSE`), or `undefined` when it is free. */
async function refusal(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
    return undefined;
  } catch (error) {
    return errorCode(error);
  } finally {
    server.close();
  }
}

/**
 * A port that nothing listens on.
 *
 * @throws Error when a hundred random ones are all taken
 */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(lowest, highest);
    if ((await refusal(host, port)) === undefined) return port;
  }
  throw new Error(
    `none of ${String(attempts)} ports between ${String(lowest)} and ${String(highest)} is free on ${host}`,
  );
}

/** The HTTP address at which this machine reaches what listens on a host and port: one of its own for "every address". */
export function httpAddress(host: string, port: number): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${String(port)}`;
}

/** What helps beside another port when a server's port is taken, as the end of a sentence. */
export const otherwiseOf = {
  kafka: 'or KAFKA_BROKERS to the broker that is there',
  schemaRegistry: 'or SCHEMA_REGISTRY_URL to the registry that is there',
  mongodb: 'or MONGODB_URI to the server that is there',
} as const;

/** A port that was asked for, and the variables that would avoid it. */
export interface WantedPort {
  readonly host: string;
  /** 0 asks for any free one. */
  readonly port: number;
  /** The variable that sets it: `KAFKA_PORT`. */
  readonly variable: string;
  /** What else helps, as the end of a sentence: `or KAFKA_BROKERS to the broker that is there`. */
  readonly otherwise?: string;
}

/**
 * The port itself, or a free one for 0.
 *
 * @throws Error naming the variable when it is taken
 */
export async function portToUse({ host, port, variable, otherwise }: WantedPort): Promise<number> {
  if (port === 0) return freePort(host);
  const reason = await refusal(host, port);
  if (reason === undefined) return port;
  const why = reason === 'EADDRINUSE' ? 'is taken' : `cannot be used (${reason})`;
  const more = otherwise === undefined ? '' : `, ${otherwise}`;
  throw new Error(
    `${host}:${String(port)} ${why}: set ${variable} to another one (0 picks a free one)${more}.`,
  );
}
