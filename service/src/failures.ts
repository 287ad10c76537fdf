// Whatever goes wrong becomes a problem: what a handler throws, what Fastify and its plugins refuse, routes and methods that
// do not exist, and requests that are not HTTP. An error nobody foresaw is logged whole and answered without its insides.
import { STATUS_CODES } from 'node:http';
import type { ErrorObject } from 'ajv';
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerOptions,
} from 'fastify';
import { ProblemError, problemDetails, problemHeaders, type ProblemOptions } from './problem.ts';
import { requestErrors } from './validation.ts';

const frameworkProblems: Readonly<Record<string, ProblemOptions>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    status: 400,
    code: 'malformed-body',
    detail: 'The content type says JSON, but the body is empty.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    code: 'malformed-body',
    detail: 'The body is not valid JSON.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'malformed-body',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'body-too-large',
    detail: 'The body is larger than this service takes.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported-media-type',
    detail: 'This service takes application/json.',
  },
  FST_ERR_BAD_URL: { status: 400, code: 'malformed-url', detail: 'The path is not a valid URL path.' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, code: 'url-too-long', detail: 'A part of the path is too long.' },
  FST_ERR_HANDLER_TIMEOUT: {
    status: 503,
    code: 'timeout',
    detail: 'The answer took too long. It is not known whether the request had an effect: repeat it.',
    retryAfterSeconds: 1,
  },
};

const internal: ProblemOptions = {
  status: 500,
  code: 'internal-error',
  detail: 'Something broke in this service. Its log has the cause under the correlation id.',
};

type AnyFailure = Partial<Omit<FastifyError, 'validation'>> & {
  readonly validation?: readonly ErrorObject[];
};

const asFailure = (error: unknown): AnyFailure => (typeof error === 'object' && error !== null ? error : {});

const validationProblem = (errors: readonly ErrorObject[], context: string | undefined): ProblemOptions => {
  const found = requestErrors(errors, context);
  const [first] = found;
  const more = found.length > 1 ? ` (and ${String(found.length - 1)} more)` : '';
  return {
    status: 400,
    code: 'validation-failed',
    detail:
      first === undefined
        ? 'The request is not valid.'
        : `The request is not valid: ${first.pointer === '' ? 'it' : first.pointer} ${first.detail}${more}.`,
    errors: found,
  };
};

/** What to answer for an error; anything unknown is `internal-error`. */
export function problemOf(error: unknown): ProblemOptions {
  if (error instanceof ProblemError) return error.problem;
  const failure = asFailure(error);
  if (failure.validation !== undefined)
    return validationProblem(failure.validation, failure.validationContext);
  const known = failure.code === undefined ? undefined : frameworkProblems[failure.code];
  if (known !== undefined) return known;
  const status = failure.statusCode ?? 500;
  // A plugin's refusal. Its sentence is safe to show; that of any other error may not be.
  if (failure.code?.startsWith('FST_') === true && status >= 400 && status < 500) {
    return { status, code: 'bad-request', detail: `${failure.message ?? 'The request was refused'}.` };
  }
  return internal;
}

function send(reply: FastifyReply, options: ProblemOptions, correlationId: string): FastifyReply {
  return reply
    .code(options.status)
    .headers(problemHeaders(options))
    .header('x-correlation-id', correlationId)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemDetails(options, correlationId));
}

/** Answers an error as a problem, and logs it when the fault is ours. Who asks whether we are ready is told, nobody else. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const options = problemOf(error);
  if (options === internal) request.log.error({ err: error }, 'request failed');
  else if (options.status >= 500 && options.code !== 'not-ready')
    request.log.warn({ code: options.code, status: options.status }, options.detail);
  return send(reply, options, request.id);
}

/** `/v1/orders/:id` as a pattern of paths. */
const pathPattern = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split('/')
      .map((part) => {
        if (part.startsWith(':')) return '[^/]+';
        return part === '*' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      })
      .join('/')}$`,
  );

/** Answers unknown routes with 404, and known ones asked with the wrong method with 405. Must come before the routes. */
export function addNotFound(app: FastifyInstance): void {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: pathPattern(url), methods: new Set<string>() };
    for (const one of Array.isArray(method) ? method : [method]) route.methods.add(one);
    // The cors plugin answers OPTIONS everywhere; that does not make a path exist.
    if (url !== '*') routes.set(url, route);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const methods = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods])
      .toSorted();
    if (methods.length === 0) {
      const detail = `There is nothing at ${request.method} ${path}.`;
      return send(reply, { status: 404, code: 'route-not-found', detail }, request.id);
    }
    const allow = [...new Set(methods)].join(', ');
    const detail = `${path} does not take ${request.method}, but ${allow}.`;
    return send(reply, { status: 405, code: 'method-not-allowed', detail, headers: { allow } }, request.id);
  });
}

/** Answers what never became a request (a bad request line, headers too large or too slow) with a problem. */
export const clientErrorHandler: NonNullable<FastifyServerOptions['clientErrorHandler']> = (
  error,
  socket,
) => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, detail] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'request-timeout', 'The request did not arrive in time.']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'headers-too-large', 'The headers are larger than this service takes.']
        : [400, 'malformed-request', 'This is not a valid HTTP request.'];
  const correlationId = crypto.randomUUID();
  const body = JSON.stringify(problemDetails({ status, code, detail }, correlationId));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\n` +
        `X-Correlation-Id: ${correlationId}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
};
