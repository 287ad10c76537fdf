// One request to one of the two APIs, and the two ways in which it can fail: a problem (the API answered and said what is
// wrong, RFC 9457) or unreachable (no answer, so the outcome is unknown). Nothing here knows about commands or views.
import type { ProblemDetails } from './contract.ts';

/** The prefixes of the two APIs on the panel's own origin. */
export const commandApi = '/command-api';
export const queryApi = '/query-api';

export interface Answer<Body> {
  readonly body: Body;
  readonly status: number;
  readonly headers: Headers;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A request that did not succeed. `problem` is what the API said; without it nothing usable came back (`status` 0: no answer at
 * all). `retryAfterMs` is the server's own wish (RFC 9110 §10.2.3), when it gave one.
 */
export class RequestFailed extends Error {
  readonly status: number;
  readonly problem: ProblemDetails | undefined;
  readonly retryAfterMs: number | undefined;
  readonly consistency: string | null;

  constructor(
    message: string,
    details: {
      status: number;
      problem?: ProblemDetails | undefined;
      retryAfterMs?: number | undefined;
      consistency?: string | null;
    },
  ) {
    super(message);
    this.name = 'RequestFailed';
    this.status = details.status;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
    this.consistency = details.consistency ?? null;
  }

  /** Whether the request may have had an effect all the same: no answer, or an error of the server's own. */
  get isUncertain(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads problem details out of a parsed body; `undefined` when the body is something else (a proxy's HTML page, say). */
export function readProblem(body: unknown, status: number): ProblemDetails | undefined {
  if (!isRecord(body) || typeof body.title !== 'string') return undefined;
  return {
    ...(body as unknown as ProblemDetails),
    status: typeof body.status === 'number' ? body.status : status,
  };
}

/** `Retry-After` in ms: seconds only, capped at 10 s so that a person is never kept waiting without a word. */
export function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 10) * 1000 : undefined;
}

/** Joins query parameters; empty ones are left out. */
export function withParameters(
  path: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Sends one request and parses the JSON answer.
 *
 * @throws RequestFailed on anything but a 2xx answer with a JSON body.
 */
export async function request<Body>(path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
  const { method = 'GET', body, headers = {}, signal } = options;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json, application/problem+json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new RequestFailed(`${method} ${path}: no answer`, { status: 0 });
  }
  const parsed = await readBody(response);
  if (!response.ok || parsed === undefined) {
    throw new RequestFailed(`${method} ${path}: ${String(response.status)}`, {
      status: response.ok ? 502 : response.status,
      problem: readProblem(parsed, response.status),
      retryAfterMs: retryAfterMs(response.headers),
      consistency: response.headers.get('consistency'),
    });
  }
  return { body: parsed as Body, status: response.status, headers: response.headers };
}
