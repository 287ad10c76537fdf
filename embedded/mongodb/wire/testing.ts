// Messages for tests.
import { connect } from 'node:net';
import { decodeDocument } from '../documents/read.ts';
import { encodeDocument } from '../documents/write.ts';
import { FrameReader, HEADER } from './frames.ts';
import type { Doc } from '../documents/value.ts';

export function bodySection(doc: Doc): Buffer {
  return Buffer.concat([Buffer.from([0]), encodeDocument(doc)]);
}

export function sequenceSection(name: string, documents: readonly Buffer[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents]);
  const section = Buffer.alloc(5);
  section[0] = 1;
  section.writeInt32LE(content.length + 4, 1);
  return Buffer.concat([section, content]);
}

export function opMsg(sections: readonly Buffer[], flags = 0, id = 1): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags, 16);
  const message = Buffer.concat([head, ...sections]);
  message.writeInt32LE(message.length, 0);
  return message;
}

/** Sends one command on a connection of its own, as it is, and gives the answer. */
export async function exchange(port: number, command: Doc): Promise<Doc> {
  const socket = connect(port, '127.0.0.1');
  try {
    const reader = new FrameReader();
    socket.write(opMsg([bodySection(command)]));
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      const [answer] = reader.push(chunk);
      if (answer !== undefined) return decodeDocument(answer, HEADER + 5);
    }
  } finally {
    socket.destroy();
  }
  throw new Error('the connection was closed without an answer');
}
