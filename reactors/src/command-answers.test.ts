import { describe, expect, it } from 'vitest';
import { parseRetryAfter, toRequestAnswer } from './command-answers.ts';

describe('an answer of the command API', () => {
  it('is read command by command', () => {
    const results = [
      { status: 201, token: 'stock-0@1' },
      { status: 503, problem: { code: 'writer-unavailable' } },
      { status: 422, problem: { code: 'order-ended', detail: 'The order is rejected.' } },
      { status: 500, problem: { code: 'internal-error' } },
    ];
    expect(toRequestAnswer(200, { results }, 4, undefined)).toEqual({
      kind: 'answered',
      answers: [
        { kind: 'accepted' },
        { kind: 'again' },
        { kind: 'refused', status: 422, code: 'order-ended', problem: results[2]?.problem },
        { kind: 'broken', status: 500, code: 'internal-error', problem: results[3]?.problem },
      ],
    });
  });

  it.each([
    ['fewer results than commands', 200, { results: [{ status: 200 }] }],
    ['no results', 200, { ok: true }],
    ['a result without a status', 200, { results: [{ status: 200 }, {}] }],
    ['no JSON', 200, undefined],
    ['not the writer now', 503, { code: 'writer-unavailable' }],
    ['too many requests', 429, undefined],
    ['a broken server', 500, undefined],
    ['another service at that address', 404, { code: 'route-not-found' }],
  ])('with %s is asked for again', (_, status, body) => {
    expect(toRequestAnswer(status, body, 2, 1_000)).toMatchObject({ kind: 'again', retryAfter: 1_000 });
  });

  it.each([400, 413, 422])('of status %i means that a command in the request is not understood', (status) => {
    const body = { code: 'invalid-request', detail: 'commands/0 must have data' };
    expect(toRequestAnswer(status, body, 2, undefined)).toEqual({
      kind: 'malformed',
      status,
      code: 'invalid-request',
      problem: body,
    });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 25, 12, 0, 0);

  it.each([
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['0', 0],
    ['2', 2_000],
    ['-5', 0],
    ['Wed, 25 Nov 2026 12:00:03 GMT', 3_000],
    ['Wed, 25 Nov 2026 11:00:00 GMT', 0],
  ])('%j means %s ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
