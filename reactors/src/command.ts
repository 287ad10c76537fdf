// The commands that reactors send: what the command API takes at POST /v1/commands, without the envelope.
// `data` has no aggregate id: that is `aggregateId`. Money is in minor units.
import type { RecordedEvent } from '@comptoir/event-log';
import type { RefusalReason } from '@comptoir/schemas';
import { commandId } from './command-id.ts';

/** The commands of a stock item (`aggregateId` is the sku) and of an order (`aggregateId` is the order's id). */
export type CommandBody =
  | {
      readonly type: 'ReserveStock';
      readonly data: {
        readonly orderId: string;
        readonly quantity: number;
        readonly unitPrice: number;
        readonly currency: string;
      };
    }
  | { readonly type: 'ReleaseReservation'; readonly data: { readonly orderId: string } }
  | { readonly type: 'ShipReservation'; readonly data: { readonly orderId: string } }
  | { readonly type: 'RecordReservation'; readonly data: { readonly sku: string; readonly quantity: number } }
  | {
      readonly type: 'RecordRefusal';
      readonly data: {
        readonly sku: string;
        readonly quantity: number;
        readonly reason: RefusalReason;
        readonly available: number | null;
        readonly currentUnitPrice: number | null;
      };
    };

/** What a reactor returns. */
export type Command = CommandBody & {
  readonly aggregateId: string;
  /** What it is for; with the event's id and the sku it makes the command's id. */
  readonly purpose: string;
  readonly sku: string;
  /** Codes of refusals that the process lives with, for example `order-ended`: they are no error. */
  readonly expectedRefusals: readonly string[];
};

/** A command as it travels. */
export type CommandEnvelope = CommandBody & {
  readonly commandId: string;
  readonly aggregateId: string;
  readonly causationId: string;
  readonly correlationId: string;
  readonly actor: string;
  readonly traceparent?: string;
};

/** A command ready to be sent, with what its sender is prepared to hear. */
export interface OutgoingCommand {
  readonly envelope: CommandEnvelope;
  readonly expectedRefusals: readonly string[];
}

/** Puts a command into its envelope: its id, what caused it, which process it belongs to, who asks, and the trace. */
export function toOutgoing(command: Command, event: RecordedEvent, reactorName: string): OutgoingCommand {
  const { aggregateId, purpose, sku, expectedRefusals, ...body } = command;
  const envelope: CommandEnvelope = {
    ...body,
    commandId: commandId(event.id, purpose, sku),
    aggregateId,
    causationId: event.id,
    correlationId: event.correlationId,
    actor: `reactor:${reactorName}`,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
  };
  return { envelope, expectedRefusals };
}
