// What the writer knows: every aggregate as the log leaves it, and every command that left an event, with the answer it was
// given. It is folded from the log, in the same way when it is restored and after each append, and holds nothing else: so it
// can be thrown away and read again. In memory for now.
import { deciders, isOrderEvent, type StateFor } from '@comptoir/domain';
import type { RecordedEvent } from '@comptoir/event-log';
import { partitionName, type Position, type Topic } from '@comptoir/schemas';

/** An aggregate after its latest event. */
export interface Aggregate<T extends Topic> {
  readonly state: StateFor<T>;
  /** Version of the latest event; 0 when there is none. */
  readonly version: number;
  /** Where the latest event stands. */
  readonly position: Position | undefined;
  /** The process that the first event began: later commands belong to it unless they say otherwise. */
  readonly correlationId: string | undefined;
}

/** What a command left in the log: enough to give its first answer again. */
export interface RecordedCommand {
  readonly commandHash: string;
  readonly topic: Topic;
  readonly aggregateId: string;
  readonly version: number;
  readonly position: Position;
  readonly events: readonly { readonly id: string; readonly type: string; readonly version: number }[];
}

/** Where states are looked up and kept: the writer's own, or a batch's view on top of it. */
export interface Aggregates {
  get<T extends Topic>(topic: T, id: string): Aggregate<T>;
  set<T extends Topic>(topic: T, id: string, aggregate: Aggregate<T>): void;
}

type AggregateMaps = { readonly [T in Topic]: Map<string, Aggregate<T>> };

const emptyMaps = (): AggregateMaps => ({ orders: new Map(), stock: new Map() });

/** An aggregate without events. */
const unborn = <T extends Topic>(topic: T): Aggregate<T> => ({
  state: deciders[topic].initialState,
  version: 0,
  position: undefined,
  correlationId: undefined,
});

/** A layer over other aggregates: what is set here is seen here, and nothing below changes. */
export function layerOver(below: Aggregates): Aggregates {
  const maps = emptyMaps();
  return {
    get: (topic, id) => maps[topic].get(id) ?? below.get(topic, id),
    set(topic, id, aggregate) {
      maps[topic].set(id, aggregate);
    },
  };
}

/** The log does not continue where it should: something else than the writer has written to it. */
export class BrokenLogError extends Error {
  override readonly name = 'BrokenLogError';
}

/** The fold of the log. */
export class WriterState implements Aggregates {
  readonly #aggregates = emptyMaps();
  readonly #commands = new Map<string, RecordedCommand>();
  readonly #next = new Map<string, number>();

  get<T extends Topic>(topic: T, id: string): Aggregate<T> {
    return this.#aggregates[topic].get(id) ?? unborn(topic);
  }

  set<T extends Topic>(topic: T, id: string, aggregate: Aggregate<T>): void {
    this.#aggregates[topic].set(id, aggregate);
  }

  /** The command of this id, when it left an event. */
  command(id: string): RecordedCommand | undefined {
    return this.#commands.get(id);
  }

  /** The next offset to read, by partition name: everything before it is in this state. */
  get next(): ReadonlyMap<string, number> {
    return this.#next;
  }

  /** Reading has passed everything before `offset`, transaction markers included. */
  passed(name: string, offset: number): void {
    if ((this.#next.get(name) ?? 0) < offset) this.#next.set(name, offset);
  }

  /**
   * Folds an event; one that is in the state already is passed over.
   * @throws BrokenLogError when it is not the next version of its aggregate
   */
  apply(event: RecordedEvent): void {
    const name = partitionName(event.topic, event.partition);
    if (event.offset < (this.#next.get(name) ?? 0)) return;
    if (isOrderEvent(event)) this.#fold('orders', event, (state) => deciders.orders.evolve(state, event));
    else this.#fold('stock', event, (state) => deciders.stock.evolve(state, event));
    this.#remember(event);
    this.#next.set(name, event.offset + 1);
  }

  #fold<T extends Topic>(topic: T, event: RecordedEvent, evolve: (state: StateFor<T>) => StateFor<T>): void {
    const before = this.get(topic, event.key);
    if (event.version !== before.version + 1) {
      throw new BrokenLogError(
        `${topic}-${String(event.partition)}@${String(event.offset)} (${event.type} of ${event.key}) has version ` +
          `${String(event.version)}, after version ${String(before.version)}: another program writes to this log`,
      );
    }
    const { version, partition, offset } = event;
    this.set(topic, event.key, {
      state: evolve(before.state),
      version,
      position: { topic, partition, offset },
      correlationId: before.correlationId ?? event.correlationId,
    });
  }

  #remember({
    commandId,
    commandHash,
    topic,
    partition,
    offset,
    key,
    id,
    type,
    version,
  }: RecordedEvent): void {
    const events = this.#commands.get(commandId)?.events ?? [];
    this.#commands.set(commandId, {
      commandHash,
      topic,
      aggregateId: key,
      version,
      position: { topic, partition, offset },
      events: [...events, { id, type, version }],
    });
  }
}
