// The HTTP base of every service: Fastify with strict validation, problem details for everything that is not a success,
// bounds on time and size, security headers, OpenAPI, health and metrics. A service adds its routes to it.
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { addDocumentsPage, addOpenApi, type ApiDescription } from './documents.ts';
import { addNotFound, clientErrorHandler, sendProblem } from './failures.ts';
import { addHealth, type ReadinessCheck } from './health.ts';
import { createMetrics, measureRequests } from './metrics.ts';
import { correlationIdOf, refusedAccept, refusedCorrelationId } from './negotiation.ts';
import { problem, type ProblemError } from './problem.ts';
import type { Http } from './typed-fastify.ts';
import { useStrictValidation } from './validation.ts';

/** How a service wants its HTTP base. Times in ms, sizes in bytes. */
export interface HttpOptions extends ApiDescription {
  /** The service's name, for metrics: `query-api`. */
  readonly name: string;
  readonly logger: FastifyBaseLogger;
  /** Where metrics are registered; by default a new registry with Node's own. */
  readonly metrics?: Registry;
  /** What must work for `/health/ready`. */
  readonly readiness?: Readonly<Record<string, ReadinessCheck>>;
  /** Whether to serve the documents page at /docs/; by default yes. */
  readonly docs?: boolean;
  /** Requests per minute and address before 429; default 6,000,000, since the clients are local services. */
  readonly rateLimit?: number;
  /** Largest body; default 1 MiB. */
  readonly bodyLimit?: number;
  /** Longest time for a request to arrive whole; default 30 s. */
  readonly requestTimeout?: number;
  /** What to answer for errors of the service's own dependencies, for example a database that is away: `undefined` to pass. */
  readonly explain?: (error: unknown) => ProblemError | undefined;
  /** Longest time for an answer; default 60 s (a query may wait 30 s for its view). */
  readonly handlerTimeout?: number;
}

/** Pages of this machine may call the services directly (the panel in development does). */
const localOrigins = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

const exposedHeaders = [
  'Consistency',
  'Consistency-Token',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'Retry-After',
  'X-Correlation-Id',
];

/** The limit is no part of the contract; Retry-After says all there is to know. */
const noRateHeaders = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
};

/**
 * How a service stops: what is under way is finished, what still comes on connections kept alive is refused, and a connection
 * is closed as soon as it is idle (Node would keep those that were busy when the server closed for their keep-alive time).
 */
function refuseWhileClosing(app: Http): void {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    if (closing)
      setImmediate(() => {
        app.server.closeIdleConnections();
      });
    done();
  });
  app.addHook('onRequest', (_request, reply, done) => {
    if (!closing) {
      done();
      return;
    }
    reply.header('connection', 'close');
    done(
      problem({
        status: 503,
        code: 'stopping',
        detail: 'This service is stopping. Try again.',
        retryAfterSeconds: 1,
      }),
    );
  });
}

/**
 * The HTTP base of a service. Add routes, then `serve` it (or `inject` into it).
 *
 * Throw `problem({...})` from handlers. `request.id` is the correlation id.
 */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const metrics = options.metrics ?? createMetrics(options.name);
  const app: Http = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlationId' }),
    genReqId: correlationIdOf,
    bodyLimit: options.bodyLimit ?? 1_048_576,
    requestTimeout: options.requestTimeout ?? 30_000,
    handlerTimeout: options.handlerTimeout ?? 60_000,
    // Longer than a heartbeat of a live stream, longer than a gateway keeps idle connections.
    connectionTimeout: 120_000,
    keepAliveTimeout: 72_000,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply);
    },
    clientErrorHandler,
  }).withTypeProvider<TypeBoxTypeProvider>();

  useStrictValidation(app);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) =>
    sendProblem(options.explain?.(error) ?? error, request, reply),
  );
  addNotFound(app);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-correlation-id', request.id);
    done();
  });
  refuseWhileClosing(app);
  app.addHook('onRequest', (request, _reply, done) => {
    done(refusedCorrelationId(request) ?? refusedAccept(request));
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.log.debug(
      { method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
    done();
  });
  measureRequests(app, metrics);

  await app.register(helmet, {
    // Served as plain HTTP; whoever puts TLS in front decides on Strict-Transport-Security.
    strictTransportSecurity: false,

    contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] }, useDefaults: false },
  });
  await app.register(cors, { origin: localOrigins, exposedHeaders, maxAge: 600 });
  await app.register(rateLimit, {
    max: options.rateLimit ?? 6_000_000,
    timeWindow: 60_000,
    addHeadersOnExceeding: noRateHeaders,
    addHeaders: noRateHeaders,
    errorResponseBuilder: (_request, { ttl }) =>
      problem({
        status: 429,
        code: 'too-many-requests',
        detail: 'Too many requests from this address.',
        retryAfterSeconds: ttl / 1000,
      }),
  });
  await addOpenApi(app, options);
  if (options.docs !== false) await addDocumentsPage(app);
  addHealth(app, { readiness: options.readiness ?? {}, metrics });
  return app;
}
