export { openEventLog, type EventLog, type EventLogOptions } from './event-log.ts';
export { UnknownOutcomeError, type Appender, type EncodedEvent } from './appender.ts';
export { UnreadableEventError } from './codec.ts';
export { IncompatibleSchemaError } from './schema-registration.ts';
export { UnsafeTopicError } from './topics.ts';
export { partitionOf } from './partitioner.ts';
export { backoff } from './backoff.ts';
export type { BatchControl, EventBatch, Subscription, SubscriptionOptions } from './subscription.ts';
export type { EventMetadata, NewEvent, RecordedEvent, RecordedEventOf } from './recorded-event.ts';
