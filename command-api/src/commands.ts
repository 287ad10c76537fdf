// From what came in over HTTP to a command of the domain, and the fingerprint that tells a repeat from another command.
import { hash } from 'node:crypto';
import { commandTopics, type CommandOf, type CommandType, type ShopCommand } from '@comptoir/domain';
import { problem, type ProblemError } from '@comptoir/service';
import { configure } from 'safe-stable-stringify';
import type { CommandData } from './command-schemas.ts';
import type { SubmittedCommand } from './writer/command.ts';

/** JSON with sorted keys: the same command has the same text, in whatever order its fields came. */
const stringify = configure({ strict: true });

type Factories = {
  readonly [Type in CommandType]: (id: string, data: CommandData[Type], at: number) => CommandOf<Type>;
};

const factories: Factories = {
  PlaceOrder: (orderId, { customer, currency, lines }, at) => ({
    type: 'PlaceOrder',
    data: { orderId, customer: { ...customer, language: customer.language ?? 'en' }, currency, lines },
    at,
  }),
  PayOrder: (orderId, data, at) => ({ type: 'PayOrder', data: { orderId, ...data }, at }),
  ShipOrder: (orderId, data, at) => ({ type: 'ShipOrder', data: { orderId, ...data }, at }),
  DeliverOrder: (orderId, _data, at) => ({ type: 'DeliverOrder', data: { orderId }, at }),
  CancelOrder: (orderId, { reason, by = 'customer' }, at) => ({
    type: 'CancelOrder',
    data: { orderId, reason, cancelledBy: by },
    at,
  }),
  RecordReservation: (orderId, data, at) => ({ type: 'RecordReservation', data: { orderId, ...data }, at }),
  RecordRefusal: (orderId, data, at) => ({ type: 'RecordRefusal', data: { orderId, ...data }, at }),
  RegisterStockItem: (sku, data, at) => ({ type: 'RegisterStockItem', data: { sku, ...data }, at }),
  AdjustStock: (sku, data, at) => ({ type: 'AdjustStock', data: adjustment(sku, data), at }),
  ChangePrice: (sku, data, at) => ({ type: 'ChangePrice', data: { sku, ...data }, at }),
  ReserveStock: (sku, data, at) => ({ type: 'ReserveStock', data: { sku, ...data }, at }),
  ReleaseReservation: (sku, data, at) => ({ type: 'ReleaseReservation', data: { sku, ...data }, at }),
  ShipReservation: (sku, data, at) => ({ type: 'ShipReservation', data: { sku, ...data }, at }),
};

/** A difference or a count: what a schema can say only in a way that nobody understands when it is wrong. */
function adjustment(
  sku: string,
  { delta, counted, reason, note = null }: CommandData['AdjustStock'],
): CommandOf<'AdjustStock'>['data'] {
  if (counted === undefined) {
    if (delta === undefined)
      throw invalidCommand('/delta', 'is required, unless a figure is given as `counted`');
    return { sku, delta, reason, note };
  }
  if (delta !== undefined) throw invalidCommand('/delta', 'must not be given together with `counted`');
  if (reason !== 'counted')
    throw invalidCommand('/reason', 'must be counted when a figure is given as `counted`');
  return { sku, counted, reason, note };
}

/** A command that is malformed in a way its schema does not say. */
export const invalidCommand = (pointer: string, detail: string): ProblemError =>
  problem({
    status: 400,
    code: 'validation-failed',
    detail: `The request is not valid: ${pointer} ${detail}.`,
    errors: [{ pointer, detail }],
  });

/** Who sends a command, and what it belongs to. What is `undefined` is filled in by the writer. */
export interface CommandContext {
  readonly commandId: string;
  readonly expectedVersion: number | undefined;
  readonly correlationId: string | undefined;
  readonly causationId: string | undefined;
  readonly actor: string;
  readonly traceparent: string | undefined;
}

/**
 * Makes a command ready for the writer.
 * @param data the body, validated by the schema of its type
 * @throws ProblemError when the data contradict each other
 * @param at when it came in: milliseconds since 1970-01-01T00:00:00Z
 */
export function submittedCommand<Type extends CommandType>(
  type: Type,
  aggregateId: string,
  data: CommandData[Type],
  at: number,
  { commandId: id, ...context }: CommandContext,
): SubmittedCommand {
  const command: ShopCommand = factories[type](aggregateId, data, at);
  return {
    id,
    hash: fingerprint(type, aggregateId, data),
    topic: commandTopics[type],
    aggregateId,
    command,
    ...context,
  };
}

/** 128 bits of SHA-256 over what is asked for; the time and the sender are no part of it. */
function fingerprint(type: CommandType, aggregateId: string, data: unknown): string {
  return hash('sha256', stringify([type, aggregateId, data]), 'base64url').slice(0, 22);
}
