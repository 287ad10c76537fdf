// One way for every command that comes alone: headers to context, body to command, outcome to answer.
import type { CommandType } from '@comptoir/domain';
import { problemResponses, type Http } from '@comptoir/service';
import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import type { CommandData } from '../command-schemas.ts';
import { submittedCommand } from '../commands.ts';
import { contextOf, type CommandHeaders } from '../headers.ts';
import { Accepted, acceptedOrThrow } from '../outcomes.ts';
import type { Writer } from '../writer/writer.ts';

/** What a command's route can answer, for its schema. */
export const commandResponses = { 200: Accepted, 201: Accepted, ...problemResponses };

/** Carries out one command and answers it. */
export type Handle = <Type extends CommandType>(
  type: Type,
  aggregateId: string,
  data: CommandData[Type],
  headers: Static<typeof CommandHeaders>,
  reply: FastifyReply,
) => Promise<Static<typeof Accepted>>;

/** How the routes of this API carry out commands. */
export function handlerFor(writer: Writer): Handle {
  return async (type, aggregateId, data, headers, reply) => {
    const outcome = await writer.submit(
      submittedCommand(type, aggregateId, data, Date.now(), contextOf(headers)),
    );
    const { status, replayed, body } = acceptedOrThrow(outcome);
    reply
      .code(status)
      .header('consistency-token', body.token)
      .header('etag', `"${String(body.version)}"`);
    if (replayed) reply.header('idempotent-replayed', 'true');
    return body;
  };
}

/** Adds routes to an API. */
export type AddRoutes = (app: Http, handle: Handle) => void;
