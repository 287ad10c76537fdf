// Time travel: the state of one aggregate after any of its events, folded from the journal by the domain's own `evolve`.
import { deciders, type EventFor, type StateFor } from '@comptoir/domain';
import { topics, type Topic } from '@comptoir/schemas';
import { problem, problemResponses, type Http } from '@comptoir/service';
import type { JournalView, Stored } from '@comptoir/views';
import type { Collection, Filter } from 'mongodb';
import { Type } from 'typebox';
import { allOf, consistencyParameters, instantOf, listOf, maxTimeMS, oneOf } from '../listing.ts';
import type { ViewAccess } from '../view-access.ts';
import { JournalItem } from './journal.ts';

/** Events that one answer shows; the journal has the others. */
const shownEvents = 500;

const Aggregate = Type.Object(
  {
    topic: oneOf(topics, 'Its family.'),
    id: Type.String(),
    version: Type.Integer({ description: 'Version that the state is of.' }),
    state: Type.Unsafe<object>({
      type: 'object',
      additionalProperties: true,
      description: 'As the domain has it.',
    }),
    events: listOf(JournalItem),
    earlier: Type.Integer({ description: 'Events before those shown; see /v1/journal?key=.' }),
  },
  { description: 'An aggregate at one version.' },
);

type Journal = Collection<Stored<JournalView>>;

/** The state after the events that match, oldest first. Reads them in batches: an item may have a long history. */
async function stateOf<T extends Topic>(
  topic: T,
  journal: Journal,
  filter: Filter<Stored<JournalView>>,
): Promise<{ state: StateFor<T>; version: number }> {
  const { initialState, evolve } = deciders[topic];
  const past = journal
    .find(filter, { maxTimeMS, projection: { _id: 0, type: 1, data: 1, version: 1 } })
    .sort({ version: 1 });
  let state: StateFor<T> = initialState;
  let version = 0;
  for await (const { type, data, version: reached } of past) {
    // The journal holds events as they were decoded by their schemas.
    state = evolve(state, { type, data } as EventFor<T>);
    version = reached;
  }
  return { state, version };
}

/** Adds the route of aggregates. */
export function addAggregateRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/aggregates/:topic/:id',
    {
      schema: {
        summary: 'An aggregate after any of its events',
        tags: ['aggregates'],
        params: Type.Object({ topic: oneOf(topics, 'Its family.'), id: Type.String() }),
        querystring: Type.Object(
          {
            version: Type.Optional(
              Type.Integer({ minimum: 1, description: 'After this version; default the last.' }),
            ),
            at: Type.Optional(
              Type.String({ format: 'date-time', description: 'As it was at this instant.' }),
            ),
            ...consistencyParameters,
          },
          { additionalProperties: false },
        ),
        response: { 200: Aggregate, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { topic, id } = request.params;
      const { version: asked, at } = request.query;
      await views.reach('journal', request.query, reply);
      const { collection } = await views.live('journal');
      const filter = allOf([
        { topic, key: id },
        ...(asked === undefined ? [] : [{ version: { $lte: asked } }]),
        ...(at === undefined ? [] : [{ time: { $lte: instantOf('at', at) } }]),
      ]) as Filter<Stored<JournalView>>;
      const { state, version } = await stateOf(topic, collection, filter);
      if (version === 0 || (asked !== undefined && at === undefined && version < asked)) {
        throw problem({
          status: 404,
          code: 'aggregate-not-found',
          detail:
            version === 0
              ? `${topic} ${id} has no event${at === undefined ? '' : ` until ${at}`}.`
              : `${topic} ${id} has come to version ${String(version)} only.`,
        });
      }
      const latest = await collection
        .find(filter, { maxTimeMS })
        .sort({ version: -1 })
        .limit(shownEvents)
        .toArray();
      const events = latest.toReversed();
      return { topic, id, version, state, events, earlier: Math.max(0, version - events.length) };
    },
  );
}
