// One client: messages come in, are answered in order, one at a time. A malformed message ends this connection and no other. Reading
// stops while answers wait to be taken or too many messages wait to be answered.
import { int32 } from '../documents/value.ts';
import { MongoError } from '../errors.ts';
import { FrameReader } from './frames.ts';
import { answerTo, MalformedMessage, parseRequest } from './message.ts';
import type { BsonWriter } from '../documents/write.ts';
import type { Socket } from 'node:net';
import type { Request, WriteFields } from './message.ts';

/** What answers commands: at once, or later. It never throws: an error is an answer. */
export type Respond = (request: Request, connection: Connection) => WriteFields | Promise<WriteFields>;

/** Messages that may wait; drivers send one at a time, unless they want no answer. */
const MOST_WAITING = 64;

export class Connection {
  readonly id: number;
  private readonly socket: Socket;
  private readonly respond: Respond;
  private readonly frames = new FrameReader();
  private readonly waiting: Buffer[] = [];
  private working: Promise<void> | undefined;
  private ended = false;

  constructor(id: number, socket: Socket, respond: Respond) {
    this.id = id;
    this.socket = socket;
    this.respond = respond;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.receive(chunk);
    });
    socket.on('error', () => {
      this.end();
    });
    socket.on('close', () => {
      this.ended = true;
    });
    socket.on('drain', () => {
      this.resume();
    });
  }

  /** Where the client is, for `whatsmyuri`. */
  get peer(): string {
    return `${this.socket.remoteAddress ?? ''}:${String(this.socket.remotePort ?? 0)}`;
  }

  /** Closes; what is being worked on is finished and its answer dropped. */
  end(): void {
    this.ended = true;
    this.waiting.length = 0;
    this.socket.destroy();
  }

  /** Waits for the answer that is being made, sends it, and closes. */
  async stop(): Promise<void> {
    this.waiting.length = 0;
    this.socket.pause();
    await this.working;
    this.ended = true;
    this.socket.destroySoon();
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return;
    let messages: Buffer[];
    try {
      messages = this.frames.push(chunk);
    } catch {
      this.end();
      return;
    }
    for (const message of messages) {
      if (this.working === undefined && this.waiting.length === 0) this.serve(message);
      else this.waiting.push(message);
    }
    if (this.waiting.length > MOST_WAITING) this.socket.pause();
  }

  private resume(): void {
    if (!this.ended && this.waiting.length <= MOST_WAITING && !this.socket.writableNeedDrain)
      this.socket.resume();
  }

  private serve(message: Buffer): void {
    let request: Request;
    try {
      request = parseRequest(message);
    } catch (error) {
      this.refuse(message, error);
      return;
    }
    const answer = this.respond(request, this);
    if (answer instanceof Promise) {
      this.working = answer.then((write) => {
        this.working = undefined;
        this.send(request, write);
        this.serveWaiting();
      });
    } else this.send(request, answer);
  }

  private serveWaiting(): void {
    while (this.working === undefined && !this.ended) {
      const message = this.waiting.shift();
      if (message === undefined) break;
      this.serve(message);
    }
    this.resume();
  }

  /** A document that is not BSON gets an error, since the message around it was sound; anything else closes the connection. */
  private refuse(message: Buffer, error: unknown): void {
    if (!(error instanceof MongoError) || error instanceof MalformedMessage) {
      this.end();
      return;
    }
    this.send({ id: message.readInt32LE(4), legacy: false, moreToCome: false }, errorFields(error));
  }

  private send(request: Pick<Request, 'id' | 'legacy' | 'moreToCome'>, write: WriteFields): void {
    if (this.ended || request.moreToCome) return;
    let message: Buffer;
    try {
      message = answerTo(request, write);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      message = answerTo(request, errorFields(error));
    }
    if (!this.socket.write(message)) this.socket.pause();
  }
}

/** The fields of an error as an answer. */
export function errorFields(error: MongoError, more?: WriteFields): WriteFields {
  return (writer: BsonWriter) => {
    writer.element('ok', 0);
    writer.element('errmsg', error.message);
    writer.element('code', int32(error.code));
    writer.element('codeName', error.codeName);
    more?.(writer);
  };
}
