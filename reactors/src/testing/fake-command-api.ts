// A command API for tests: a real HTTP server whose answers a test decides, and which remembers what it was asked.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { CommandEnvelope } from '../command.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Decides the answer to a request; `'hang'` never answers, `'drop'` cuts the connection. */
export type Handler = (
  commands: readonly CommandEnvelope[],
  request: number,
) => Answer | 'hang' | 'drop' | Promise<Answer>;

/** Every command is accepted. */
export const acceptAll: Handler = (commands) => ({
  status: 200,
  body: { results: commands.map(({ commandId }) => ({ status: 200, commandId, token: 'orders-0@1' })) },
});

export class FakeCommandApi {
  handler: Handler = acceptAll;
  /** The commands of every request, in order of arrival. */
  readonly requests: CommandEnvelope[][] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<object>();

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { commands } = JSON.parse(Buffer.concat(chunks).toString()) as { commands: CommandEnvelope[] };
        this.requests.push(commands);
        this.headers.push(request.headers);
        void Promise.resolve(this.handler(commands, this.requests.length)).then((answer) => {
          if (answer === 'hang') return;
          if (answer === 'drop') {
            request.socket.destroy();
            return;
          }
          response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
          response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
        });
      });
    });
    this.#server.on('connection', (socket) => this.#sockets.add(socket));
  }

  /** Every command that arrived, repetitions included. */
  get commands(): CommandEnvelope[] {
    return this.requests.flat();
  }

  /** How many connections were made. */
  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${String(address.port)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
