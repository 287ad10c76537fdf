// What came of a command, as HTTP says it: the answer of an accepted one, or a problem with the status that fits.
import type { RefusalCode } from '@comptoir/domain';
import { formatToken } from '@comptoir/schemas';
import { problem, type ProblemOptions } from '@comptoir/service';
import { Type, type Static } from 'typebox';
import type { Answer, Outcome } from './writer/command.ts';

/** The body of an accepted command. */
export const Accepted = Type.Object(
  {
    commandId: Type.String(),
    aggregateId: Type.String(),
    version: Type.Integer({ description: 'of the aggregate, after the command' }),
    position: Type.Optional(
      Type.Object(
        { topic: Type.String(), partition: Type.Integer(), offset: Type.Integer() },
        { description: 'of the aggregate’s latest event' },
      ),
    ),
    events: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), version: Type.Integer() })),
    token: Type.String({ description: 'consistency token: give it to a query as ?after=' }),
  },
  { $id: 'Accepted' },
);

/** A command that was accepted, with what HTTP says beside the body. */
export interface AcceptedCommand {
  readonly status: 200 | 201;
  readonly replayed: boolean;
  readonly body: Static<typeof Accepted>;
}

const notFound: ReadonlySet<RefusalCode> = new Set(['order-not-found', 'stock-item-not-found']);
const exists: ReadonlySet<RefusalCode> = new Set(['order-exists', 'stock-item-exists']);

const refusalStatus = (code: RefusalCode): number =>
  notFound.has(code) ? 404 : exists.has(code) ? 409 : 422;

function bodyOf({ position, events, ...answer }: Answer): Static<typeof Accepted> {
  const token = formatToken(position === undefined ? [] : [position]);
  return { ...answer, ...(position === undefined ? {} : { position }), events: [...events], token };
}

/** The problem that says why a command was not accepted. */
function problemOfOutcome(outcome: Exclude<Outcome, { kind: 'accepted' }>): ProblemOptions {
  switch (outcome.kind) {
    case 'refused': {
      const { code, message, detail } = outcome.refusal;
      return {
        status: refusalStatus(code),
        code,
        detail: message,
        ...(detail === undefined ? {} : { extras: { refusal: detail } }),
      };
    }
    case 'version-conflict':
      return {
        status: 412,
        code: 'version-conflict',
        detail: `If-Match does not hold: the version is ${String(outcome.version)} now. Read it again and decide anew.`,
        extras: { version: outcome.version },
      };
    case 'key-reused':
      return {
        status: 422,
        code: 'idempotency-key-reused',
        detail: 'This Idempotency-Key was used for another command. Take a new one for a new command.',
      };
    case 'unavailable':
      return {
        status: 503,
        code: 'writer-unavailable',
        detail: `No command is taken right now: ${outcome.reason}. Repeat it with the same Idempotency-Key.`,
        retryAfterSeconds: outcome.retryAfter,
      };
    case 'broken':
      return {
        status: 500,
        code: 'internal-error',
        detail: 'The command could not be carried out.',
        cause: outcome.error,
      };
  }
}

/** The accepted command. @throws ProblemError otherwise */
export function acceptedOrThrow(outcome: Outcome): AcceptedCommand {
  if (outcome.kind !== 'accepted') throw problem(problemOfOutcome(outcome));
  return { status: outcome.created ? 201 : 200, replayed: outcome.replayed, body: bodyOf(outcome.answer) };
}
