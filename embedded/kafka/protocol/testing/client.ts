// The plainest client: sends frames and reads frames, one connection.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Frames } from '../frames.ts';

/** A connection to a broker. */
export interface RawClient {
  readonly socket: Socket;
  send(bytes: Buffer): void;
  /** The next frame; undefined when the connection was closed before it came. */
  next(): Promise<Buffer | undefined>;
  close(): void;
}

/** Connects to `port` of this machine. */
export async function connectTo(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const frames = new Frames(200 * 1024 * 1024, 4);
  const arrived: Buffer[] = [];
  const waiters: ((frame: Buffer | undefined) => void)[] = [];
  let isClosed = false;
  socket.on('data', (chunk: Buffer) => {
    for (const frame of frames.push(chunk)) {
      const waiter = waiters.shift();
      if (waiter === undefined) arrived.push(frame);
      else waiter(frame);
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    for (const waiter of waiters.splice(0)) waiter(undefined);
  });
  await once(socket, 'connect');
  return {
    socket,
    send(bytes) {
      socket.write(bytes);
    },
    next() {
      const frame = arrived.shift();
      if (frame !== undefined || isClosed) return Promise.resolve(frame);
      return new Promise((resolve) => {
        waiters.push(resolve);
      });
    },
    close() {
      socket.destroy();
    },
  };
}
