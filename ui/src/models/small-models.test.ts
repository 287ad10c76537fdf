import { describe, expect, it } from 'vitest';
import { RequestFailed } from '../services/http.ts';
import { curlCommand, journalId, kcatRead, mongoshFind, shellQuote } from './copy-as.ts';
import { countText, turnoverOf, utcDay } from './overview.ts';
import { aggregatePath, eventPathOf, formatPosition, parsePosition, shortId } from './position.ts';
import { isWorthRetrying, problemReport, problemView } from './problem.ts';
import { healthOf, progressOf } from './projection.ts';
import { findKeys, interpretKey } from './shortcuts.ts';

describe('positions', () => {
  it('are written and read as topic-partition@offset', () => {
    expect(formatPosition({ topic: 'orders', partition: 3, offset: 1841 })).toBe('orders-3@1841');
    expect(parsePosition('orders-3@1841')).toEqual({ topic: 'orders', partition: 3, offset: 1841 });
    expect(parsePosition('orders@3')).toBeUndefined();
  });

  it('lead to pages, with whatever an id may hold', () => {
    expect(eventPathOf('stock-0@7')).toBe('/events/stock/0/7');
    expect(eventPathOf('nowhere')).toBe('/events');
    expect(aggregatePath('stock', 'TEA/50 g')).toBe('/stock/TEA%2F50%20g');
    expect(aggregatePath('orders', 'o-1')).toBe('/orders/o-1');
  });

  it('stay short where there is little room', () => {
    expect(shortId('0f8fad5b-d9cb-469f-a165-70867728950e')).toBe('0f8fad5b…');
    expect(shortId('TEA-SENCHA-100-GRAMS')).toBe('TEA-SENCHA-100-GRAMS');
  });
});

describe('a problem', () => {
  const failed = (status: number, code?: string) =>
    new RequestFailed('x', {
      status,
      problem: {
        title: 'Refused',
        status,
        detail: 'Because.',
        correlationId: 'c-1',
        ...(code === undefined ? {} : { code }),
      },
    });

  it.each([
    [400, 'correct-input'],
    [404, 'not-found'],
    [409, 'already-exists'],
    [412, 'reload'],
    [422, 'not-possible'],
    [429, 'wait'],
    [500, 'report'],
    [502, 'unreachable'],
    [503, 'wait'],
  ])('of status %i advises to %s', (status, advice) => {
    expect(problemView(failed(status)).advice).toBe(advice);
  });

  it.each([
    [503, true],
    [500, true],
    [422, false],
    [400, false],
    [409, false],
  ])('of status %i is worth the same request again: %s', (status, worth) => {
    expect(isWorthRetrying(problemView(failed(status)))).toBe(worth);
  });

  it('with a known code advises by the code', () => {
    expect(problemView(failed(409, 'rebuild-in-progress')).advice).toBe('rebuild-running');
  });

  it('says why, in the API’s own words, and can be reported', () => {
    const view = problemView(failed(422, 'wrong-amount'));
    expect(view.why).toBe('Because.');
    expect(problemReport(view)).toBe('wrong-amount\nBecause.\nc-1');
  });

  it('without an answer is unreachable; of our own making it is to be reported', () => {
    expect(problemView(new RequestFailed('x', { status: 0 })).advice).toBe('unreachable');
    expect(problemView(new Error('boom'))).toMatchObject({ advice: 'report', why: 'boom' });
  });
});

