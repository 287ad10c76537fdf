// Every event of the log, decoded, as the journal view has them.
import { isEventType, topics } from '@comptoir/schemas';
import { problem, problemResponses, type Http } from '@comptoir/service';
import { journalId } from '@comptoir/views';
import { Type } from 'typebox';
import {
  Instant,
  between,
  containing,
  equal,
  itemQuery,
  listQuery,
  maxTimeMS,
  moment,
  oneOf,
  page,
  readPage,
} from '../listing.ts';
import type { ViewAccess } from '../view-access.ts';

const topic = (description: string) => oneOf(topics, description);

/** An event as the journal shows it, here and on the live stream. */
export const JournalItem = Type.Object(
  {
    position: Type.String({ description: 'orders-3@1841' }),
    topic: topic('The topic.'),
    partition: Type.Integer(),
    offset: Type.Integer(),
    log: Type.String({ description: 'The partition’s name, orders-3.' }),
    type: Type.String(),
    key: Type.String({ description: 'The aggregate: an order id or a sku.' }),
    version: Type.Integer({ description: 'Version of the aggregate after this event.' }),
    time: Instant,
    eventId: Type.String(),
    correlationId: Type.String({ description: 'The business process that the event belongs to.' }),
    causationId: Type.String({ description: 'The event that caused the command, or the command itself.' }),
    commandId: Type.String(),
    actor: Type.String(),
    source: Type.String(),
    traceparent: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
    data: Type.Unsafe<object>({
      type: 'object',
      additionalProperties: true,
      description: 'As recorded; instants are epoch ms.',
    }),
    schema: Type.Object({
      id: Type.Integer(),
      subject: Type.String(),
      version: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    }),
  },
  { description: 'An event.' },
);

const query = listQuery(['-time', 'time'], {
  topic: Type.Optional(topic('Only events of this topic.')),
  type: Type.Optional(Type.String({ maxLength: 100, description: 'Only events of this type.' })),
  key: Type.Optional(Type.String({ maxLength: 100, description: 'Only events of this aggregate.' })),
  correlationId: Type.Optional(Type.String({ maxLength: 100, description: 'Only events of this process.' })),
  from: Type.Optional(moment('Recorded at or after.')),
  to: Type.Optional(moment('Recorded before.')),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Part of anything in the event.' }),
  ),
});

const unknownType = (type: string) =>
  problem({
    status: 400,
    code: 'unknown-event-type',
    detail: `There is no event type ${type}.`,
    errors: [{ pointer: '/type', detail: 'is not an event type', in: 'query' }],
  });

/** Adds the routes of the journal. */
export function addJournalRoutes(app: Http, views: ViewAccess): void {
  app.get(
    '/v1/journal',
    {
      schema: {
        summary: 'Events',
        tags: ['journal'],
        querystring: query,
        response: { 200: page(JournalItem), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { topic: ofTopic, type, key, correlationId, from, to, q } = request.query;
      if (type !== undefined && !isEventType(type)) throw unknownType(type);
      await views.reach('journal', request.query, reply);
      const { collection } = await views.live('journal');
      const filters = [
        ...equal('key', key),
        ...equal('correlationId', correlationId),
        ...equal('topic', ofTopic),
        ...equal('type', type),
        ...between('time', from, to),
        ...containing(q),
      ];
      return readPage(collection, request.query, filters);
    },
  );

  app.get(
    '/v1/journal/:topic/:partition/:offset',
    {
      schema: {
        summary: 'The event at one position',
        tags: ['journal'],
        params: Type.Object({
          topic: topic('The topic.'),
          partition: Type.Integer({ minimum: 0, maximum: 99_999 }),
          offset: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
        }),
        querystring: itemQuery,
        response: { 200: JournalItem, ...problemResponses },
      },
    },
    async (request, reply) => {
      await views.reach('journal', request.query, reply);
      const { collection } = await views.live('journal');
      const _id = journalId(request.params);
      const event = await collection.findOne({ _id }, { maxTimeMS });
      if (event !== null) return event;
      const { topic: ofTopic, partition, offset } = request.params;
      const position = `${ofTopic}-${String(partition)}@${String(offset)}`;
      throw problem({
        status: 404,
        code: 'event-not-found',
        detail: `There is no event at ${position}. Offsets that hold no event are markers of transactions.`,
      });
    },
  );
}
