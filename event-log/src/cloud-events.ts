// CloudEvents 1.0 in Kafka's binary mode: every attribute is a header `ce_<name>`, the value is the Avro payload.
// (CloudEvents Kafka protocol binding 1.0.2, §3.2.) Extensions: sequence, correlationid, causationid, commandid, commandhash,
// actor. `traceparent` keeps its own name, as the W3C's trace context for Kafka has it.
import type { IHeaders } from 'kafkajs';
import type { EventMetadata, NewEvent } from './recorded-event.ts';

const contentType = 'application/vnd.confluent.avro';

/** The headers of a new event. */
export function toHeaders(event: NewEvent): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': contentType,
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_subject: event.key,
    ce_time: new Date(event.time).toISOString(),
    ce_sequence: String(event.version),
    ce_correlationid: event.correlationId,
    ce_causationid: event.causationId,
    ce_commandid: event.commandId,
    ce_commandhash: event.commandHash,
    ce_actor: event.actor,
  };
  if (event.traceparent !== undefined) headers.traceparent = event.traceparent;
  return headers;
}

/** What the headers of a record say of its event. */
export type HeaderMetadata = Omit<EventMetadata, 'topic' | 'partition' | 'offset' | 'schema' | 'key'> & {
  readonly type: string;
};

/**
 * Reads the headers of a record.
 * @throws Error naming the header that is missing or unreadable
 */
export function fromHeaders(headers: IHeaders | undefined): HeaderMetadata {
  const optional = (name: string): string | undefined => {
    const value = headers?.[name];
    return value === undefined ? undefined : String(Array.isArray(value) ? value[0] : value);
  };
  const required = (name: string): string => {
    const value = optional(name);
    if (value === undefined) throw new Error(`header ${name} is missing`);
    return value;
  };
  const time = Date.parse(required('ce_time'));
  if (Number.isNaN(time)) throw new Error(`header ce_time is no instant: ${required('ce_time')}`);
  const version = Number(required('ce_sequence'));
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new Error(`header ce_sequence is no version: ${required('ce_sequence')}`);
  }
  const id = required('ce_id');
  return {
    type: required('ce_type'),
    id,
    time,
    version,
    source: required('ce_source'),
    correlationId: optional('ce_correlationid') ?? id,
    causationId: optional('ce_causationid') ?? id,
    commandId: optional('ce_commandid') ?? id,
    commandHash: optional('ce_commandhash') ?? '',
    actor: optional('ce_actor') ?? 'unknown',
    traceparent: optional('traceparent'),
  };
}
