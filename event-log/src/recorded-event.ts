// An event as it stands in the log: what happened, to whom, where it is written, and by which command it came about.
// `type` narrows `data`. The metadata are the CloudEvents attributes of the record's headers.
import type { EventType, ShopEvent, Topic } from '@comptoir/schemas';

/** What is known of every event, whatever its type. */
export interface EventMetadata {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  /** The aggregate: an order id or a sku. */
  readonly key: string;
  /** When the event was recorded: milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The event's own id, a UUID. */
  readonly id: string;
  /** Which service wrote it, as a URI reference. */
  readonly source: string;
  /** The aggregate's version after this event: 1, 2, 3, with no gap. */
  readonly version: number;
  /** The business process that this event belongs to. */
  readonly correlationId: string;
  /** The event that caused the command, or the command itself when a person sent it. */
  readonly causationId: string;
  readonly commandId: string;
  /** Fingerprint of the command's body: tells a repeat from another command under the same id. */
  readonly commandHash: string;
  /** Who sent the command: a person's or a reactor's name. */
  readonly actor: string;
  /** W3C trace context, when the command carried one. */
  readonly traceparent: string | undefined;
  /** The schema it was written with; `version` within its subject. */
  readonly schema: { readonly id: number; readonly subject: string; readonly version: number | undefined };
}

/** An event read from the log. */
export type RecordedEvent = ShopEvent & EventMetadata;

/** An event of one type, read from the log. */
export type RecordedEventOf<Type extends EventType> = Extract<RecordedEvent, { readonly type: Type }>;

/** An event about to be written: no position yet, no schema id yet. */
export type NewEvent = ShopEvent & Omit<EventMetadata, 'partition' | 'offset' | 'schema'>;
