import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerWith } from '../testing/answers.ts';
import { adjustStock, placeOrder } from './commands.ts';
import { actionFor } from './idempotency.ts';
import { awaitVisible, giveUpAfterMs, maxSends, sendCommand } from './run-command.ts';

const command = adjustStock('TEA', { delta: 3, reason: 'received' });
const accepted = {
  commandId: 'k',
  aggregateId: 'TEA',
  version: 2,
  position: null,
  events: [],
  token: 'stock-0@7',
};

/** A clock that only the code under test moves: a pause takes as long as it says. */
function manualClock(perLook = 0) {
  let time = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => (time += perLook),
    pause: (ms: number) => {
      pauses.push(ms);
      time += ms;
      return Promise.resolve();
    },
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('sending a command', () => {
  it('sends the key, and measures until the answer', async () => {
    const asked = answerWith({ status: 200, body: accepted });
    const result = await sendCommand(command, 'key-1', manualClock(10));
    expect(result).toMatchObject({ answer: accepted, acceptedMs: 10, sends: 1, replayed: false });
    expect(asked[0]).toMatchObject({
      url: '/command-api/v1/stock/TEA/adjust',
      method: 'POST',
      body: command.body,
    });
    expect(asked[0]?.headers.get('idempotency-key')).toBe('key-1');
  });

  it('repeats with the same key while the outcome is unknown', async () => {
    const asked = answerWith(
      'no answer',
      { status: 503, headers: { 'retry-after': '2' } },
      { status: 201, body: accepted, headers: { 'idempotent-replayed': 'true' } },
    );
    const clock = manualClock();
    const result = await sendCommand(command, 'key-1', clock);
    expect(result).toMatchObject({ sends: 3, replayed: true });
    expect(asked.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['key-1', 'key-1', 'key-1']);
    expect(clock.pauses).toEqual([250, 2_000]);
  });

  it('gives up after a bounded number of sends', async () => {
    const asked = answerWith('no answer');
    await expect(sendCommand(command, 'key-1', manualClock())).rejects.toMatchObject({ status: 0 });
    expect(asked).toHaveLength(maxSends);
  });

  it('does not repeat what was refused', async () => {
    const problem = {
      title: 'Unprocessable',
      status: 422,
      code: 'below-reserved',
      detail: 'Four are reserved.',
    };
    const asked = answerWith({ status: 422, body: problem });
    const failure = sendCommand(command, 'key-1', manualClock());
    await expect(failure).rejects.toMatchObject({ status: 422, problem });
    await expect(failure).rejects.toHaveProperty('isUncertain', false);
    expect(asked).toHaveLength(1);
  });
});

describe('waiting until it is visible', () => {
  it('asks the view with the token until it is fresh', async () => {
    const asked = answerWith(
      { status: 404, body: { title: 'Not found' }, headers: { consistency: 'stale' } },
      { body: { version: 1 }, headers: { consistency: 'stale' } },
      { body: { version: 2 }, headers: { consistency: 'fresh' } },
    );
    expect(await awaitVisible(command.target, 'stock-0@7', manualClock())).toEqual({ version: 2 });
    expect(asked.map(({ url }) => url)).toEqual(
      Array(3).fill('/query-api/v1/stock/TEA?after=stock-0%407&wait=10000'),
    );
  });

  it('stops asking after a while, and says so', async () => {
    answerWith({ headers: { consistency: 'stale' } });
    const clock = manualClock(500);
    expect(await awaitVisible(command.target, 't', clock)).toBeUndefined();
    expect(clock.now()).toBeLessThan(giveUpAfterMs + 5_000);
  });

  it('does not wait for a document that a fresh view does not have', async () => {
    answerWith({ status: 404, body: { title: 'Not found' }, headers: { consistency: 'fresh' } });
    await expect(awaitVisible(command.target, 't', manualClock())).rejects.toMatchObject({ status: 404 });
  });
});

describe('an action of a person', () => {
  const keys = ['one', 'two'].values();
  const newKey = (): string => keys.next().value ?? 'none left';

  it('keeps its key while it says the same, and gets another when it does not', () => {
    const first = actionFor(command, undefined, newKey);
    expect(actionFor(command, first, newKey)).toBe(first);
    const other = actionFor(adjustStock('TEA', { delta: 4, reason: 'received' }), first, newKey);
    expect([first.key, other.key]).toEqual(['one', 'two']);
  });
});

it('escapes ids in addresses', () => {
  expect(adjustStock('A/B', { delta: 1, reason: 'received' }).path).toBe('/v1/stock/A%2FB/adjust');
  const order = placeOrder({
    orderId: 'o',
    customer: { id: 'c', name: 'n', email: 'e', language: 'en' },
    currency: 'EUR',
    lines: [],
  });
  expect(order.target).toEqual({ kind: 'order', id: 'o' });
});
