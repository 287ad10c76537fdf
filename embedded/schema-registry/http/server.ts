// The HTTP server around the routes: content types in and out, limits, and errors as Confluent's registry words them.
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { RegistryError, errors } from '../errors.ts';
import { addRoutes, type RoutesOptions } from './routes.ts';

/** Media types, the preferred first (Schema Registry API reference, "Content Types"). */
const mediaTypes = [
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
];
const acceptedTypes = new Set([...mediaTypes, 'application/octet-stream']);
/** A schema is kept in one record, and Kafka takes records up to 1 MB; a JSON string may take more. */
const largestBody = 2 * 1024 * 1024;
/** Longest time for a request to arrive, ms. */
const requestWithin = 30_000;
/** Subjects longer than a topic's name (249) are none that Kafka's serializers make. */
const longestParameter = 1_024;

/** The best media type for a client that accepts these; `undefined` when there is none. */
function negotiate(accept: string | undefined): string | undefined {
  if (accept === undefined || accept.trim() === '') return mediaTypes[0];
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) };
  });
  const qualityOf = (mediaType: string): number =>
    Math.max(
      0,
      ...ranges
        .filter(({ type }) => type === mediaType || type === '*/*' || type === 'application/*')
        .map((r) => r.quality),
    );
  const best = mediaTypes
    .map((type) => ({ type, quality: qualityOf(type) }))
    .filter(({ quality }) => quality > 0);
  return best.toSorted((a, b) => b.quality - a.quality)[0]?.type;
}

/** Answers with an error, as Confluent's registry words it. */
function sendError(reply: FastifyReply, error: FastifyError | RegistryError): FastifyReply {
  const isOurs = error instanceof RegistryError;
  const status = isOurs ? error.status : (error.statusCode ?? 500);
  const message = isOurs || status < 500 ? error.message : `Internal Server Error: ${error.message}`;
  if (!reply.hasHeader('content-type')) reply.type('application/vnd.schemaregistry.v1+json');
  return reply
    .code(status)
    .send(Buffer.from(JSON.stringify({ error_code: isOurs ? error.code : status, message })));
}

/** Builds the server; it does not listen yet. */
export function buildServer(options: RoutesOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: largestBody,
    requestTimeout: requestWithin,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: longestParameter, ignoreTrailingSlash: true },
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      sendError(reply, error);
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request: FastifyRequest, body, done) => {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (body === '' || type === '' || acceptedTypes.has(type)) done(null, body);
    else done(new RegistryError(415, 415, 'HTTP 415 Unsupported Media Type'));
  });
  app.addHook('onRequest', (request, reply, done) => {
    const type = negotiate(request.headers.accept);
    // Set either way: an error is answered in it too.
    reply.header('content-type', type ?? mediaTypes[0]);
    done(type === undefined ? new RegistryError(406, 406, 'HTTP 406 Not Acceptable') : undefined);
  });
  app.setErrorHandler((error: FastifyError | RegistryError, _request, reply) => sendError(reply, error));
  app.setNotFoundHandler((_request, reply) => sendError(reply, errors.notServed()));
  addRoutes(app, options);
  return app;
}
