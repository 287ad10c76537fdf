// Is the process up (`/health/live`), and can it do its work now (`/health/ready`)? Readiness is a set of named checks
// that come in as functions; each has two seconds. `/metrics` stands beside them.
import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import { problem, problemResponses } from './problem.ts';
import type { Http } from './typed-fastify.ts';

/** Resolves when all is well, throws with the reason when not. */
export type ReadinessCheck = () => unknown;

/** How long one readiness check may take, ms. */
const checkTimeout = 2_000;

async function outcome(check: ReadinessCheck): Promise<string> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    timeout.resolve(`no answer within ${String(checkTimeout)} ms`);
  }, checkTimeout);
  try {
    const checked = (async () => {
      await check();
      return 'ok';
    })();
    return await Promise.race([checked, timeout.promise]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Adds `/health/live`, `/health/ready` and `/metrics`. */
export function addHealth(
  app: Http,
  {
    readiness,
    metrics,
  }: { readonly readiness: Readonly<Record<string, ReadinessCheck>>; readonly metrics: Registry },
): void {
  app.get(
    '/health/live',
    {
      schema: {
        summary: 'Is the process up?',
        tags: ['operation'],
        response: { 200: Type.Object({ status: Type.Literal('live') }) },
      },
    },
    () => ({ status: 'live' as const }),
  );

  app.get(
    '/health/ready',
    {
      schema: {
        summary: 'Can the service do its work now?',
        description: 'Runs the checks; 503 names those that failed.',
        tags: ['operation'],
        response: {
          200: Type.Object({
            status: Type.Literal('ready'),
            checks: Type.Record(Type.String(), Type.String(), { description: 'Outcome of each check.' }),
          }),
          ...problemResponses,
        },
      },
    },
    async () => {
      const outcomes = await Promise.all(
        Object.entries(readiness).map(async ([name, check]) => [name, await outcome(check)] as const),
      );
      const failed = outcomes.filter(([, result]) => result !== 'ok');
      const checks = Object.fromEntries(outcomes);
      if (failed.length === 0) return { status: 'ready' as const, checks };
      throw problem({
        status: 503,
        code: 'not-ready',
        detail: `Not ready: ${failed.map(([name, reason]) => `${name} (${reason})`).join(', ')}.`,
        retryAfterSeconds: 1,
        extras: { checks },
      });
    },
  );

  app.get(
    '/metrics',
    { schema: { hide: true }, config: { produces: ['text/plain'] } },
    async (_request, reply) => {
      reply.type(metrics.contentType);
      return metrics.metrics();
    },
  );
}