describe('a projection', () => {
  const build = {
    generation: 2,
    state: 'filling',
    total: 200,
    done: 50,
    ratePerSecond: 10,
    secondsLeft: 15,
    requestedAt: '2026-11-25T10:00:00.000Z',
    startedAt: null,
    targetOffsets: {},
    error: null,
  } as const;
  const lag = { events: 0, seconds: 0 };

  it('is as well as its worst sign', () => {
    expect(healthOf({ state: 'running', build: null, lag })).toBe('up-to-date');
    expect(healthOf({ state: 'running', build: null, lag: { events: 3, seconds: null } })).toBe(
      'catching-up',
    );
    expect(healthOf({ state: 'running', build, lag })).toBe('building');
    expect(healthOf({ state: 'running', build: { ...build, state: 'failed' }, lag })).toBe('up-to-date');
    expect(healthOf({ state: 'failed', build, lag })).toBe('failed');
    expect(healthOf({ state: 'stopped', build: null, lag })).toBe('stopped');
  });

  it('shows how far a rebuild is', () => {
    expect(progressOf(build)).toEqual({ percent: 25, leftMs: 15_000 });
    expect(progressOf({ ...build, total: 0, secondsLeft: null })).toEqual({ percent: 0, leftMs: undefined });
    expect(progressOf({ ...build, state: 'following', done: 200 }).percent).toBe(100);
  });
});

describe('the keyboard', () => {
  const press = (key: string, fields = {}) => ({
    key,
    modified: false,
    inField: false,
    at: 1_000,
    ...fields,
  });

  it('goes to a page with g and a letter', () => {
    expect(interpretKey(press('g'), undefined)).toEqual({ kind: 'prefix', at: 1_000 });
    expect(interpretKey(press('o'), 900)).toEqual({ kind: 'go', path: '/orders' });
    expect(interpretKey(press('?'), undefined)).toEqual({ kind: 'help' });
  });

  it('forgets the g after a while, and leaves other letters alone', () => {
    expect(interpretKey(press('o', { at: 9_000 }), 900)).toEqual({ kind: 'none' });
    expect(interpretKey(press('o'), undefined)).toEqual({ kind: 'none' });
    expect(interpretKey(press('x'), 900)).toEqual({ kind: 'none' });
  });

  it('is named as it is on this machine', () => {
    expect(findKeys('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toBe('⌘ K');
    expect(findKeys('Mozilla/5.0 (X11; Linux x86_64)')).toBe('Ctrl K');
  });

  it('keeps out of fields and of the browser’s own shortcuts', () => {
    expect(interpretKey(press('g', { inField: true }), undefined)).toEqual({ kind: 'none' });
    expect(interpretKey(press('?', { modified: true }), undefined)).toEqual({ kind: 'none' });
  });
});

describe('lines for a shell', () => {
  it('are safe to paste', () => {
    expect(shellQuote("d'Or")).toBe(String.raw`'d'\''Or'`);
    expect(curlCommand('http://h', { path: '/v1/stock', body: { name: "d'Or" } })).toContain(
      String.raw`{"name":"d'\''Or"}`,
    );
  });

  it('read one event off Kafka', () => {
    expect(kcatRead({ topic: 'orders', partition: 3, offset: 1841 })).toContain(
      "-t 'orders' -p 3 -o 1841 -c 1",
    );
  });

  it('find a document in the generation that is live', () => {
    expect(mongoshFind('orders', 'o-1')).toContain('db.projections.findOne({_id: "orders"}).live');
    expect(journalId('orders', 3, 1841)).toBe('orders-3@0000000000001841');
  });
});

describe('the shop’s figures', () => {
  it('take refunds off, per currency', () => {
    const sale = { quantity: 1, orders: 1, refundedQuantity: 0 };
    expect(
      turnoverOf([
        { ...sale, currency: 'EUR', revenue: 1000, refunds: 0 },
        { ...sale, currency: 'USD', revenue: 9000, refunds: 0 },
        { ...sale, currency: 'EUR', revenue: 500, refunds: 300 },
      ]),
    ).toEqual([
      { currency: 'USD', net: 9000, refunds: 0 },
      { currency: 'EUR', net: 1200, refunds: 300 },
    ]);
  });

  it('say when there are more than were counted', () => {
    expect([countText(3, false), countText(100, true)]).toEqual(['3', '100+']);
  });

  it('begin their day in UTC', () => {
    expect(utcDay(Date.parse('2026-11-25T23:59:59.999Z'))).toBe('2026-11-25');
  });
});
