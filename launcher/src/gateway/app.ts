// One address for a browser: the panel, and both APIs under their prefixes. Live streams pass through as they come. An API that
// is away is a problem (RFC 9457) with Retry-After, like everything that fails in the APIs themselves.
import { randomUUID } from 'node:crypto';
import { problemDetails, type Logger, type ProblemOptions } from '@comptoir/service';
import proxy from '@fastify/http-proxy';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';

/** What stands behind the gateway. */
export interface GatewayOptions {
  /** Folder of the built panel. */
  readonly panelDir: string;
  readonly commandApiUrl: string;
  readonly queryApiUrl: string;
  readonly logger: Logger;
}

/** A query may wait 30 s for its view; beyond this nobody waits any more. */
const headersWithin = 60_000;

/** The panel brings all it needs as files of its own; nothing else may run, be loaded or be asked. */
const panelHeaders = {
  'content-security-policy': [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** The page may change with every build; everything else carries a digest in its name. */
const cacheOf = (path: string): string =>
  path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

/** What a problem needs of a reply; the proxy's are typed for more servers than ours. */
interface Answer {
  readonly request: { readonly id: string };
  header(name: string, value: string): unknown;
  code(status: number): unknown;
  send(body: unknown): unknown;
}

function sendProblem(reply: Answer, options: ProblemOptions): void {
  if (options.retryAfterSeconds !== undefined) reply.header('retry-after', String(options.retryAfterSeconds));
  reply.header('content-type', 'application/problem+json; charset=utf-8');
  reply.code(options.status);
  reply.send(problemDetails(options, reply.request.id));
}

async function passOn(app: FastifyInstance, name: string, upstream: string, logger: Logger): Promise<void> {
  await app.register(proxy, {
    prefix: `/${name}`,
    upstream,
    disableRequestLogging: true,
    // Streams last as long as they like; how long an answer may take to begin is bounded.
    undici: { bodyTimeout: 0, headersTimeout: headersWithin, connections: 256 },
    // Whether a request may be sent again is for the client to know.
    retryMethods: [],
    // The APIs redirect to relative places, which are right behind a prefix too.
    internalRewriteLocationHeader: false,
    replyOptions: {
      onError(reply, { error }) {
        logger.warn({ reason: error.message, url: reply.request.url }, `${name} is not reachable`);
        sendProblem(reply, {
          status: 503,
          code: 'service-unavailable',
          detail: `The ${name} is not reachable. It may be starting. Try again.`,
          retryAfterSeconds: 1,
        });
      },
    },
  });
}

const statusOf = (error: unknown): number => {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 600 ? status : 500;
};

/** The gateway, ready to `serve`. Its own health is at `/health/live` and `/health/ready`. */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const { panelDir, commandApiUrl, queryApiUrl, logger } = options;
  const app: FastifyInstance = fastify({
    // The services log their requests; the proxy would report the end of every live stream as an error.
    logger: false,
    genReqId: () => randomUUID(),
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    // Live streams end only when the browser leaves.
    forceCloseConnections: true,
  });
  app.get('/health/live', () => ({ status: 'live' }));
  app.get('/health/ready', () => ({ status: 'ready' }));
  await passOn(app, 'command-api', commandApiUrl, logger);
  await passOn(app, 'query-api', queryApiUrl, logger);
  await app.register(fastifyStatic, {
    root: panelDir,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.headers({ ...panelHeaders, 'cache-control': cacheOf(path) });
    },
  });
  // The panel has pages of its own (`/orders/…`): whatever a browser opens is the panel, whatever a program asks for is not here.
  app.setNotFoundHandler(async (request, reply) => {
    const opensPage = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
    if (opensPage) return reply.sendFile('index.html');
    sendProblem(reply, { status: 404, code: 'not-found', detail: `There is no ${request.url} here.` });
    return reply;
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) logger.error({ err: error }, 'request failed');
    const detail =
      status < 500 && error instanceof Error
        ? error.message
        : 'Something failed in the gateway; its log says what.';
    sendProblem(reply, { status, code: status < 500 ? 'bad-request' : 'internal', detail });
  });
  return app;
}
