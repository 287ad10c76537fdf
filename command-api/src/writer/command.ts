// A command on its way to the writer, and what can come of it.
import type { Refusal, ShopCommand } from '@comptoir/domain';
import type { Position, Topic } from '@comptoir/schemas';

/** A command with everything that its events will say of it. */
export interface SubmittedCommand {
  /** The Idempotency-Key: the same id and hash get the same answer, however often they come. */
  readonly id: string;
  /** Fingerprint of what is asked for, without the time. */
  readonly hash: string;
  readonly topic: Topic;
  readonly aggregateId: string;
  readonly command: ShopCommand;
  /** `If-Match`: the version that the aggregate must have. */
  readonly expectedVersion: number | undefined;
  /** Unset: an order's own, or a new one. */
  readonly correlationId: string | undefined;
  /** Unset: the command itself. */
  readonly causationId: string | undefined;
  readonly actor: string;
  readonly traceparent: string | undefined;
}

/** What an accepted command is answered. */
export interface Answer {
  readonly commandId: string;
  readonly aggregateId: string;
  readonly version: number;
  /** Of the aggregate's latest event; `undefined` for a command that changed nothing about something that never was. */
  readonly position: Position | undefined;
  readonly events: readonly { readonly id: string; readonly type: string; readonly version: number }[];
}

/** What came of a command. */
export type Outcome =
  | {
      readonly kind: 'accepted';
      readonly answer: Answer;
      readonly replayed: boolean;
      readonly created: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'version-conflict'; readonly version: number }
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'broken'; readonly error: unknown }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfter: number };
