// The built panel and an in-memory fake of both APIs behind one address, as the gateway has them: the panel at /, the APIs under
// /command-api and /query-api. With a strict Content-Security-Policy, so that a script or style that slips inline is found here.
import fastifyStatic from '@fastify/static';
import { fastify } from 'fastify';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addCommands, type Faults, type SeenCommand } from './fake-commands.ts';
import { addQueries, type StreamControl } from './fake-queries.ts';
import { createFakeState, type FakeState } from './fake-state.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
/** The gateway's own, so that what it would stop is stopped here. */
const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export interface FakeShop {
  readonly address: string;
  readonly state: FakeState;
  readonly seen: readonly SeenCommand[];
  readonly faults: Faults;
  readonly stream: StreamControl;
  readonly stop: () => Promise<void>;
}

/** Starts the fake shop on a free port. @throws when the panel has not been built */
export async function startFakeShop(): Promise<FakeShop> {
  if (!existsSync(`${dist}/index.html`)) {
    throw new Error('The panel is not built: run `npm run build -w @comptoir/ui` before its browser tests.');
  }
  const state = createFakeState();
  const app = fastify({ forceCloseConnections: true });
  let commands: ReturnType<typeof addCommands> | undefined;
  let stream: StreamControl | undefined;
  await app.register(
    (scope, _options, done) => {
      commands = addCommands(scope, state);
      done();
    },
    { prefix: '/command-api' },
  );
  await app.register(
    (scope, _options, done) => {
      stream = addQueries(scope, state);
      done();
    },
    { prefix: '/query-api' },
  );
  await app.register(fastifyStatic, { root: dist, wildcard: false });
  app.setNotFoundHandler((request, reply) => {
    const opensPage = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
    return opensPage ? reply.sendFile('index.html') : reply.code(404).send({});
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', policy);
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  if (commands === undefined || stream === undefined) throw new Error('The fake APIs were not registered.');
  return {
    address,
    state,
    seen: commands.seen,
    faults: commands.faults,
    stream,
    stop: async () => {
      state.stop();
      await app.close();
    },
  };
}

/** A few items to order from. */
export function stockTheShop(state: FakeState): void {
  const cause = (n: number) => ({
    commandId: `seed-${String(n)}`,
    correlationId: `seed-${String(n)}`,
    actor: 'seed',
  });
  const item = (sku: string, name: string, unitPrice: number, onHand: number, lowStockThreshold: number) => ({
    sku,
    name,
    unitPrice,
    currency: 'EUR',
    onHand,
    lowStockThreshold,
  });
  state.register(item('TEA-SENCHA-100', 'Sencha, 100 g', 1250, 40, 8), cause(1));
  state.register(item('TEA-ASSAM-250', 'Assam, 250 g', 1490, 12, 5), cause(2));
  state.register(item('POT-CAST-IRON', 'Cast-iron teapot', 5900, 3, 2), cause(3));
  state.register(item('CUP-RAKU', 'Raku cup', 2800, 25, 6), cause(4));
}
