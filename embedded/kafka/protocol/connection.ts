// One client's connection: frames in, answers out in the order of the requests. A request starts when the one before it has been
// answered, except that Produce requests overlap, so that one sync of the log serves many of them. When too much is in
// hand, or the client does not read its answers, the socket is not read.
import type { Socket } from 'node:net';
import { Frames } from './frames.ts';
import { MalformedMessage } from './malformed.ts';
import { readRequestStart, type RequestStart } from './messages.ts';
import { Reader } from './reader.ts';
import type { Answer, ConnectionContext, Service } from './service.ts';

/** What a connection may take up. */
export interface ConnectionLimits {
  /** Largest request, bytes (Kafka's `socket.request.max.bytes`). */
  readonly maxRequestSize: number;
  /** Requests read but not answered: above this many bytes the socket is paused. */
  readonly maxBytesInHand: number;
  /** The same as a number of requests. */
  readonly maxRequestsInHand: number;
  /** Answers that the client has not read: above this many bytes no request is started. */
  readonly maxBytesUnsent: number;
  /** Silence after which the connection is closed, ms (Kafka's `connections.max.idle.ms`). */
  readonly maxIdle: number;
}

export const defaultLimits: ConnectionLimits = {
  maxRequestSize: 100 * 1024 * 1024,
  maxBytesInHand: 32 * 1024 * 1024,
  maxRequestsInHand: 1000,
  maxBytesUnsent: 16 * 1024 * 1024,
  maxIdle: 10 * 60_000,
};

interface Waiting {
  readonly start: RequestStart;
  readonly reader: Reader;
  readonly size: number;
}

interface Started {
  readonly apiKey: number;
  readonly size: number;
  answer: Answer | undefined;
}

/** One connection, from its socket's first byte to its last. */
export class Connection {
  readonly #socket: Socket;
  readonly #service: Service;
  readonly #limits: ConnectionLimits;
  readonly #log: (line: string) => void;
  readonly #frames: Frames;
  readonly #over = new AbortController();
  readonly #context: ConnectionContext;
  readonly #peer: string;
  readonly #waiting: Waiting[] = [];
  readonly #started: Started[] = [];
  #bytesInHand = 0;
  #isEnding = false;

  constructor(socket: Socket, service: Service, limits: ConnectionLimits, log: (line: string) => void) {
    this.#socket = socket;
    this.#service = service;
    this.#limits = limits;
    this.#log = log;
    this.#frames = new Frames(limits.maxRequestSize);
    const host = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#context = { clientHost: `/${host}`, signal: this.#over.signal };
    this.#peer = `${host}:${String(socket.remotePort)}`;
    socket.setNoDelay(true);
    socket.setTimeout(limits.maxIdle);
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    socket.on('drain', () => {
      this.#advance();
    });
    socket.on('timeout', () => {
      if (this.#started.length === 0 || socket.writableLength > 0) socket.destroy();
    });
    // A reset is the client's way to go; `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#waiting.length = 0;
      this.#over.abort();
    });
  }

  /**
   * Ends the connection: nothing more is read, waits end, requests in hand are answered, then the socket closes; after `within`
   * ms it closes anyway.
   */
  end(within: number): void {
    this.#isEnding = true;
    this.#waiting.length = 0;
    this.#socket.pause();
    this.#over.abort();
    this.#endIfDone();
    const timer = setTimeout(() => {
      this.#socket.destroy();
    }, within);
    this.#socket.once('close', () => {
      clearTimeout(timer);
    });
  }

  #endIfDone(): void {
    if (this.#isEnding && this.#started.length === 0) this.#socket.destroySoon();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        const reader = new Reader(frame);
        this.#waiting.push({ start: readRequestStart(reader), reader, size: frame.length });
        this.#bytesInHand += frame.length;
      }
    } catch (error) {
      this.#abandon(error);
      return;
    }
    this.#advance();
  }

  /** A frame that cannot be read, or an error that has no answer: this connection ends here. */
  #abandon(error: unknown): void {
    const why = error instanceof MalformedMessage ? error.message : String(error);
    this.#log(`connection of ${this.#peer} closed: ${why}`);
    this.#waiting.length = 0;
    this.#socket.destroy();
  }

  #mayStart(next: Waiting): boolean {
    if (this.#socket.writableLength > this.#limits.maxBytesUnsent) return false;
    // All that have started are of one kind, if there are several.
    const [first] = this.#started;
    if (first === undefined) return true;
    return first.apiKey === next.start.apiKey && this.#service.mayOverlap(first.apiKey);
  }

  /** Starts what may start, and reads on or not. */
  #advance(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || !this.#mayStart(next)) break;
      this.#waiting.shift();
      this.#start(next);
    }
    const { maxBytesInHand, maxRequestsInHand } = this.#limits;
    const isFull =
      this.#bytesInHand > maxBytesInHand || this.#waiting.length + this.#started.length > maxRequestsInHand;
    if (isFull || this.#isEnding) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #start({ start, reader, size }: Waiting): void {
    const started: Started = { apiKey: start.apiKey, size, answer: undefined };
    this.#started.push(started);
    try {
      const answer = this.#service.serve(start, reader, this.#context);
      if (answer instanceof Promise) {
        answer.then(
          (later) => {
            this.#finish(started, later);
            this.#advance();
          },
          (error: unknown) => {
            this.#abandon(error);
          },
        );
      } else this.#finish(started, answer);
    } catch (error) {
      this.#abandon(error);
    }
  }

  #finish(started: Started, answer: Answer): void {
    started.answer = answer;
    for (;;) {
      const [first] = this.#started;
      if (first?.answer === undefined) break;
      this.#started.shift();
      this.#bytesInHand -= first.size;
      if (first.answer !== null) this.#send(first.answer);
    }
    this.#endIfDone();
  }

  #send(answer: readonly Buffer[]): void {
    if (this.#socket.destroyed) return;
    // Answers of one turn of the event loop (one sync of the log ends many requests) leave in one write.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => {
        this.#socket.uncork();
      });
    }
    for (const piece of answer) this.#socket.write(piece);
  }
}
