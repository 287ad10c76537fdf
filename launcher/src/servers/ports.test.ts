import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort, httpAddress, portToUse } from './ports.ts';

const host = '127.0.0.1';

it('finds a free port for 0', async () => {
  const port = await portToUse({ host, port: 0, variable: 'KAFKA_PORT' });
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(await portToUse({ host, port, variable: 'KAFKA_PORT' })).toBe(port);
});

it('names the variable of a port that is taken', async () => {
  const port = await freePort(host);
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  await expect(
    portToUse({
      host,
      port,
      variable: 'KAFKA_PORT',
      otherwise: 'or KAFKA_BROKERS to the broker that is there',
    }),
  ).rejects.toThrow(
    `127.0.0.1:${String(port)} is taken: set KAFKA_PORT to another one (0 picks a free one), or KAFKA_BROKERS to the broker that is there.`,
  );
  server.close();
  await once(server, 'close');
});

it.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['localhost', 'http://localhost:8080'],
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://[::1]:8080'],
  ['fe80::1', 'http://[fe80::1]:8080'],
])('knows where this machine reaches what listens on %s', (on, address) => {
  expect(httpAddress(on, 8080)).toBe(address);
});
