import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

it('has a place for everything', () => {
  expect(readSettings({})).toEqual({
    dataDir: resolve('.data'),
    host: '127.0.0.1',
    logLevel: 'info',
    ports: {
      kafka: 9092,
      schemaRegistry: 8081,
      mongodb: 27_017,
      'command-api': 3001,
      'query-api': 3002,
      projectors: 3003,
      reactors: 3004,
      gateway: 8080,
    },
  });
});

it('takes ports, folder and address from the environment', () => {
  const { dataDir, host, ports } = readSettings({
    PORT: '0',
    KAFKA_PORT: '9192',
    DATA_DIR: '/data',
    HOST: '::1',
  });
  expect([dataDir, host, ports.gateway, ports.kafka]).toEqual(['/data', '::1', 0, 9192]);
});

it('says which variable is wrong', () => {
  expect(() => readSettings({ QUERY_API_PORT: '70000' })).toThrow(
    'QUERY_API_PORT="70000" must be <= 65535 (port of query-api).',
  );
});
