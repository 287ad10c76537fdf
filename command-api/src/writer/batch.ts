// Decides commands one after the other, each against the state as the ones before it leave it, and gathers their events: one
// batch is one transaction. A command is whole in a batch or not in it. Bounds keep a batch within what one request to Kafka
// may hold: `message.max.bytes` is 1,048,588 for each partition, and a batch may go to one partition as a whole.
import { deciders, isOrderCommand, type CommandFor, type ShopCommand } from '@comptoir/domain';
import type { EncodedEvent, NewEvent } from '@comptoir/event-log';
import type { ShopEvent, Topic } from '@comptoir/schemas';
import { randomUUID } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import type { Outcome, SubmittedCommand } from './command.ts';
import {
  layerOver,
  type Aggregate,
  type Aggregates,
  type RecordedCommand,
  type WriterState,
} from './writer-state.ts';

/** The most commands of one transaction. */
const maximumCommands = 1_000;
/** The most bytes of one transaction. */
const maximumBytes = 900_000;
/** Namespace of event ids: the n-th event of a command always has the same id. */
const eventNamespace = 'c5f2cf2c-7d0c-4c57-9d05-1a4f2a5d4b7e';
const source = '/command-api';

/** A command that left events in the batch. */
export interface DecidedCommand<Waiting> {
  readonly waiting: Waiting;
  readonly created: boolean;
  readonly events: readonly EncodedEvent[];
}

/** Commands decided together. */
export interface Batch<Waiting> {
  /** Commands with events to append, in order. */
  readonly decided: readonly DecidedCommand<Waiting>[];
  /** Commands that are answered without an append: refusals, repeats, commands that change nothing. */
  readonly answered: readonly { readonly waiting: Waiting; readonly outcome: Outcome }[];
  /**
   * Commands that come first in the next batch: what would be answered follows from events of this one, and nobody must be
   * told of it before they are in the log.
   */
  readonly deferred: readonly Waiting[];
  /** How many commands of the queue were taken. */
  readonly taken: number;
}

/**
 * Takes commands from the front of a queue while they fit, and decides them.
 * @param queue anything that holds a submitted command
 * @param encode encodes an event; an event that cannot be encoded breaks its own command only
 */
export function decideBatch<Waiting extends { readonly submitted: SubmittedCommand }>(
  queue: readonly Waiting[],
  state: WriterState,
  encode: (event: NewEvent) => EncodedEvent,
): Batch<Waiting> {
  const layer = layerOver(state);
  const decided: DecidedCommand<Waiting>[] = [];
  const answered: { waiting: Waiting; outcome: Outcome }[] = [];
  const deferred: Waiting[] = [];
  const ids = new Set<string>();
  const touched = new Set<string>();
  let bytes = 0;
  let taken = 0;
  for (const waiting of queue) {
    const { submitted } = waiting;
    // A repeat of a command in this very batch waits for the next one, which finds it recorded.
    if (taken >= maximumCommands || ids.has(submitted.id)) break;
    const result = decideOne(submitted, state, layer, encode);
    if (result.kind === 'events') {
      const size = result.events.reduce((sum, event) => sum + event.size, 0);
      if (bytes + size > maximumBytes && bytes > 0) break;
      bytes += size;
      result.keep();
      ids.add(submitted.id);
      touched.add(aggregateOf(submitted));
      decided.push({ waiting, created: result.created, events: result.events });
    } else if (touched.has(aggregateOf(submitted))) {
      ids.add(submitted.id);
      deferred.push(waiting);
    } else {
      answered.push({ waiting, outcome: result });
    }
    taken += 1;
  }
  return { decided, answered, deferred, taken };
}

const aggregateOf = ({ topic, aggregateId }: SubmittedCommand): string => `${topic}/${aggregateId}`;

interface NewEvents {
  readonly kind: 'events';
  readonly events: readonly EncodedEvent[];
  readonly created: boolean;
  /** Makes the events seen by the commands that follow. */
  readonly keep: () => void;
}

function decideOne(
  submitted: SubmittedCommand,
  state: WriterState,
  layer: Aggregates,
  encode: (event: NewEvent) => EncodedEvent,
): NewEvents | Outcome {
  const recorded = state.command(submitted.id);
  if (recorded !== undefined) return repeat(submitted, recorded);
  try {
    const { command } = submitted;
    return isOrderCommand(command)
      ? decideFor('orders', command, submitted, layer, encode)
      : decideFor('stock', command, submitted, layer, encode);
  } catch (error) {
    return { kind: 'broken', error };
  }
}

function repeat(submitted: SubmittedCommand, recorded: RecordedCommand): Outcome {
  if (recorded.commandHash !== submitted.hash) return { kind: 'key-reused' };
  const { aggregateId, version, position, events } = recorded;
  const answer = { commandId: submitted.id, aggregateId, version, position, events };
  return { kind: 'accepted', answer, replayed: true, created: events[0]?.version === 1 };
}

function decideFor<T extends Topic>(
  topic: T,
  command: CommandFor<T> & ShopCommand,
  submitted: SubmittedCommand,
  layer: Aggregates,
  encode: (event: NewEvent) => EncodedEvent,
): NewEvents | Outcome {
  const { aggregateId } = submitted;
  const before = layer.get(topic, aggregateId);
  if (submitted.expectedVersion !== undefined && submitted.expectedVersion !== before.version) {
    return { kind: 'version-conflict', version: before.version };
  }
  const decision = deciders[topic].decide(command, before.state);
  if (decision.outcome === 'refused') return { kind: 'refused', refusal: decision.refusal };
  if (decision.events.length === 0) return nothingChanged(submitted, before);
  const correlationId =
    submitted.correlationId ?? (topic === 'orders' ? before.correlationId : undefined) ?? randomUUID();
  const events = decision.events.map((event, n) =>
    encode(toNewEvent(submitted, event, before.version + n + 1, n, correlationId)),
  );
  const after: Aggregate<T> = {
    state: decision.events.reduce(deciders[topic].evolve, before.state),
    version: before.version + events.length,
    position: before.position,
    correlationId: before.correlationId ?? correlationId,
  };
  const keep = (): void => {
    layer.set(topic, aggregateId, after);
  };
  return { kind: 'events', events, created: before.version === 0, keep };
}

/** A command that is carried out already: the answer says where the aggregate stands. */
function nothingChanged<T extends Topic>(
  submitted: SubmittedCommand,
  { version, position }: Aggregate<T>,
): Outcome {
  const { id: commandId, aggregateId } = submitted;
  const answer = { commandId, aggregateId, version, position, events: [] };
  return { kind: 'accepted', answer, replayed: false, created: false };
}

function toNewEvent(
  submitted: SubmittedCommand,
  event: ShopEvent,
  version: number,
  index: number,
  correlationId: string,
): NewEvent {
  const {
    id: commandId,
    hash: commandHash,
    topic,
    aggregateId,
    command,
    causationId,
    actor,
    traceparent,
  } = submitted;
  return {
    ...event,
    topic,
    key: aggregateId,
    time: command.at,
    id: uuidV5(`${commandId}/${String(index)}`, eventNamespace),
    source,
    version,
    correlationId,
    causationId: causationId ?? commandId,
    commandId,
    commandHash,
    actor,
    traceparent,
  };
}
