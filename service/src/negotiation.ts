// Two headers every request may carry: Accept (406 when nothing we have would do) and X-Correlation-Id (taken over when
// it is well formed, else made here), which names the request in logs, problems and, for commands, in events.
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { problem, type ProblemError } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route answers with; by default application/json. */
    readonly produces?: readonly string[];
  }
}

const correlationPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

const header = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/** The correlation id of a request: the caller's, else a new UUID. */
export function correlationIdOf(message: Pick<IncomingMessage, 'headers'>): string {
  const given = header(message.headers['x-correlation-id']);
  return given !== undefined && correlationPattern.test(given) ? given : crypto.randomUUID();
}

/** What is wrong with the caller's correlation id, if it could not be taken over. */
export function refusedCorrelationId(request: FastifyRequest): ProblemError | undefined {
  const given = header(request.headers['x-correlation-id']);
  if (given === undefined || given === request.id) return undefined;
  return problem({
    status: 400,
    code: 'invalid-correlation-id',
    detail: 'X-Correlation-Id must be 1 to 100 letters, digits, dots, colons, underscores or hyphens.',
  });
}

/** Whether an Accept header admits a media type (RFC 9110 §12.5.1; the most specific range decides). */
export function accepts(accept: string | undefined, mediaType: string): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const [family = ''] = mediaType.split('/', 1);
  const ranks = new Map([
    ['*/*', 1],
    [`${family}/*`, 2],
    [mediaType, 3],
  ]);
  let best = { rank: 0, admitted: false };
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const rank = ranks.get(name) ?? 0;
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (rank > best.rank) best = { rank, admitted: !refused };
  }
  return best.admitted;
}

/** What is wrong with the caller's Accept, if the route produces nothing that it takes. */
export function refusedAccept(request: FastifyRequest): ProblemError | undefined {
  const { accept } = request.headers;
  if (accept === undefined || accept === '*/*' || request.is404) return undefined;
  const { config, schema } = request.routeOptions;
  // Routes of plugins (the documents page) say nothing of what they produce.
  const produces = config.produces ?? (schema?.response === undefined ? [] : ['application/json']);
  if (produces.length === 0 || produces.some((mediaType) => accepts(accept, mediaType))) return undefined;
  return problem({
    status: 406,
    code: 'not-acceptable',
    detail: `This answers with ${produces.join(', ')}, which Accept rules out.`,
  });
}
