import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommandClient, type CommandClientOptions, type CommandObserver } from './command-client.ts';
import type { OutgoingCommand } from './command.ts';
import { acceptAll, FakeCommandApi } from './testing/fake-command-api.ts';
import { captureLog, type CapturedLog } from './testing/captured-log.ts';

const outgoing = (sku: string, expectedRefusals: readonly string[] = []): OutgoingCommand => ({
  envelope: {
    commandId: `id-${sku}`,
    type: 'ReleaseReservation',
    aggregateId: sku,
    data: { orderId: 'order-1' },
    causationId: 'event-1',
    correlationId: 'correlation-1',
    actor: 'reactor:fulfilment',
  },
  expectedRefusals,
});
const many = (count: number): OutgoingCommand[] =>
  Array.from({ length: count }, (_, n) => outgoing(`sku-${String(n)}`));

describe('the command client', () => {
  let api: FakeCommandApi;
  let url: string;
  let log: CapturedLog;
  let outcomes: string[];
  let retries: string[];

  beforeEach(async () => {
    api = new FakeCommandApi();
    url = await api.listen();
    log = captureLog();
    outcomes = [];
    retries = [];
  });
  afterEach(() => api.close());

  const observer: CommandObserver = {
    onOutcome: ({ envelope }, outcome, code) =>
      outcomes.push(`${envelope.aggregateId} ${outcome} ${code ?? ''}`.trim()),
    onRetry: (reason) => retries.push(reason),
    onRequest: () => undefined,
  };
  const client = (options: Partial<CommandClientOptions> = {}) =>
    createCommandClient({ url, logger: log.logger, observer, firstWait: 5, longestWait: 20, ...options });
  const forever = new AbortController().signal;

  it('sends commands as they are, over connections that it keeps', async () => {
    const sender = client();
    await sender.send([outgoing('KETTLE'), outgoing('TEAPOT')], forever);
    await sender.send([outgoing('MUG')], forever);
    expect(api.requests).toEqual([
      [outgoing('KETTLE').envelope, outgoing('TEAPOT').envelope],
      [outgoing('MUG').envelope],
    ]);
    expect(outcomes).toEqual(['KETTLE accepted', 'TEAPOT accepted', 'MUG accepted']);
    for (let n = 0; n < 20; n++) await sender.send([outgoing('MUG')], forever);
    // A connection is free again a moment after its answer, so there may be a second one, but not one for each request.
    expect(api.connections).toBeLessThanOrEqual(3);
  });

  it('sends at most 100 commands in a request', async () => {
    await client().send(many(250), forever);
    expect(api.requests.map((request) => request.length).toSorted((a, b) => b - a)).toEqual([100, 100, 50]);
    expect(new Set(api.commands.map(({ commandId }) => commandId)).size).toBe(250);
  });

  it('sends no more bytes in a request than agreed', async () => {
    await client({ maxBytes: 500 }).send(many(10), forever);
    expect(api.requests.length).toBeGreaterThan(3);
    for (const commands of api.requests) expect(JSON.stringify(commands).length).toBeLessThanOrEqual(501);
  });

  it('has a bounded number of requests under way', async () => {
    let open = 0;
    let most = 0;
    api.handler = async (commands) => {
      most = Math.max(most, (open += 1));
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return { status: 200, body: { results: commands.map(() => ({ status: 200 })) } };
    };
    await client({ maxCommands: 1, maxRequests: 3 }).send(many(20), forever);
    expect(most).toBeLessThanOrEqual(3);
    expect(api.requests).toHaveLength(20);
  });

  it('asks again after 503, 429, 500, a cut connection and a time-out, until there is an answer', async () => {
    api.handler = (commands, request) => {
      if (request === 1) return { status: 503, body: { code: 'writer-unavailable' } };
      if (request === 2) return { status: 429 };
      if (request === 3) return { status: 500 };
      if (request === 4) return 'drop';
      if (request === 5) return 'hang';
      return acceptAll(commands, request);
    };
    await client({ requestTimeout: 100 }).send([outgoing('KETTLE')], forever);
    expect(api.requests).toHaveLength(6);
    expect(outcomes).toEqual(['KETTLE accepted']);
    expect(retries).toHaveLength(5);
    expect(retries[0]).toBe('status 503 writer-unavailable');
  });

  it('asks again when nobody listens', async () => {
    await api.close();
    const stop = new AbortController();
    const sent = client().send([outgoing('KETTLE')], stop.signal);
    const ended = expect(sent).rejects.toThrow('enough');
    await vi.waitFor(() => {
      expect(retries.length).toBeGreaterThan(2);
    });
    expect(retries[0]).toContain('ECONNREFUSED');
    stop.abort(new Error('enough'));
    await ended;
  });

  it('waits as long as Retry-After asks', async () => {
    api.handler = (commands, request) =>
      request === 1 ? { status: 503, headers: { 'retry-after': '1' } } : acceptAll(commands, request);
    const startedAt = performance.now();
    await client().send([outgoing('KETTLE')], forever);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it('repeats only the commands that got no answer', async () => {
    api.handler = (commands, request) =>
      request === 1
        ? { status: 200, body: { results: [{ status: 200 }, { status: 503 }, { status: 200 }] } }
        : acceptAll(commands, request);
    await client().send(many(3), forever);
    expect(api.requests.map((request) => request.map(({ aggregateId }) => aggregateId))).toEqual([
      ['sku-0', 'sku-1', 'sku-2'],
      ['sku-1'],
    ]);
    expect(outcomes).toHaveLength(3);
  });

  const refuseWith =
    (status: number, code: string): FakeCommandApi['handler'] =>
    (commands) => ({
      status: 200,
      body: {
        results: commands.map(({ aggregateId }) =>
          aggregateId === 'KETTLE' ? { status, problem: { code, detail: 'A sentence.' } } : { status: 200 },
        ),
      },
    });

  it('takes a refusal that the reactor expects for an answer', async () => {
    api.handler = refuseWith(422, 'order-ended');
    await client().send([outgoing('KETTLE', ['order-ended'])], forever);
    expect(outcomes).toEqual(['KETTLE refused-as-expected order-ended']);
    expect(log.of('error')).toEqual([]);
  });

  it('logs any other refusal with everything, counts it, and goes on', async () => {
    api.handler = refuseWith(409, 'reservation-ended');
    await client().send([outgoing('KETTLE', ['order-ended']), outgoing('TEAPOT')], forever);
    expect(outcomes).toEqual(['KETTLE refused reservation-ended', 'TEAPOT accepted']);
    expect(log.of('error')).toMatchObject([
      {
        command: outgoing('KETTLE').envelope,
        status: 409,
        code: 'reservation-ended',
        problem: { code: 'reservation-ended', detail: 'A sentence.' },
      },
    ]);
  });

  it('calls a malformed command a bug', async () => {
    api.handler = refuseWith(400, 'invalid-request');
    await client().send([outgoing('KETTLE')], forever);
    expect(outcomes).toEqual(['KETTLE malformed invalid-request']);
    expect(log.of('error')[0]?.msg).toContain('which is a bug');
  });

  it('gives up a command that the API breaks at each time, so that it blocks no partition', async () => {
    api.handler = refuseWith(500, 'internal-error');
    await client().send([outgoing('KETTLE'), outgoing('TEAPOT')], forever);
    expect(outcomes).toEqual(['TEAPOT accepted', 'KETTLE broken internal-error']);
    expect(api.requests).toHaveLength(8);
    expect(log.of('error')).toHaveLength(1);
  });

  it('finds the malformed command for which a whole request is refused, and carries out the others', async () => {
    api.handler = (commands, request) =>
      commands.some(({ aggregateId }) => aggregateId === 'sku-5')
        ? { status: 400, body: { code: 'invalid-request' } }
        : acceptAll(commands, request);
    await client().send(many(16), forever);
    expect(outcomes.filter((outcome) => outcome.endsWith('accepted'))).toHaveLength(15);
    expect(outcomes).toContain('sku-5 malformed invalid-request');
    expect(log.of('error')).toHaveLength(1);
  });

  it('gives up a request under way when the batch is stale', async () => {
    api.handler = () => 'hang';
    const stale = new AbortController();
    const sent = client().send([outgoing('KETTLE')], stale.signal);
    const ended = expect(sent).rejects.toThrow('stale');
    await vi.waitFor(() => {
      expect(api.requests).toHaveLength(1);
    });
    stale.abort(new Error('stale'));
    await ended;
    expect(outcomes).toEqual([]);
  });

  it('sends nothing for nothing', async () => {
    await client().send([], forever);
    expect(api.requests).toEqual([]);
  });
});
