// What a command's headers say: its id, the version it expects, what it belongs to, who sends it.
import { problem } from '@comptoir/service';
import { Type, type Static } from 'typebox';
import type { CommandContext } from './commands.ts';

const printable = '^[\\x21-\\x7e]+$';
/** W3C Trace Context, §3.2. */
const traceparent = '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$';

/** Text that identifies something in a header of an event: printable ASCII without spaces. */
export const identifier = (description: string) =>
  Type.String({ minLength: 1, maxLength: 128, pattern: printable, description });
export const Traceparent = Type.String({ pattern: traceparent, description: 'W3C trace context' });

/** Headers of every command. */
export const CommandHeaders = Type.Object({
  'idempotency-key': identifier('one for each thing that is to happen: a repeat gets the first answer again'),
  'if-match': Type.Optional(
    Type.String({ maxLength: 24, description: 'the version that the aggregate must have, in quotes: "3"' }),
  ),
  'x-correlation-id': Type.Optional(
    identifier('the process that the command belongs to; an order’s own unless said otherwise'),
  ),
  'x-actor': Type.Optional(identifier('who sends the command')),
  traceparent: Type.Optional(Traceparent),
});

/** The version in `If-Match: "3"`. @throws ProblemError when it is none */
function expectedVersion(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined;
  const version = /^"?(\d{1,15})"?$/.exec(ifMatch.trim())?.[1];
  if (version === undefined) {
    throw problem({
      status: 400,
      code: 'validation-failed',
      detail: 'If-Match must be one version in quotes, for example "3".',
      errors: [{ pointer: '/if-match', detail: 'must be one version in quotes', in: 'header' }],
    });
  }
  return Number(version);
}

/** A command's context from its headers. */
export function contextOf(headers: Static<typeof CommandHeaders>): CommandContext {
  return {
    commandId: headers['idempotency-key'],
    expectedVersion: expectedVersion(headers['if-match']),
    correlationId: headers['x-correlation-id'],
    causationId: undefined,
    actor: headers['x-actor'] ?? 'anonymous',
    traceparent: headers.traceparent,
  };
}
