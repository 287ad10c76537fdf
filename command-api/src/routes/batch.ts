// Many commands in one request, for reactors and imports: each is carried out by itself and has an answer of its own, in order.
// One that is malformed or refused does not keep the others from being carried out.
import { commandTopics, isCommandType } from '@comptoir/domain';
import {
  problem,
  problemDetails,
  problemOf,
  problemResponses,
  problemSchema,
  requestErrors,
  type Http,
  type ProblemDetails,
} from '@comptoir/service';
import type { FastifyRequest } from 'fastify';
import { Type, type Static, type TSchema } from 'typebox';
import { commandData, OrderId, Sku } from '../command-schemas.ts';
import { invalidCommand, submittedCommand } from '../commands.ts';
import { identifier, Traceparent } from '../headers.ts';
import { Accepted, acceptedOrThrow } from '../outcomes.ts';
import type { SubmittedCommand } from '../writer/command.ts';
import type { Writer } from '../writer/writer.ts';

const BatchCommand = Type.Object(
  {
    commandId: identifier('as Idempotency-Key'),
    type: Type.String({ maxLength: 40, description: `one of ${Object.keys(commandData).join(', ')}` }),
    aggregateId: Type.String({ minLength: 1, maxLength: 64, description: 'an order id or a sku' }),
    data: Type.Object({}, { additionalProperties: true, description: 'the body of the command’s own route' }),
    expectedVersion: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    correlationId: Type.Optional(identifier('the process that it belongs to')),
    causationId: Type.Optional(identifier('the event that caused it')),
    actor: Type.Optional(identifier('who sends it')),
    traceparent: Type.Optional(Traceparent),
  },
  { additionalProperties: false },
);

const Commands = Type.Array(BatchCommand, { minItems: 1, maxItems: 500 });
const Body = Type.Union([Type.Object({ commands: Commands }, { additionalProperties: false }), Commands]);
/** Of an accepted command the fields of its answer, of any other a problem. */
const Result = Type.Object({
  status: Type.Integer(),
  replayed: Type.Optional(Type.Boolean()),
  problem: Type.Optional(Type.Unsafe<ProblemDetails>(problemSchema)),
  ...Type.Partial(Accepted).properties,
});

/** 500 orders of a hundred lines each would be larger: such an import takes several requests. Bytes. */
const bodyLimit = 4 * 1_048_576;

/** Adds `POST /v1/commands`. */
export function addBatchRoute(app: Http, writer: Writer): void {
  app.post(
    '/v1/commands',
    {
      bodyLimit,
      schema: {
        tags: ['batch'],
        summary: 'Carry out up to 500 commands, each by itself, in order',
        body: Body,
        response: { 200: Type.Object({ results: Type.Array(Result) }), ...problemResponses },
      },
    },
    async (request) => {
      const commands = Array.isArray(request.body) ? request.body : request.body.commands;
      return { results: await Promise.all(commands.map((command) => carryOut(command, request, writer))) };
    },
  );
}

async function carryOut(
  command: Static<typeof BatchCommand>,
  request: FastifyRequest,
  writer: Writer,
): Promise<Static<typeof Result>> {
  try {
    const outcome = await writer.submit(checked(command, request));
    const { status, replayed, body } = acceptedOrThrow(outcome);
    return { status, replayed, ...body };
  } catch (error) {
    const options = problemOf(error);
    if (options.status >= 500 && options.status !== 503)
      request.log.error({ err: error, command }, 'a command broke');
    return { status: options.status, problem: problemDetails(options, command.correlationId ?? request.id) };
  }
}

/** @throws ProblemError when the command is malformed */
function checked(
  { commandId, type, aggregateId, data, ...context }: Static<typeof BatchCommand>,
  request: FastifyRequest,
): SubmittedCommand {
  if (!isCommandType(type))
    throw invalidCommand('/type', `must be one of ${Object.keys(commandData).join(', ')}`);
  const isOrder = commandTopics[type] === 'orders';
  check(request, isOrder ? OrderId : Sku, aggregateId, '/aggregateId');
  check(request, commandData[type], data, '/data');
  const { expectedVersion, correlationId, causationId, actor = 'anonymous', traceparent } = context;
  // The check above makes it the data of this type.
  return submittedCommand(type, isOrder ? aggregateId.toLowerCase() : aggregateId, data, Date.now(), {
    commandId,
    expectedVersion,
    correlationId,
    causationId,
    actor,
    traceparent,
  });
}

/** @throws ProblemError when `value`, found at `pointer` of the command, does not fit `schema` */
function check(request: FastifyRequest, schema: TSchema, value: unknown, pointer: string): void {
  const validate = request.getValidationFunction(schema) ?? request.compileValidationSchema(schema, 'body');
  if (validate(value)) return;
  const found = requestErrors(validate.errors ?? [], 'body').map((error) => ({
    ...error,
    pointer: pointer + error.pointer,
  }));
  const [first = { pointer, detail: 'is not valid' }] = found;
  throw problem({
    status: 400,
    code: 'validation-failed',
    detail: `The command is not valid: ${first.pointer} ${first.detail}.`,
    errors: found,
  });
}
