// A server that takes connections and never answers: a stalled process, not a dead one.
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEventLog } from './index.ts';
import { registerSchemas, registryClient } from './schema-registration.ts';

const logger = pino({ level: 'silent' });
const sockets = new Set<Socket>();
let server: Server;
let address: string;

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  address = `127.0.0.1:${String(bound.port)}`;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.close();
});

it('names a Kafka that never answers when patience is at its end', async () => {
  const opening = openEventLog({
    brokers: [address],
    registryUrl: 'http://127.0.0.1:1',
    clientId: 'unanswered-test',
    logger,
    patience: 300,
  });
  await expect(opening).rejects.toThrow(`Kafka at ${address} gave no answer within 0.3 s`);
});

it('gives up a registry that never answers', async () => {
  const url = `http://${address}`;
  const registry = registryClient(url, 'unanswered-test', { answerWithin: 50, retries: 1 });
  await expect(registerSchemas(registry, url)).rejects.toThrow(`the schema registry at ${url} did not take`);
});
