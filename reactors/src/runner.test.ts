import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommandClient } from './command-client.ts';
import { deliverCommands } from './command-delivery.ts';
import type { Command } from './command.ts';
import { fulfilment } from './fulfilment.ts';
import { runReactor, type ReactorRunner, type RunnerOptions } from './runner.ts';
import { captureLog, type CapturedLog } from './testing/captured-log.ts';
import { acceptAll, FakeCommandApi } from './testing/fake-command-api.ts';
import { InMemoryLog } from './testing/in-memory-log.ts';
import { MemoryCheckpoints } from './testing/memory-checkpoints.ts';
import { orderCancelled, orderPlaced } from './testing/recorded-events.ts';

describe('a running reactor', () => {
  let api: FakeCommandApi;
  let url: string;
  let log: InMemoryLog;
  let captured: CapturedLog;
  let checkpoints: MemoryCheckpoints;
  let runners: ReactorRunner[];

  beforeEach(async () => {
    api = new FakeCommandApi();
    url = await api.listen();
    log = new InMemoryLog(2);
    captured = captureLog();
    checkpoints = new MemoryCheckpoints();
    runners = [];
  });
  afterEach(async () => {
    await Promise.all(runners.map((runner) => runner.stop()));
    await api.close();
  });

  async function start(options: Partial<RunnerOptions<Command>> = {}): Promise<ReactorRunner> {
    const client = createCommandClient({ url, logger: captured.logger, firstWait: 5, longestWait: 20 });
    const deliver = deliverCommands('fulfilment', client);
    const common = { reactor: fulfilment, deliver, log, checkpoints, logger: captured.logger };
    const runner = await runReactor({ ...common, ...options });
    runners.push(runner);
    return runner;
  }
  const sent = (): string[] => api.commands.map(({ type, aggregateId }) => `${type} ${aggregateId}`);
  const reached = (partition: string, offset: number): Promise<void> =>
    vi.waitFor(() => {
      expect(checkpoints.at('reactor.fulfilment', partition)).toBe(offset);
    });

  it('reads in a group of its own and keeps a checkpoint of its own', async () => {
    log.append(orderPlaced());
    await start();
    await reached('orders-0', 1);
    expect(log.subscriptions[0]?.options.groupId).toBe('comptoir.reactor.fulfilment');
    expect(sent()).toEqual(['ReserveStock KETTLE', 'ReserveStock TEAPOT']);
    expect(checkpoints.saved.at(-1)).toEqual({ partition: 'orders-0', nextOffset: 1, endOffset: 1 });
  });

  it('goes on from its checkpoint', async () => {
    log.append(orderPlaced('order-1'));
    log.append(orderPlaced('order-2', [{ sku: 'MUG', quantity: 1, unitPrice: 900 }]));
    await checkpoints.save('reactor.fulfilment', { partition: 'orders-0', nextOffset: 1, endOffset: 1 });
    await start();
    await reached('orders-0', 2);
    expect(sent()).toEqual(['ReserveStock MUG']);
  });

  it('starts at the end when it is told to, and remembers where that was', async () => {
    log.append(orderPlaced('order-1'));
    const first = await start({ startAt: 'end' });
    expect(checkpoints.at('reactor.fulfilment', 'orders-0')).toBe(1);
    await first.stop();
    log.append(orderPlaced('order-2', [{ sku: 'MUG', quantity: 1, unitPrice: 900 }]));
    await start({ startAt: 'end' });
    await reached('orders-0', 2);
    expect(sent()).toEqual(['ReserveStock MUG']);
  });

  it('sends commands of different keys together', async () => {
    for (let n = 0; n < 40; n++) log.append(orderPlaced(`order-${String(n)}`));
    await start();
    await reached('orders-0', 40);
    expect(api.requests).toHaveLength(1);
    expect(api.commands).toHaveLength(80);
  });

  it('holds a later event of a key back until every command of the earlier one is acknowledged', async () => {
    log.append(orderPlaced('order-1'));
    log.append(orderCancelled('order-1'));
    const reserved: string[] = [];
    let releasedTooEarly = false;
    api.handler = (commands, request) => {
      if (commands.some(({ type }) => type === 'ReleaseReservation')) {
        releasedTooEarly ||= reserved.length < 2;
        return acceptAll(commands, request);
      }
      // The second line is not taken before the third request.
      const taken = (sku: string): boolean => sku === 'KETTLE' || request >= 3;
      for (const { aggregateId } of commands) if (taken(aggregateId)) reserved.push(aggregateId);
      const results = commands.map(({ aggregateId }) => ({ status: taken(aggregateId) ? 200 : 503 }));
      return { status: 200, body: { results } };
    };
    await start();
    await reached('orders-0', 2);
    expect(releasedTooEarly).toBe(false);
    expect(reserved).toEqual(['KETTLE', 'TEAPOT']);
    expect(sent().slice(-2)).toEqual(['ReleaseReservation KETTLE', 'ReleaseReservation TEAPOT']);
  });

  it('keeps the checkpoint until the last command is acknowledged', async () => {
    api.handler = () => ({ status: 503 });
    log.append(orderPlaced());
    await start();
    await vi.waitFor(() => {
      expect(api.requests.length).toBeGreaterThan(3);
    });
    expect(checkpoints.saved).toEqual([]);
    api.handler = acceptAll;
    await reached('orders-0', 1);
  });

  it('repeats the same commands after a crash between command and checkpoint', async () => {
    log.append(orderPlaced());
    let crashes = 1;
    await start({
      failpoint: (name) => {
        if (name === 'reactor:after-command:fulfilment' && crashes-- > 0) throw new Error('crash');
      },
    });
    await reached('orders-0', 1);
    const [first, second] = api.requests;
    expect(api.requests).toHaveLength(2);
    expect(second).toEqual(first);
  });

  it('goes past a refusal that nobody expected', async () => {
    log.append(orderPlaced('order-1'));
    api.handler = (commands) => ({
      status: 200,
      body: { results: commands.map(() => ({ status: 422, problem: { code: 'reservation-conflict' } })) },
    });
    await start();
    await reached('orders-0', 1);
    expect(captured.of('error')).toHaveLength(2);
  });

  it('writes no checkpoint and stops sending once its batch is stale', async () => {
    api.handler = () => 'hang';
    log.append(orderPlaced());
    await start();
    await vi.waitFor(() => {
      expect(api.requests).toHaveLength(1);
    });
    const [subscription] = log.subscriptions;
    if (subscription === undefined) throw new Error('no subscription');
    subscription.stale = true;
    await vi.waitFor(() => {
      expect(captured.of('warn').some(({ msg }) => String(msg).includes('stale'))).toBe(true);
    });
    expect(checkpoints.saved).toEqual([]);
  });

  it('moves its checkpoint past events that it does not care about, and past transaction markers', async () => {
    log.append({ type: 'OrderDelivered', data: { orderId: 'order-1', deliveredAt: 0 } });
    await start();
    await reached('orders-0', 1);
    const [subscription] = log.subscriptions;
    await subscription?.options.onBatch(
      { topic: 'orders', partition: 0, name: 'orders-0', events: [], nextOffset: 3, endOffset: 3 },
      { heartbeat: () => Promise.resolve(), isStale: () => false },
    );
    expect(checkpoints.at('reactor.fulfilment', 'orders-0')).toBe(3);
    expect(api.requests).toEqual([]);
  });

  it('stops in the middle of a retry', async () => {
    api.handler = () => ({ status: 503, headers: { 'retry-after': '30' } });
    log.append(orderPlaced());
    const runner = await start();
    await vi.waitFor(() => {
      expect(api.requests).toHaveLength(1);
    });
    const startedAt = performance.now();
    await runner.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(checkpoints.saved).toEqual([]);
  });
});
