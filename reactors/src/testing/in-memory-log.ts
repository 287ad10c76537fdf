// A log in memory for tests: partitions, batches from a checkpoint on, redelivery of a batch whose handler threw.
import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, RecordedEvent, Subscription, SubscriptionOptions } from '@comptoir/event-log';
import { partitionName, type ShopEvent } from '@comptoir/schemas';
import { recorded } from './recorded-events.ts';

export class InMemoryLog implements Pick<EventLog, 'subscribe' | 'endOffsets'> {
  readonly #partitions = new Map<string, RecordedEvent[]>();
  readonly subscriptions: InMemorySubscription[] = [];

  constructor(partitions = 1) {
    for (let partition = 0; partition < partitions; partition++) {
      this.#partitions.set(partitionName('orders', partition), []);
      this.#partitions.set(partitionName('stock', partition), []);
    }
  }

  append(event: ShopEvent, partition = 0): RecordedEvent {
    const { topic, key } = recorded(event);
    const events = this.partition(partitionName(topic, partition));
    const appended = recorded(event, { partition, offset: events.length, key });
    events.push(appended);
    return appended;
  }

  partition(name: string): RecordedEvent[] {
    const events = this.#partitions.get(name);
    if (events === undefined) throw new Error(`no partition ${name}`);
    return events;
  }

  get names(): string[] {
    return [...this.#partitions.keys()];
  }

  endOffsets(): Promise<Map<string, number>> {
    return Promise.resolve(new Map([...this.#partitions].map(([name, events]) => [name, events.length])));
  }

  async subscribe(options: SubscriptionOptions): Promise<Subscription> {
    const subscription = new InMemorySubscription(this, options);
    this.subscriptions.push(subscription);
    await subscription.start();
    return subscription;
  }
}

class InMemorySubscription implements Subscription {
  readonly options: SubscriptionOptions;
  /** Set by a test: somebody else has the partitions now. */
  stale = false;
  deliveries = 0;
  readonly #log: InMemoryLog;
  #stopped = false;
  #loops: Promise<void>[] = [];

  constructor(log: InMemoryLog, options: SubscriptionOptions) {
    this.#log = log;
    this.options = options;
  }

  async start(): Promise<void> {
    const partitions = this.#log.names.flatMap((name) => {
      const topic = this.options.topics.find((each) => name.startsWith(`${each}-`));
      return topic === undefined ? [] : [{ topic, partition: Number(name.split('-')[1]) }];
    });
    const positions = await this.options.loadPositions(partitions);
    this.#loops = partitions.map(async ({ topic, partition }) => {
      const name = partitionName(topic, partition);
      let next = positions.get(name) ?? 0;
      while (!this.#stopped) {
        const events = this.#log.partition(name).slice(next);
        const nextOffset = next + events.length;
        if (events.length > 0) {
          try {
            this.deliveries += 1;
            await this.options.onBatch(
              { topic, partition, name, events, nextOffset, endOffset: nextOffset },
              { heartbeat: () => Promise.resolve(), isStale: () => this.stale || this.#stopped },
            );
            next = nextOffset;
          } catch (error) {
            if (error instanceof Error) this.options.onError?.(error);
          }
        }
        await delay(2);
      }
    });
  }

  assignment(): readonly string[] {
    return this.#stopped ? [] : this.#log.names;
  }

  pause(): void {
    throw new Error('not needed here');
  }

  resume(): void {
    throw new Error('not needed here');
  }

  rejoin(): Promise<void> {
    throw new Error('not needed here');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }
}
