// The API describes itself: OpenAPI 3.1 at /openapi.json, generated from the routes, and a page to read it at /docs/.
// The page's script comes from the npm package, so it works without the Internet; addresses are relative, so it works
// behind a prefix too.
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyPluginCallback, type RouteHandlerMethod } from 'fastify';
import type { Http } from './typed-fastify.ts';

/** What the document says of the whole API. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

/** Collects the schemas of the routes. Must come before the routes. */
export async function addOpenApi(app: Http, { title, description, version }: ApiDescription): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => ({
    ...app.swagger(),
    // Relative to the document itself: `/query-api/` when that is where the gateway serves it.
    servers: [{ url: './' }],
  }));
}

/** Only what the page itself brings may run or be loaded. */
const pagePolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "frame-ancestors 'none'",
].join('; ');

/** Where the page and its script are. */
const routePrefix = '/docs';

/** The plugin holds 5 MB of script in memory, twice: so it is loaded for the first who reads the page, in a server of its own. */
async function loadPage(): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const server = fastify();
  await server.register(reference, {
    routePrefix,
    // Nothing that would leave this machine: no fonts, no telemetry, no tools of the vendor's.
    configuration: {
      url: '../openapi.json',
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  return server;
}

const page: FastifyPluginCallback = (app, _options, done) => {
  let loading: Promise<FastifyInstance> | undefined;
  const answer: RouteHandlerMethod = async (request, reply) => {
    loading ??= loadPage();
    const { statusCode, headers, rawPayload } = await (await loading).inject(request.url);
    for (const name of ['content-type', 'cache-control']) {
      const value = headers[name];
      if (value !== undefined) reply.header(name, value);
    }
    reply.header('content-security-policy', pagePolicy);
    // The plugin redirects to an absolute path, which would leave the prefix of a gateway.
    if (statusCode === 301) reply.header('location', 'docs/');
    return reply.code(statusCode).send(rawPayload);
  };
  app.addHook('onClose', async () => {
    await (await loading)?.close();
  });
  app.get(routePrefix, { schema: { hide: true } }, answer);
  app.get(`${routePrefix}/*`, { schema: { hide: true } }, answer);
  done();
};

/** Adds the page at /docs/. */
export async function addDocumentsPage(app: Http): Promise<void> {
  await app.register(page);
}
