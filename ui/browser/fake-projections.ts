// The projections of the fake shop, and a rebuild that takes a few steps of time, told on the live stream as it goes on.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Projection, ProjectionBuild } from '../src/services/contract.ts';
import { sendProblem } from './fake-commands.ts';
import type { FakeState } from './fake-state.ts';
import type { Mutable } from './fake-types.ts';

const buildStepMs = 700;

/** As the real ones do: orders and sales are made from orders, stock from stock, the journal from both. */
const topicsRead = (name: string): readonly string[] =>
  name === 'journal' ? ['orders', 'stock'] : [name === 'stock' ? 'stock' : 'orders'];

const nameIn = (request: FastifyRequest): string => (request.params as { id: string }).id;

/** @param tell called whenever a projection's state has changed */
export function addProjections(
  app: FastifyInstance,
  state: FakeState,
  tell: (projections: readonly Projection[]) => void,
): void {
  const builds = new Map<string, Mutable<ProjectionBuild>>();
  const live = new Map<string, number>();
  const startedAt = new Date().toISOString();

  const projection = (name: string, documents: number): Projection => {
    const partitions = topicsRead(name).flatMap((topic) =>
      [0, 1, 2].map((partition) => {
        const end = state.journal.filter(
          (event) => event.topic === topic && event.partition === partition,
        ).length;
        return { partition: `${topic}-${String(partition)}`, position: end, end, lag: 0 };
      }),
    );
    const generation = (number: number, of: 'live' | 'kept') => ({
      number,
      version: 1,
      state: of,
      createdAt: startedAt,
      readyAt: startedAt,
    });
    const current = live.get(name) ?? 1;
    return {
      name,
      state: 'running',
      live: current,
      version: 1,
      generations: [...(current > 1 ? [generation(current - 1, 'kept')] : []), generation(current, 'live')],
      build: builds.get(name) ?? null,
      lag: { events: 0, seconds: 0 },
      partitions,
      ratePerSecond: 0,
      error: null,
      updatedAt: new Date().toISOString(),
      documents,
    };
  };
  const projections = (): Projection[] => [
    projection('journal', state.journal.length),
    projection('orders', state.orders.size),
    projection('sales', 1),
    projection('stock', state.stock.size),
  ];
  app.get('/v1/projections', () => ({ items: projections() }));
  app.get('/v1/projections/:id', (request, reply) => {
    const found = projections().find(({ name }) => name === nameIn(request));
    return found === undefined
      ? sendProblem(reply, 404, 'projection-not-found', `There is no projection ${nameIn(request)}.`)
      : reply.send(found);
  });
  app.post('/v1/projections/:id/rebuild', (request, reply) => {
    const name = nameIn(request);
    if (builds.has(name)) {
      return sendProblem(
        reply,
        409,
        'rebuild-in-progress',
        `A generation of ${name} is being built already.`,
      );
    }
    const keeps = live.get(name) ?? 1;
    const total = projection(name, 0).partitions.reduce((sum, { end }) => sum + end, 0);
    const dryRun = (request.query as { dryRun?: string }).dryRun === 'true';
    const answer = { name, generation: keeps + 1, events: total, keeps, dryRun, message: 'Builds.' };
    if (dryRun) return reply.send(answer);
    const requestedAt = new Date().toISOString();
    const build: Mutable<ProjectionBuild> = {
      generation: keeps + 1,
      state: 'filling',
      requestedAt,
      startedAt: requestedAt,
      targetOffsets: {},
      total,
      done: 0,
      ratePerSecond: total / 3,
      secondsLeft: 3,
      error: null,
    };
    builds.set(name, build);
    tell(projections());
    const timer = setInterval(() => {
      build.done = Math.min(total, build.done + Math.ceil(total / 4));
      build.secondsLeft = Math.max(0, (build.secondsLeft ?? 0) - 1);
      if (build.done === total) {
        builds.delete(name);
        live.set(name, build.generation);
        clearInterval(timer);
      }
      tell(projections());
    }, buildStepMs);
    timer.unref();
    return reply.code(202).send(answer);
  });
}
