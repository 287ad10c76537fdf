// Bytes on a bare socket: how a broker says which versions it speaks, and what it does with requests that are none.
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, inject, it } from 'vitest';

/** A frame: length, API key, version, correlation id, no client id, then the body. */
const frame = (apiKey: number, version: number, body: Buffer = Buffer.alloc(0)): Buffer => {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + body.length, 0);
  header.writeInt16BE(apiKey, 4);
  header.writeInt16BE(version, 6);
  header.writeInt32BE(7, 8);
  header.writeInt16BE(-1, 12);
  return Buffer.concat([header, body]);
};
const apiVersions = 18;

describe.each(inject('kafka'))('the protocol of the $name broker', ({ address }) => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  const open = (): Socket => {
    const [host = '', port] = address.split(':');
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  /** The next whole answer without its length; `closed` when the broker ends the connection instead. */
  const answer = (socket: Socket): Promise<Buffer | 'closed'> =>
    new Promise((resolve) => {
      let all = Buffer.alloc(0);
      const take = (chunk: Buffer): void => {
        all = Buffer.concat([all, chunk]);
        if (all.length < 4 || all.length < 4 + all.readInt32BE(0)) return;
        socket.off('data', take);
        resolve(all.subarray(4, 4 + all.readInt32BE(0)));
      };
      socket.on('data', take);
      socket.once('close', () => {
        resolve('closed');
      });
    });
  const ask = (bytes: Buffer): Promise<Buffer | 'closed'> => {
    const socket = open();
    const coming = answer(socket);
    socket.write(bytes);
    return coming;
  };
  /** Ranges of an ApiVersions answer of version 0. */
  const ranges = (got: Buffer | 'closed'): { error: number; ranges: Map<number, [number, number]> } => {
    if (got === 'closed') throw new Error('the connection was closed');
    expect(got.readInt32BE(0)).toBe(7);
    const found = new Map<number, [number, number]>();
    for (let n = 0, at = 10; n < got.readInt32BE(6); n++, at += 6)
      found.set(got.readInt16BE(at), [got.readInt16BE(at + 2), got.readInt16BE(at + 4)]);
    return { error: got.readInt16BE(4), ranges: found };
  };

  it('says which versions it speaks', async () => {
    const { error, ranges: spoken } = ranges(await ask(frame(apiVersions, 0)));
    expect(error).toBe(0);
    for (const [lowest, highest] of spoken.values()) expect(lowest).toBeLessThanOrEqual(highest);
    // What kafkajs 2.2.4 needs at the least: Produce, Fetch, ListOffsets, Metadata, the groups' and the transactions'.
    for (const [apiKey, version] of [
      [0, 7],
      [1, 11],
      [2, 3],
      [3, 6],
      [8, 5],
      [9, 5],
      [10, 2],
      [11, 5],
      [12, 3],
      [13, 3],
      [14, 3],
      [22, 1],
      [24, 1],
      [26, 1],
      [28, 1],
    ] as const) {
      const [lowest, highest] = spoken.get(apiKey) ?? [99, -1];
      expect([apiKey, lowest <= version && version <= highest]).toEqual([apiKey, true]);
    }
  });

  it('answers a version of ApiVersions that is too new with version 0, error 35 and the versions it speaks (KIP-511)', async () => {
    const flexible = Buffer.from([0, 2, 0x61, 2, 0x62, 0]);
    const { error, ranges: spoken } = ranges(await ask(frame(apiVersions, 99, flexible)));
    expect(error).toBe(35);
    expect(spoken.get(apiVersions)?.[0]).toBe(0);
  });

  it('answers the requests of one connection in their order', async () => {
    const socket = open();
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    const numbered = (n: number): Buffer => {
      const bytes = frame(apiVersions, 0);
      bytes.writeInt32BE(n, 8);
      return bytes;
    };
    socket.write(Buffer.concat(Array.from({ length: 50 }, (_, n) => numbered(n))));
    const order = (): number[] => {
      const all = Buffer.concat(received);
      const found: number[] = [];
      for (let at = 0; at + 8 <= all.length; at += 4 + all.readInt32BE(at))
        found.push(all.readInt32BE(at + 4));
      return found;
    };
    await expect.poll(() => order().length).toBe(50);
    expect(order()).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it.each([
    ['an API that does not exist', frame(9_999, 0)],
    ['a version that it does not speak', frame(3, 99)],
    ['a body that ends too early', frame(3, 1, Buffer.from([0, 0, 0, 9]))],
    ['a length below zero', Buffer.from([255, 255, 255, 255, 0, 0])],
    ['a length beyond all bounds', Buffer.from([127, 255, 255, 255, 0, 0])],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ])('closes the connection on %s, and no other', async (_what, bytes) => {
    const other = open();
    expect(await ask(bytes)).toBe('closed');
    const coming = answer(other);
    other.write(frame(apiVersions, 0));
    expect(ranges(await coming).error).toBe(0);
  });
});
