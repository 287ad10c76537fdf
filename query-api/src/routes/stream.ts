// The live stream: journal events as they come and the state of projections as it changes, as server-sent events.
import { Readable } from 'node:stream';
import { problem, problemResponses, type Gauge, type Http } from '@comptoir/service';
import { readCheckpoints, viewCollection, type JournalView } from '@comptoir/views';
import { Type } from 'typebox';
import { maxTimeMS } from '../listing.ts';
import { parseVector, type PositionVector } from '../position-vector.ts';
import { readProjectionStatus, type ProjectionStatus } from '../projection-status.ts';
import { SharedPoll } from '../shared-poll.ts';
import { stream, type Head, type ReadJournal } from '../stream.ts';
import type { ViewAccess } from '../view-access.ts';

/** Bounds and intervals of live streams. */
export interface StreamSettings {
  /** Between two looks at how far the journal is, ms. */
  readonly journalInterval: number;
  /** Between two looks at the projections, ms. */
  readonly projectionsInterval: number;
  /** A comment is sent after this much silence, ms. */
  readonly heartbeat: number;
  /** Streams open at once; one more is answered 503. */
  readonly maxStreams: number;
}

export const standardStreamSettings: StreamSettings = {
  journalInterval: 100,
  projectionsInterval: 1_000,
  heartbeat: 15_000,
  maxStreams: 200,
};

/** The longest that setTimeout takes: a stream has no end of its own. */
const never = 2_147_483_647;

/** How long a client may take to receive the end of its stream when the service stops, ms. */
const endWithin = 1_000;

async function readHead(views: ViewAccess): Promise<Head> {
  const { checkpointId, generation } = await views.live('journal');
  const checkpoint = (await readCheckpoints(views.db, [checkpointId])).get(checkpointId);
  return { generation, positions: new Map(Object.entries(checkpoint?.positions ?? {})) };
}

const sameHead = (before: Head, now: Head): boolean =>
  before.generation === now.generation &&
  before.positions.size === now.positions.size &&
  [...now.positions].every(([log, offset]) => before.positions.get(log) === offset);

/** A sign of life alone is no news. */
const withoutSignsOfLife = (projections: readonly ProjectionStatus[]): string =>
  JSON.stringify(projections.map(({ updatedAt: _ignored, ...rest }) => rest));

const sameProjections = (before: readonly ProjectionStatus[], now: readonly ProjectionStatus[]): boolean =>
  withoutSignsOfLife(before) === withoutSignsOfLife(now);

type JournalEvent = Omit<JournalView, 'text'>;

const journalReader =
  ({ db }: ViewAccess): ReadJournal<JournalEvent> =>
  async (generation, { log, from, to, limit }) => {
    const found = await viewCollection(db, 'journal', generation)
      .find({ log, offset: { $gte: from, $lt: to } }, { maxTimeMS })
      .sort({ log: 1, offset: 1 })
      .limit(limit)
      .toArray();
    return found.map(({ _id, _pos, _rev, text, ...event }) => event);
  };

const startOf = (text: string | undefined): PositionVector | undefined => {
  if (text === undefined || text === '') return undefined;
  const vector = parseVector(text);
  if (vector !== undefined) return vector;
  throw problem({
    status: 400,
    code: 'invalid-last-event-id',
    detail: 'Last-Event-ID is not an id that this stream gave.',
  });
};

const tooMany = (streams: number) =>
  problem({
    status: 503,
    code: 'too-many-streams',
    detail: `${String(streams)} live streams are open already.`,
    retryAfterSeconds: 5,
  });

/** Adds the route of the live stream. Streams end when the app closes. */
export function addStreamRoute(app: Http, views: ViewAccess, settings: StreamSettings, open: Gauge): void {
  const tail = new SharedPoll({
    read: () => readHead(views),
    same: sameHead,
    interval: settings.journalInterval,
    logger: app.log,
  });
  const projections = new SharedPoll({
    read: () => readProjectionStatus(views.db),
    same: sameProjections,
    interval: settings.projectionsInterval,
    logger: app.log,
  });
  const readJournal = journalReader(views);
  const streams = new Map<AbortController, { destroy(): unknown }>();
  app.addHook('preClose', (done) => {
    for (const [one, response] of streams) {
      one.abort();
      // A client that takes nothing would keep its stream, and with it the service, from ending.
      setTimeout(() => response.destroy(), endWithin).unref();
    }
    done();
  });

  app.get(
    '/v1/stream',
    {
      config: { produces: ['text/event-stream'] },
      exposeHeadRoute: false,
      handlerTimeout: never,
      schema: {
        summary: 'Live journal and projections',
        description:
          'Server-sent events. `event: journal`: an event of the log, as in `/v1/journal`; its `id` is how far the stream has ' +
          'come in every partition. `event: projections`: the items of `/v1/projections`, when they change, without an id. ' +
          'Starts at now, or where `Last-Event-ID` (or `lastEventId`, for a first connection) says: nothing is missed, ' +
          'nothing comes twice. `beginning` replays everything.',
        tags: ['journal'],
        querystring: Type.Object(
          { lastEventId: Type.Optional(Type.String({ maxLength: 16_384 })) },
          { additionalProperties: false },
        ),
        response: {
          200: {
            description: 'The stream.',
            content: { 'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
          },
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      const ended = new AbortController();
      // From the beginning: a client may go while we look.
      reply.raw.once('close', () => {
        ended.abort();
        streams.delete(ended);
        open.set(streams.size);
      });
      const header = request.headers['last-event-id'];
      const resumeFrom = startOf(typeof header === 'string' ? header : request.query.lastEventId);
      // Looked at before the headers are sent, so that a journal that cannot be read is a problem and no broken stream.
      await tail.look();
      if (ended.signal.aborted) return reply.hijack();
      if (streams.size >= settings.maxStreams) throw tooMany(settings.maxStreams);
      streams.set(ended, reply.raw);
      open.set(streams.size);
      const chunks = stream({
        tail,
        projections,
        readJournal,
        resumeFrom,
        signal: ended.signal,
        heartbeat: settings.heartbeat,
      });
      const body = Readable.from(chunks, { objectMode: false, highWaterMark: 65_536 });
      body.once('error', (error) => {
        request.log.warn({ err: error }, 'live stream ended by an error; its client will come back');
      });
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(body);
    },
  );
}
