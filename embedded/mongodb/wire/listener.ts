// The listening socket and its connections.
import { createServer } from 'node:net';
import { Connection } from './connection.ts';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Respond } from './connection.ts';

/** Most connections at a time; one more is closed at once. Drivers keep up to 100 each. */
const MOST_CONNECTIONS = 10_000;

export class Listener {
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private lastId = 0;

  private constructor(respond: Respond) {
    this.server = createServer((socket) => {
      this.accept(socket, respond);
    });
    this.server.maxConnections = MOST_CONNECTIONS;
  }

  /** @throws Error when the address cannot be listened on */
  static async listen(port: number, host: string, respond: Respond): Promise<Listener> {
    const listener = new Listener(respond);
    await new Promise<void>((resolve, reject) => {
      listener.server.once('error', reject);
      listener.server.listen(port, host, () => {
        listener.server.off('error', reject);
        resolve();
      });
    });
    return listener;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many clients are connected now, and how many have ever been. */
  get counts(): { current: number; created: number } {
    return { current: this.connections.size, created: this.lastId };
  }

  private accept(socket: Socket, respond: Respond): void {
    const connection = new Connection(++this.lastId, socket, respond);
    this.connections.add(connection);
    socket.on('close', () => {
      this.connections.delete(connection);
    });
  }

  /** Takes no more connections, answers what is being worked on, closes all. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    await Promise.all([...this.connections].map((connection) => connection.stop()));
    await closed;
  }
}
