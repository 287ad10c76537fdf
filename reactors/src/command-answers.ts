// What an answer of the command API means for the sender: done, again, broken, or a refusal. Pure.
// `again` is everything that says nothing about the command itself: 503 and 429, any 5xx to a whole request (whether it was carried
// out is unknown; the command's id makes asking again harmless), and answers that cannot be read. `broken` is a 500 to one command of
// a request that was answered: the API works, but not with this command.

/** What the API said about one command. */
export type CommandAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'again' }
  | { readonly kind: 'broken'; readonly status: number; readonly code: string; readonly problem: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly problem: unknown };

/** What the API said about a request. */
export type RequestAnswer =
  | { readonly kind: 'answered'; readonly answers: readonly CommandAnswer[] }
  | { readonly kind: 'again'; readonly reason: string; readonly retryAfter: number | undefined }
  /** The request itself was not understood: one of its commands is malformed, or it is too large. */
  | { readonly kind: 'malformed'; readonly status: number; readonly code: string; readonly problem: unknown };

/** Statuses that say only that it is not possible now. */
const notNow = new Set([429, 502, 503, 504]);

/** Statuses of a request that one command in it can be the cause of. */
const causedByACommand = new Set([400, 413, 422]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function codeOf(problem: unknown, status: number): string {
  const code = isRecord(problem) ? problem.code : undefined;
  return typeof code === 'string' ? code : `status-${String(status)}`;
}

function toCommandAnswer(result: unknown): CommandAnswer | undefined {
  if (!isRecord(result) || typeof result.status !== 'number') return undefined;
  const { status, problem } = result;
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (notNow.has(status)) return { kind: 'again' };
  return { kind: status >= 500 ? 'broken' : 'refused', status, code: codeOf(problem, status), problem };
}

/**
 * Reads the answer to a request of `count` commands.
 * @param body - the parsed body; `undefined` when it was not JSON
 * @param retryAfter - what Retry-After asks for, in ms
 */
export function toRequestAnswer(
  status: number,
  body: unknown,
  count: number,
  retryAfter: number | undefined,
): RequestAnswer {
  if (status >= 200 && status < 300) {
    const results: unknown = isRecord(body) ? body.results : undefined;
    const answers = Array.isArray(results) ? results.map(toCommandAnswer) : [];
    if (answers.length === count && answers.every((answer) => answer !== undefined)) {
      return { kind: 'answered', answers };
    }
    return { kind: 'again', reason: `an answer without ${String(count)} results`, retryAfter };
  }
  if (causedByACommand.has(status)) {
    return { kind: 'malformed', status, code: codeOf(body, status), problem: body };
  }
  return { kind: 'again', reason: `status ${String(status)} ${codeOf(body, status)}`, retryAfter };
}

/**
 * Reads a Retry-After header (RFC 9110 §10.2.3): seconds or an HTTP date.
 * @returns ms from `now` (epoch ms), never negative; `undefined` when there is no header or it cannot be read
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const instant = Date.parse(header);
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now);
}
