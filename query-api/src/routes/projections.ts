// Projections: how they are, and a rebuild beside the running view.
import { problem, problemResponses, type Http } from '@comptoir/service';
import {
  isBuilding,
  nextGeneration,
  readProjection,
  requestRebuild,
  type ProjectionDocument,
} from '@comptoir/views';
import { Type } from 'typebox';
import { Instant, listOf, oneOf } from '../listing.ts';
import { readProjectionStatus, type ProjectionStatus } from '../projection-status.ts';
import type { ViewAccess } from '../view-access.ts';

const nullable = (type: string, description: string) => ({ type: [type, 'null'], description });
const NullableInstant = Type.Unsafe<Date | null>({ type: ['string', 'null'], format: 'date-time' });

const offsets = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

const Build = Type.Object({
  generation: Type.Integer(),
  state: oneOf(
    ['requested', 'filling', 'following', 'switching', 'failed'] as const,
    'How far the rebuild is.',
  ),
  requestedAt: Instant,
  startedAt: NullableInstant,
  targetOffsets: offsets('End of every partition when filling began.'),
  total: Type.Integer({ description: 'Offsets to read while filling.' }),
  done: Type.Integer({ description: 'Offsets of them that are read.' }),
  ratePerSecond: Type.Number(),
  secondsLeft: Type.Unsafe<number | null>(nullable('number', 'Null while nothing can be said.')),
  error: Type.Unsafe<string | null>(nullable('string', 'Why it failed.')),
});

const Failure = Type.Object({
  message: Type.String(),
  position: Type.Unsafe<string | null>(nullable('string', 'The event; null when it is no event’s fault.')),
  at: Instant,
});

const Projection = Type.Object(
  {
    name: Type.String(),
    state: oneOf(
      ['running', 'failed', 'stopped'] as const,
      'failed: it does not get on, and tries again by itself.',
    ),
    version: Type.Integer({ description: 'Version of its declaration.' }),
    live: Type.Integer({ description: 'The generation that readers use.' }),
    generations: listOf(
      Type.Object({
        number: Type.Integer(),
        version: Type.Integer(),
        state: oneOf(['live', 'building', 'kept'] as const, 'kept: the one before, until the next rebuild.'),
        createdAt: Instant,
        readyAt: NullableInstant,
      }),
    ),
    build: Type.Union([Build, Type.Null()]),
    lag: Type.Object({
      events: Type.Integer({ description: 'Offsets that are not read yet.' }),
      seconds: Type.Unsafe<number | null>(
        nullable('integer', 'Until it has caught up at the present rate; null while unknown.'),
      ),
    }),
    partitions: listOf(
      Type.Object({
        partition: Type.String({ description: 'orders-3' }),
        position: Type.Integer({ description: 'Next offset to read.' }),
        end: Type.Integer(),
        lag: Type.Integer(),
      }),
    ),
    ratePerSecond: Type.Number(),
    error: Type.Union([Failure, Type.Null()]),
    updatedAt: Instant,
    documents: Type.Integer({ description: 'In the live generation.' }),
  },
  { description: 'A projection.' },
);

const Rebuild = Type.Object({
  name: Type.String(),
  generation: Type.Integer({ description: 'The generation that is built.' }),
  events: Type.Integer({ description: 'Offsets to read.' }),
  keeps: Type.Integer({
    description: 'The generation that readers use meanwhile, and that is kept afterwards.',
  }),
  dryRun: Type.Boolean(),
  message: Type.String(),
});

const params = Type.Object({ name: Type.String({ maxLength: 100 }) });
const noQuery = Type.Object({}, { additionalProperties: false });

const unknown = (name: string) =>
  problem({ status: 404, code: 'projection-not-found', detail: `There is no projection ${name}.` });

const inProgress = (name: string, generation: number) =>
  problem({
    status: 409,
    code: 'rebuild-in-progress',
    detail: `Generation ${String(generation)} of ${name} is being built already.`,
    extras: { generation },
  });

async function statusOf(views: ViewAccess, name: string): Promise<ProjectionStatus> {
  const found = (await readProjectionStatus(views.db)).find((projection) => projection.name === name);
  if (found === undefined) throw unknown(name);
  return found;
}

async function registryOf(views: ViewAccess, name: string): Promise<ProjectionDocument> {
  const found = await readProjection(views.db, name);
  if (found === null) throw unknown(name);
  return found;
}

/** Adds the routes of projections. */
export function addProjectionRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/projections',
    {
      schema: {
        summary: 'Projections: state, lag, rebuilds',
        tags: ['projections'],
        querystring: noQuery,
        response: { 200: Type.Object({ items: listOf(Projection) }), ...problemResponses },
      },
    },
    async () => ({ items: await readProjectionStatus(views.db) }),
  );

  app.get(
    '/v1/projections/:name',
    {
      schema: {
        summary: 'One projection',
        tags: ['projections'],
        params,
        querystring: noQuery,
        response: { 200: Projection, ...problemResponses },
      },
    },
    async ({ params: { name } }) => statusOf(views, name),
  );

  app.post(
    '/v1/projections/:name/rebuild',
    {
      schema: {
        summary: 'Rebuild a projection beside the running one',
        description:
          'Fills a new generation from the beginning of the log while readers use the present one, then switches by one ' +
          'atomic update. Answers at once; follow the progress in `build` of the projection, or on the live stream.',
        tags: ['projections'],
        params,
        querystring: Type.Object(
          { dryRun: Type.Boolean({ default: false, description: 'Only say what would be done.' }) },
          { additionalProperties: false },
        ),
        response: { 200: Rebuild, 202: Rebuild, ...problemResponses },
      },
    },
    async ({ params: { name }, query: { dryRun } }, reply) => {
      const before = await statusOf(views, name);
      const events = before.partitions.reduce((sum, { end }) => sum + end, 0);
      const answer = (generation: number, keeps: number, verb: string) => ({
        name,
        generation,
        events,
        keeps,
        dryRun,
        message:
          `${verb} generation ${String(generation)} of ${name} from ${String(events)} offsets of the log; ` +
          `readers use generation ${String(keeps)} until it has caught up.`,
      });
      if (dryRun) {
        const registry = await registryOf(views, name);
        if (isBuilding(registry))
          throw inProgress(name, registry.build?.generation ?? nextGeneration(registry));
        return answer(nextGeneration(registry), registry.live, 'Would build');
      }
      const request = await requestRebuild(views.db, name);
      if (request.outcome === 'unknown-projection') throw unknown(name);
      if (request.outcome === 'in-progress') throw inProgress(name, request.generation);
      return reply.code(202).send(answer(request.generation, request.live, 'Builds'));
    },
  );
}
