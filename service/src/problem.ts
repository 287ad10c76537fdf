// Every answer that is not a success is a problem (RFC 9457, application/problem+json): a status, a stable `code` for
// programs, a sentence for people, the correlation id to find it in the log. Handlers throw `problem({...})`.
import { STATUS_CODES } from 'node:http';
import { Type } from 'typebox';

/** One thing that is wrong with a request. */
export interface RequestError {
  /** JSON pointer (RFC 6901) to the value, within the body or within the named parameters. */
  readonly pointer: string;
  /** What is wrong, as the end of a sentence: `must be >= 1`. */
  readonly detail: string;
  /** Which part of the request, when it is not the body. */
  readonly in?: 'query' | 'path' | 'header';
}

/** What a problem says. */
export interface ProblemOptions {
  readonly status: number;
  /** Stable, kebab-case: `order-not-found`. */
  readonly code: string;
  /** A sentence: what happened, and what to do next where that is not plain. */
  readonly detail: string;
  /** Seconds to wait before another try; becomes the header Retry-After. */
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly RequestError[];
  /** More headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** More members of the problem, for example `refusal`. */
  readonly extras?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A problem as it goes over the wire. */
export interface ProblemDetails {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly correlationId: string;
  readonly errors?: readonly RequestError[];
  readonly [extra: string]: unknown;
}

/** An error that is answered as the problem it carries. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: ProblemOptions;
  readonly statusCode: number;
  readonly code: string;

  constructor(options: ProblemOptions) {
    super(options.detail, options.cause === undefined ? {} : { cause: options.cause });
    this.problem = options;
    this.statusCode = options.status;
    this.code = options.code;
  }
}

/** A problem to throw from a handler. */
export const problem = (options: ProblemOptions): ProblemError => new ProblemError(options);

/** The body of a problem, also for answers that carry several (`POST /v1/commands`). */
export function problemDetails(options: ProblemOptions, correlationId: string): ProblemDetails {
  const { status, code, detail, errors, extras } = options;
  return {
    ...extras,
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Problem',
    status,
    detail,
    code,
    correlationId,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** The headers of a problem. */
export const problemHeaders = ({ headers, retryAfterSeconds }: ProblemOptions): Record<string, string> => ({
  ...headers,
  ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
});

/** TypeBox schema of a problem. */
export const problemSchema = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The name of the status.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened, in a sentence.' }),
    code: Type.String({ description: 'Stable name of this kind of problem, for programs.' }),
    correlationId: Type.String({ description: 'Names this request in the log of the service.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer to the value that is wrong.' }),
          detail: Type.String(),
          in: Type.Optional(Type.String({ description: 'query, path or header, when it is not the body.' })),
        }),
      ),
    ),
  },
  { additionalProperties: true, description: 'Problem details, RFC 9457.' },
);

const problemContent = {
  description: 'A problem (RFC 9457).',
  content: { 'application/problem+json': { schema: problemSchema } },
};

/** For `schema.response` of a route: what comes when it fails. Spread it beside the route's successes. */
export const problemResponses = { '4xx': problemContent, '5xx': problemContent } as const;
