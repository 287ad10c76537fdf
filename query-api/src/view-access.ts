// How routes get at a view: first wait for the caller's token, then look up the live generation, then read it. The registry
// is asked at every query, so from the update that switches generations on everybody reads the new one.
import { parseToken, type Topic } from '@comptoir/schemas';
import { problem, type ProblemError } from '@comptoir/service';
import {
  generationName,
  isUnavailable,
  liveView,
  readCheckpoints,
  readProjection,
  type LiveView,
  type ProjectionName,
  type Views,
} from '@comptoir/views';
import type { FastifyReply } from 'fastify';
import { MongoServerError, type Db } from 'mongodb';
import { ConsistencyGate } from './consistency.ts';

/** What can be asked for: a projection's view, or what the notifications reactor wrote. */
export type ViewName = ProjectionName | 'notifications';

/** The topics that each view is made from; positions of others in a token say nothing of it. */
export const topicsRead: Readonly<Record<ViewName, readonly Topic[]>> = {
  orders: ['orders'],
  stock: ['stock'],
  sales: ['orders'],
  journal: ['orders', 'stock'],
  notifications: ['orders', 'stock'],
};

const notificationsCheckpoint = 'reactor.notifications';

/** Parameters that every view takes. */
export interface ConsistencyQuery {
  readonly after?: string;
  /** ms */
  readonly wait: number;
}

const notBuilt = (name: string): ProblemError =>
  problem({
    status: 503,
    code: 'view-not-built',
    detail: `The view ${name} is not there yet: its projector has never run.`,
    retryAfterSeconds: 1,
  });

async function checkpointId(db: Db, view: ViewName): Promise<string> {
  if (view === 'notifications') return notificationsCheckpoint;
  const projection = await readProjection(db, view);
  if (projection === null) throw notBuilt(view);
  return generationName(view, projection.live);
}

/** The next offsets to read of what a view's readers see now. */
export async function readPositions(db: Db, view: ViewName): Promise<ReadonlyMap<string, number>> {
  const id = await checkpointId(db, view);
  const checkpoint = (await readCheckpoints(db, [id])).get(id);
  return new Map(Object.entries(checkpoint?.positions ?? {}));
}

/** Access to the views, shared by all routes. */
export interface ViewAccess {
  readonly db: Db;
  /** @throws ProblemError 503 when no projector has built it yet */
  live<Name extends ProjectionName>(name: Name): Promise<LiveView<Views[Name]>>;
  /** Waits for `query.after`, and says in the answer's header Consistency whether the view has reached it. */
  reach(view: ViewName, query: ConsistencyQuery, reply: FastifyReply): Promise<void>;
}

/** Access to the views of a database. */
export function createViewAccess(db: Db): ViewAccess {
  const gates = new Map(
    (Object.keys(topicsRead) as ViewName[]).map((view) => [
      view,
      new ConsistencyGate(() => readPositions(db, view)),
    ]),
  );
  return {
    db,
    async live(name) {
      const view = await liveView(db, name);
      if (view === null) throw notBuilt(name);
      return view;
    },
    async reach(view, { after, wait }, reply) {
      if (after === undefined) return;
      const positions = parseToken(after);
      if (positions === undefined) {
        throw problem({
          status: 400,
          code: 'invalid-token',
          detail: '`after` is not a consistency token, for example orders-3@1841.',
          errors: [{ pointer: '/after', detail: 'is not a consistency token', in: 'query' }],
        });
      }
      const topics: readonly string[] = topicsRead[view];
      const relevant = positions.filter(({ topic }) => topics.includes(topic));
      const consistency = await gates.get(view)?.reach(relevant, wait);
      reply.header('consistency', consistency);
    },
  };
}

/** MongoDB's error code of an operation that ran into `maxTimeMS`. */
const maxTimeExpired = 50;

/** What callers are told when the views cannot be read just now. */
export function explainDatabaseError(error: unknown): ProblemError | undefined {
  if (isUnavailable(error)) {
    return problem({
      status: 503,
      code: 'views-unavailable',
      detail: 'The views cannot be read just now: their database does not answer.',
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  if (error instanceof MongoServerError && error.code === maxTimeExpired) {
    return problem({
      status: 503,
      code: 'query-too-slow',
      detail: 'The query took too long. Narrow it with more filters.',
      retryAfterSeconds: 10,
      cause: error,
    });
  }
  return undefined;
}
