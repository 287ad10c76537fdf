// Test support: a log in memory that keeps to the interface of event-log: consumer groups that share partitions out and take them
// away, positions asked for at every assignment, a batch that comes again when its handler throws.
import { setTimeout as delay } from 'node:timers/promises';
import type {
  EventBatch,
  EventLog,
  RecordedEvent,
  Subscription,
  SubscriptionOptions,
} from '@comptoir/event-log';
import { partitionName, topics, type ShopEvent } from '@comptoir/schemas';
import { createRecorder } from './sample-history.ts';

export interface InMemoryLog extends Pick<EventLog, 'subscribe' | 'endOffsets' | 'groupMembers'> {
  append(...events: readonly ShopEvent[]): RecordedEvent[];
  /** Everything appended, in order. */
  readonly events: readonly RecordedEvent[];
}

interface Member {
  readonly options: SubscriptionOptions;
  epoch: number;
  assigned: readonly string[];
  stopped: boolean;
}

/** How long an idle member waits before it looks again, ms. */
const idle = 5;

/** An empty log. @param maxBatch the most events of one batch */
export function createInMemoryLog({ partitions = 3, maxBatch = 20 } = {}): InMemoryLog {
  const record = createRecorder(partitions);
  const events: RecordedEvent[] = [];
  const groups = new Map<string, Member[]>();
  const names = topics.flatMap((topic) =>
    Array.from({ length: partitions }, (_, partition) => ({
      topic,
      partition,
      name: partitionName(topic, partition),
    })),
  );

  const eventsOf = (name: string, from: number): RecordedEvent[] =>
    events.filter((event) => partitionName(event.topic, event.partition) === name && event.offset >= from);
  const endOf = (name: string): number => (eventsOf(name, 0).at(-1)?.offset ?? -1) + 1;

  function rebalance(groupId: string): void {
    const members = groups.get(groupId) ?? [];
    members.forEach((member, index) => {
      member.epoch += 1;
      member.assigned = names
        .filter(({ topic }) => member.options.topics.includes(topic))
        .map(({ name }) => name)
        .filter((_, position) => position % members.length === index);
    });
  }

  function batchOf(name: string, from: number): EventBatch | undefined {
    const place = names.find((each) => each.name === name);
    const found = eventsOf(name, from).slice(0, maxBatch);
    const last = found.at(-1);
    if (place === undefined || last === undefined) return undefined;
    return { ...place, events: found, nextOffset: last.offset + 1, endOffset: endOf(name) };
  }

  async function readAsMember(member: Member): Promise<void> {
    while (!member.stopped) {
      const { epoch, assigned, options } = member;
      const isStale = (): boolean => member.stopped || member.epoch !== epoch;
      try {
        const places = names.filter(({ name }) => assigned.includes(name));
        const positions = new Map(await options.loadPositions(places));
        while (!isStale()) {
          const batches = assigned.map((name) => batchOf(name, positions.get(name) ?? 0));
          const due = batches.filter((batch) => batch !== undefined);
          if (due.length === 0) await delay(idle);
          await Promise.all(
            due.slice(0, options.concurrency ?? 1).map(async (batch) => {
              await options.onBatch(batch, { heartbeat: () => Promise.resolve(), isStale });
              if (!isStale()) positions.set(batch.name, batch.nextOffset);
            }),
          );
        }
      } catch (error) {
        options.onError?.(error instanceof Error ? error : new Error(String(error)));
        await delay(idle);
      }
    }
  }

  return {
    events,
    append(...added) {
      const recorded = added.map(record);
      events.push(...recorded);
      return recorded;
    },
    subscribe(options): Promise<Subscription> {
      const { groupId } = options;
      const member: Member = { options, epoch: 0, assigned: [], stopped: false };
      groups.set(groupId, [...(groups.get(groupId) ?? []), member]);
      rebalance(groupId);
      const reading = readAsMember(member);
      return Promise.resolve({
        assignment: () => member.assigned,
        pause: () => undefined,
        resume: () => undefined,
        rejoin: () => Promise.resolve(),
        async stop() {
          member.stopped = true;
          await reading;
          groups.set(
            groupId,
            (groups.get(groupId) ?? []).filter((each) => each !== member),
          );
          rebalance(groupId);
        },
      });
    },
    endOffsets: (wanted) =>
      Promise.resolve(
        new Map(names.filter(({ topic }) => wanted.includes(topic)).map(({ name }) => [name, endOf(name)])),
      ),
    groupMembers: (groupId) => Promise.resolve(groups.get(groupId)?.length ?? 0),
  };
}
