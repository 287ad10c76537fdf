// The listening socket: accepts connections up to a limit, and at the end lets each answer what it has in hand.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Connection, defaultLimits, type ConnectionLimits } from './connection.ts';
import type { Service } from './service.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly service: Service;
  readonly log: (line: string) => void;
  readonly limits?: Partial<ConnectionLimits>;
  /** Connections at a time; more are refused. */
  readonly maxConnections?: number;
}

/** A server that listens. */
export interface ListeningServer {
  readonly port: number;
  /** Connections now. */
  readonly connections: number;
  /** Takes no more connections and ends those that are there; resolves when all are closed. */
  close(): Promise<void>;
}

const manyConnections = 2000;
/** How long requests in hand may take when the server closes, ms. */
const closeWithin = 5000;

/**
 * Listens for clients.
 *
 * @throws Error with Node's code when the address cannot be had (`EADDRINUSE`, with the port)
 */
export async function listen(options: ListenOptions): Promise<ListeningServer> {
  const { host, port, service, log, maxConnections = manyConnections } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const open = new Map<Socket, Connection>();
  const server = createServer((socket) => {
    open.set(socket, new Connection(socket, service, limits, log));
    socket.once('close', () => {
      open.delete(socket);
    });
  });
  server.maxConnections = maxConnections;
  server.on('drop', () => {
    log(`connection refused: ${String(maxConnections)} are open`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return open.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const connection of open.values()) connection.end(closeWithin);
      }),
  };
}
