// How many commands a second the command API takes, beside the limit of its HTTP stack: a bare Fastify POST with the same body,
// the same load generator and the same number of connections, in the same run. The two are measured in turns.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startComptoir } from '@comptoir/launcher';
import autocannon from 'autocannon';
import fastify from 'fastify';
import type { Benchmark, Row } from './benchmark.ts';

const connections = 16;
/** Seconds that each side is measured in each round. */
const seconds = 10;
const rounds = 2;

const order = JSON.stringify({
  customer: { id: 'c-1', name: 'Ann Example', email: 'ann@example.org' },
  currency: 'EUR',
  lines: [
    { sku: 'bench-tea', quantity: 1, unitPrice: 450 },
    { sku: 'bench-pot', quantity: 2, unitPrice: 1_900 },
  ],
});

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
}

async function measure(address: string, duration: number): Promise<Measured> {
  const result = await autocannon({
    url: `${address}/v1/orders`,
    connections,
    duration,
    method: 'POST',
    body: order,
    requests: [
      {
        setupRequest: (request) => ({
          ...request,
          headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        }),
      },
    ],
  });
  return {
    perSecond: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.non2xx,
  };
}

async function run(): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-bench-'));
  const comptoir = await startComptoir({
    dataDir,
    env: process.env,
    restart: false,
    services: ['command-api'],
  });
  const bare = fastify();
  bare.post('/v1/orders', () => ({ accepted: true }));
  const bareAddress = await bare.listen({ host: '127.0.0.1', port: 0 });
  const measured: Record<'commands' | 'bare', Measured[]> = { commands: [], bare: [] };
  try {
    await measure(comptoir.addresses.commandApi, 5);
    await measure(bareAddress, 2);
    for (let round = 0; round < rounds; round++) {
      measured.commands.push(await measure(comptoir.addresses.commandApi, seconds));
      measured.bare.push(await measure(bareAddress, seconds));
    }
  } finally {
    await bare.close();
    await comptoir.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  const limit = mean(measured.bare.map(({ perSecond }) => perSecond));
  return [
    row('place an order, acknowledged by Kafka', measured.commands, limit),
    row('bare Fastify POST', measured.bare, limit),
  ];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function row(what: string, rounds: readonly Measured[], limit: number): Row {
  const perSecond = mean(rounds.map((each) => each.perSecond));
  return {
    what,
    connections,
    'per second': Math.round(perSecond),
    'of the limit': Number((perSecond / limit).toFixed(3)),
    'p50 ms': mean(rounds.map(({ p50 }) => p50)),
    'p99 ms': mean(rounds.map(({ p99 }) => p99)),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** Commands per second beside the bare HTTP stack. */
export const commands: Benchmark = {
  name: 'commands',
  about: `${String(connections)} connections placing orders on Kafka, beside a bare Fastify POST of the same run`,
  run,
};
