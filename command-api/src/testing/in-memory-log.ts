// A log in memory that keeps to the contract of the event log as far as a writer needs it, and fails when it is told to:
// before a transaction is committed, or after it, with the answer lost in both cases.
import {
  partitionOf,
  UnknownOutcomeError,
  type Appender,
  type EncodedEvent,
  type EventLog,
  type RecordedEvent,
  type SubscriptionOptions,
} from '@comptoir/event-log';
import { formatPosition, partitionName, topics, type Position, type Topic } from '@comptoir/schemas';

/** What becomes of the next transaction. */
export type Fate = 'committed' | 'lost-before-commit' | 'lost-after-commit';

export interface InMemoryLog extends Pick<EventLog, 'appender' | 'endOffsets' | 'subscribeAsWriter'> {
  /** Everything that was committed, in order of the partitions. */
  readonly events: () => RecordedEvent[];
  /** How many transactions were committed. */
  readonly transactions: () => number;
}

/**
 * @param fates what becomes of one transaction after the other; `committed` when there are no more
 * @param partitionCount of each topic
 */
export function inMemoryLog(fates: Iterator<Fate> = [][Symbol.iterator](), partitionCount = 3): InMemoryLog {
  const logs = new Map<string, RecordedEvent[]>();
  for (const topic of topics) for (let n = 0; n < partitionCount; n++) logs.set(partitionName(topic, n), []);
  let owner: symbol | undefined;
  let transactions = 0;

  const commit = (events: readonly EncodedEvent[]): Position[] => {
    transactions += 1;
    const touched = new Set<RecordedEvent[]>();
    const positions = events.map(({ event }) => {
      const partition = partitionOf(event.key, partitionCount);
      const log = logOf(event.topic, partition);
      const position = { topic: event.topic, partition, offset: log.length };
      log.push({ ...event, ...position, schema: { id: 1, subject: '', version: 1 } });
      touched.add(log);
      return position;
    });
    return positions;
  };

  const logOf = (topic: Topic, partition: number): RecordedEvent[] => {
    const log = logs.get(partitionName(topic, partition));
    if (log === undefined) throw new Error(`no partition ${formatPosition({ topic, partition, offset: 0 })}`);
    return log;
  };

  const appender = (): Appender => {
    const self = Symbol('appender');
    return {
      encode: (event) => ({ event, value: Buffer.alloc(0), headers: {}, size: 500 }),
      open: () => {
        owner = self;
        return Promise.resolve();
      },
      append: async (events) => {
        await Promise.resolve();
        if (owner !== self) throw new UnknownOutcomeError('fenced', true, {});
        const { value: fate = 'committed' } = fates.next() as { value?: Fate };
        if (fate === 'lost-before-commit') throw new UnknownOutcomeError('lost before the commit', false, {});
        const positions = commit(events);
        if (fate === 'lost-after-commit') throw new UnknownOutcomeError('lost after the commit', false, {});
        return positions;
      },
      close: () => Promise.resolve(),
    };
  };

  async function assign(options: Omit<SubscriptionOptions, 'assigner'>): Promise<void> {
    const names = [...logs.keys()];
    options.onAssigned?.(names);
    const positions = await options.loadPositions([]);
    for (const [name, log] of logs) {
      const [topic, partition] = [
        name.startsWith('orders') ? ('orders' as const) : ('stock' as const),
        Number(name.split('-')[1]),
      ];
      const events = log.slice(positions.get(name) ?? 0);
      const batch = { topic, partition, name, events, nextOffset: log.length, endOffset: log.length };
      await options.onBatch(batch, { heartbeat: () => Promise.resolve(), isStale: () => false });
    }
  }

  return {
    appender,
    endOffsets: () => Promise.resolve(new Map([...logs].map(([name, log]) => [name, log.length]))),
    events: () => [...logs.values()].flat(),
    transactions: () => transactions,
    async subscribeAsWriter(_shards, options) {
      await assign(options);
      return {
        assignment: () => [...logs.keys()],
        pause: () => undefined,
        resume: () => undefined,
        rejoin: async () => {
          options.onRevoked?.();
          await assign(options);
        },
        stop: () => {
          options.onRevoked?.();
          return Promise.resolve();
        },
      };
    },
  };
}
