// Test support: a way to a server that can be cut, as when the server is away.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Breaks every connection and accepts none. */
  cut(): Promise<void>;
  /** Passes nothing on any more, and keeps the connections: a server that hangs. Until `restore`. */
  stall(): void;
  /** Accepts connections again, on the same port. */
  restore(): Promise<void>;
}

/** Starts a proxy on a free port of this machine. */
export async function startTcpProxy(host: string, port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let listeningAt = 0;
  let stalled = false;

  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };

  async function restore(): Promise<void> {
    stalled = false;
    const next = createServer((client) => {
      const upstream = connect(port, host);
      track(client);
      track(upstream);
      client.on('data', (chunk) => {
        if (!stalled) upstream.write(chunk);
      });
      upstream.pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
    await new Promise<void>((resolve) => next.listen(listeningAt, '127.0.0.1', resolve));
    const address = next.address();
    if (address !== null && typeof address === 'object') listeningAt = address.port;
    server = next;
  }

  await restore();
  return {
    port: listeningAt,
    restore,
    stall() {
      stalled = true;
    },
    async cut() {
      const closing = server;
      const closed = new Promise((resolve) => closing?.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
