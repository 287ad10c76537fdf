// Stands in for `fetch` in tests: answers in the order given, and remembers what was asked.
import { vi } from 'vitest';

export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'no answer';

/** Replaces `fetch` until `vi.unstubAllGlobals()`; the last answer is repeated. */
export function answerWith(...answers: readonly Answer[]): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? 'no answer';
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    asked.push({ url, method: init.method ?? 'GET', headers: new Headers(init.headers), body });
    if (answer === 'no answer') return Promise.reject(new TypeError('fetch failed'));
    const { status = 200, headers = {} } = answer;
    return Promise.resolve(new Response(JSON.stringify(answer.body ?? {}), { status, headers }));
  });
  return asked;
}
