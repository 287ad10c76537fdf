// Mutated and random messages against a running server: each ends its own connection or gets an answer, and the server goes on.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docOf, int32 } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { startForTest } from '../testing.ts';
import { bodySection, opMsg, sequenceSection } from './testing.ts';
import type { ServerForTest } from '../testing.ts';

/** More of them: `MALFORMED_FRAMES=100000 vitest run …`. */
const frames = Number(process.env.MALFORMED_FRAMES ?? 2_000);
const seed = Number(process.env.MALFORMED_SEED ?? Date.now() % 1_000_000);

let server: ServerForTest;
beforeAll(async () => {
  server = await startForTest();
});
afterAll(() => server.stop());

/** A small generator whose numbers a seed decides (mulberry32). */
function generator(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const docs = [docOf({ _id: int32(1), a: [1, 'x', docOf({ b: true })] }), docOf({ _id: 'y' })].map(
  encodeDocument,
);
const sound = [
  opMsg([bodySection(docOf({ hello: int32(1), $db: 'admin' }))]),
  opMsg([bodySection(docOf({ find: 'c', filter: docOf({ a: docOf({ $gt: 1 }) }), $db: 'fuzz' }))]),
  opMsg([bodySection(docOf({ insert: 'c', $db: 'fuzz' })), sequenceSection('documents', docs)]),
  opMsg([
    bodySection(docOf({ update: 'c', $db: 'fuzz' })),
    sequenceSection('updates', [
      encodeDocument(docOf({ q: docOf({ _id: 1 }), u: docOf({ $set: docOf({ a: 2 }) }), upsert: true })),
    ]),
  ]),
  opMsg([
    bodySection(
      docOf({ aggregate: 'c', pipeline: [docOf({ $match: docOf({}) })], cursor: docOf({}), $db: 'fuzz' }),
    ),
  ]),
];

function mutated(random: (below: number) => number): Buffer {
  const message = Buffer.from(sound[random(sound.length)] ?? Buffer.alloc(0));
  const kind = random(5);
  if (kind === 0) {
    const noise = randomBytes(16 + random(200));
    noise.writeInt32LE(noise.length, 0);
    noise.writeInt32LE(2013, 12);
    return noise;
  }
  if (kind === 1) return message.subarray(0, random(message.length));
  const changes = 1 + random(4);
  for (let change = 0; change < changes; change++) {
    const at = kind === 2 ? 16 + random(message.length - 16) : random(message.length);
    if (kind === 4 && at + 4 <= message.length) message.writeInt32LE(random(2 ** 31) - random(2 ** 31), at);
    else message[at] = random(256);
  }
  return message;
}

/** Sends a message and half-closes; waits until the server has closed its side. */
async function send(message: Buffer): Promise<void> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(message);
  await once(socket, 'close');
}

test(
  `${String(frames)} malformed messages leave the server standing (seed ${String(seed)})`,
  { timeout: 60_000 + frames * 10 },
  async () => {
    const random = generator(seed);
    const before = process.memoryUsage().rss;
    const callers = Array.from({ length: 8 }, async (_, at) => {
      for (let done = at; done < frames; done += 8) await send(mutated(random));
    });
    await Promise.all(callers);
    const answer = await server.db.command({ ping: 1 });
    expect(answer.ok).toBe(1);
    const validated = await server.client.db('fuzz').collection('c').estimatedDocumentCount();
    expect(validated).toBeGreaterThanOrEqual(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024);
  },
);
