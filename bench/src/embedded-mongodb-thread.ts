// The two servers of the benchmark, each in a thread of its own: the embedded one, and one that answers what was made beforehand.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startMongoDB } from '@comptoir/embedded';
import { BSON } from 'mongodb';
import type { AddressInfo, Socket } from 'node:net';

/** Which server, and what it needs. */
export type Role =
  | { readonly role: 'embedded'; readonly dataDir: string }
  | {
      readonly role: 'canned';
      readonly one: object;
      readonly many: readonly object[];
      readonly bulk: number;
    };

interface Running {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Starts a server in a thread. */
export async function inThread(role: Role): Promise<Running> {
  const worker = new Worker(new URL(import.meta.url), { workerData: role });
  const [address] = (await once(worker, 'message')) as [string];
  return {
    address,
    async stop() {
      worker.postMessage('stop');
      await once(worker, 'exit');
    },
  };
}

const HEADER = 16;

/** An OP_MSG around a document, whose request is filled in when it is sent. */
function message(document: object): Buffer {
  const body = BSON.serialize(document);
  const bytes = Buffer.alloc(HEADER + 5 + body.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(2013, 12);
  bytes.set(body, HEADER + 5);
  return bytes;
}

async function startCanned(role: Extract<Role, { role: 'canned' }>): Promise<Running> {
  const cursor = (firstBatch: readonly object[]): Buffer =>
    message({ cursor: { firstBatch, id: BSON.Long.ZERO, ns: 'bench.orders' }, ok: 1 });
  const hello = message({
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
    ok: 1,
  });
  const one = cursor([role.one]);
  const many = cursor(role.many);
  const updatedOne = message({ n: 1, nModified: 1, ok: 1 });
  const updatedMany = message({ n: role.bulk, nModified: role.bulk, ok: 1 });
  const done = message({ ok: 1 });
  const answerTo = (request: Buffer): Buffer => {
    // The name of a command begins after the header, the flags, the kind of the section, the document's size and the element's type.
    const name = request.toString('latin1', 26, request.indexOf(0, 26));
    if (name === 'find') return request.includes('sort') ? many : one;
    if (name === 'update') return request.length > 4_096 ? updatedMany : updatedOne;
    return name === 'hello' || request.includes('ismaster') ? hello : done;
  };
  const serve = (socket: Socket): void => {
    let held = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (held.length >= HEADER && held.length >= held.readInt32LE(0)) {
        const request = held.subarray(0, held.readInt32LE(0));
        held = held.subarray(request.length);
        const answer = request.readInt32LE(12) === 2004 ? legacy(hello) : Buffer.from(answerTo(request));
        answer.writeInt32LE(request.readInt32LE(4), 8);
        socket.write(answer);
      }
    });
  };
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `mongodb://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => {
      process.exit(0);
    },
  };
}

/** The same document as OP_REPLY, for the first message of a connection. */
function legacy(answer: Buffer): Buffer {
  const body = answer.subarray(HEADER + 5);
  const bytes = Buffer.alloc(HEADER + 20 + body.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(1, 12);
  bytes.writeInt32LE(1, HEADER + 16);
  bytes.set(body, HEADER + 20);
  return bytes;
}

if (!isMainThread) {
  const role = workerData as Role;
  const server =
    role.role === 'embedded'
      ? await startMongoDB({ dataDir: role.dataDir, port: 0 })
      : await startCanned(role);
  parentPort?.on('message', () => {
    void server.stop().then(() => {
      process.exit(0);
    });
  });
  parentPort?.postMessage(server.address);
}
