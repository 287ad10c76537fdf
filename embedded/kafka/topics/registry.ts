// The topics of the broker: which there are, their settings, and the log of each partition. Changes are made one after the other, on
// the disk first; what is asked for is answered from memory.
import { randomBytes } from 'node:crypto';
import { errorCodes, ProtocolError } from '../protocol/errors.ts';
import { PartitionLog } from '../log/partition-log.ts';
import { logConfigOf, settingsRefusal } from './settings.ts';
import {
  changeTopicFiles,
  createTopicFiles,
  deleteTopicFiles,
  partitionFolder,
  readTopicFiles,
  type TopicDescription,
} from './topic-files.ts';
import { isInternal, nameRefusal, withoutDots } from './topic-name.ts';

/** A topic as it is now. */
export interface Topic {
  readonly name: string;
  /** 22 characters of base64url. */
  readonly id: string;
  readonly isInternal: boolean;
  /** Its logs, by partition. */
  readonly partitions: readonly PartitionLog[];
  /** The settings that were set, by name. */
  readonly settings: ReadonlyMap<string, string>;
}

/** What a new topic is to be. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly settings: ReadonlyMap<string, string>;
}

export interface RegistryOptions {
  /** Of all topics; made when it is missing. */
  readonly directory: string;
  /** Told what was repaired, and what goes wrong in the background. */
  readonly report?: (message: string) => void;
  /** ms since 1970; for tests. */
  readonly now?: () => number;
}

/** Most partitions of one topic. */
export const mostPartitions = 10_000;

/** Kafka's cleaner looks about as often (`log.cleaner.backoff.ms`). */
const maintenanceEveryMs = 15_000;

/** Logs opened at the same time, at the start. */
const openedAtOnce = 16;

/** Coordinators' topics are read whole at every start, so that they are compacted early. */
const internalSettings: ReadonlyMap<string, string> = new Map([
  ['cleanup.policy', 'compact'],
  ['segment.bytes', String(4 * 1024 * 1024)],
]);

export class TopicRegistry {
  readonly #options: RegistryOptions;
  readonly #topics = new Map<string, Topic>();
  #last: Promise<unknown> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  private constructor(options: RegistryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.maintain(), maintenanceEveryMs).unref();
  }

  /** Opens all topics in a folder, after any end of the process that wrote them. */
  static async open(options: RegistryOptions): Promise<TopicRegistry> {
    const registry = new TopicRegistry(options);
    try {
      const found = await readTopicFiles(options.directory);
      await registry.#openAll(found);
    } catch (error) {
      await registry.close();
      throw error;
    }
    return registry;
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#topics.values().find((topic) => topic.id === id);
  }

  partition(name: string, index: number): PartitionLog | undefined {
    return this.#topics.get(name)?.partitions[index];
  }

  /** All topics, by name. */
  list(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Why a topic cannot be made.
   *
   * @throws ProtocolError INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS or INVALID_CONFIG
   */
  check({ name, partitions, settings }: NewTopic): void {
    this.checkName(name);
    if (this.#topics.has(name)) {
      throw new ProtocolError(errorCodes.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    }
    const alike = this.#topics.keys().find((other) => withoutDots(other) === withoutDots(name));
    if (alike !== undefined) {
      throw new ProtocolError(
        errorCodes.INVALID_TOPIC_EXCEPTION,
        `Topic '${name}' collides with existing topic: ${alike}`,
      );
    }
    checkPartitions(partitions);
    checkSettings(settings);
  }

  /** @throws ProtocolError INVALID_TOPIC_EXCEPTION when no topic can be called so */
  checkName(name: string): void {
    const refusal = nameRefusal(name);
    if (refusal === undefined) return;
    throw new ProtocolError(errorCodes.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${refusal}`);
  }

  /** Makes a topic; it is durable when this resolves. Throws as {@link check} does. */
  create(topic: NewTopic): Promise<Topic> {
    return this.#alone(async () => {
      this.check(topic);
      const description: TopicDescription = {
        name: topic.name,
        id: randomBytes(16).toString('base64url'),
        partitions: topic.partitions,
        settings: Object.fromEntries(topic.settings),
      };
      await createTopicFiles(this.#options.directory, description);
      return await this.#open(description);
    });
  }

  /**
   * Deletes a topic; it is gone for good when this resolves. Who waits for its records is told.
   *
   * @throws ProtocolError UNKNOWN_TOPIC_OR_PARTITION, or INVALID_TOPIC_EXCEPTION for the broker's own topics
   */
  delete(name: string): Promise<void> {
    return this.#alone(async () => {
      const topic = this.#known(name);
      if (topic.isInternal) {
        throw new ProtocolError(errorCodes.INVALID_TOPIC_EXCEPTION, `Topic '${name}' is the broker's own.`);
      }
      this.#topics.delete(name);
      await Promise.all(topic.partitions.map((log) => log.abandon()));
      await deleteTopicFiles(this.#options.directory, descriptionOf(topic));
    });
  }

  /**
   * Adds partitions until there are `count`.
   *
   * @throws ProtocolError UNKNOWN_TOPIC_OR_PARTITION or INVALID_PARTITIONS
   */
  addPartitions(name: string, count: number): Promise<void> {
    return this.#alone(async () => {
      this.checkPartitionCount(name, count);
      const topic = this.#known(name);
      const before = descriptionOf(topic);
      const after = { ...before, partitions: count };
      await changeTopicFiles(this.#options.directory, before, after);
      const added = await this.#openPartitions(after, topic.partitions.length);
      this.#topics.set(name, { ...topic, partitions: [...topic.partitions, ...added] });
    });
  }

  /** Throws what {@link addPartitions} would. */
  checkPartitionCount(name: string, count: number): void {
    const now = this.#known(name).partitions.length;
    const of = `The topic ${name} currently has ${String(now)} partition(s)`;
    if (count === now) {
      throw new ProtocolError(
        errorCodes.INVALID_PARTITIONS,
        `Topic already has ${String(now)} partition(s).`,
      );
    }
    if (count < now) {
      throw new ProtocolError(
        errorCodes.INVALID_PARTITIONS,
        `${of}; ${String(count)} would not be an increase.`,
      );
    }
    checkPartitions(count);
  }

  /**
   * Replaces a topic's settings.
   *
   * @throws ProtocolError UNKNOWN_TOPIC_OR_PARTITION or INVALID_CONFIG
   */
  configure(
    name: string,
    change: (settings: ReadonlyMap<string, string>) => ReadonlyMap<string, string>,
  ): Promise<void> {
    return this.#alone(async () => {
      const topic = this.#known(name);
      const settings = change(topic.settings);
      checkSettings(settings);
      const changed = { ...topic, settings };
      await changeTopicFiles(this.#options.directory, descriptionOf(topic), descriptionOf(changed));
      this.#topics.set(name, changed);
      const config = logConfigOf(settings);
      for (const log of topic.partitions) log.configure(config);
    });
  }

  /** The log of one of the broker's own topics, which has one partition and is made when it is missing. */
  async openInternal(name: string): Promise<PartitionLog> {
    const topic = this.get(name) ?? (await this.create({ name, partitions: 1, settings: internalSettings }));
    const [log] = topic.partitions;
    if (log === undefined) throw new Error(`the topic ${name} has no partition`);
    return log;
  }

  /** Deletes and compacts what is due in all logs; done by itself now and then. */
  async maintain(): Promise<void> {
    for (const { partitions } of this.list()) {
      for (const log of partitions) await log.maintain();
    }
  }

  /** Closes all logs; who waits for records is told. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#last;
    const logs = this.#topics.values().flatMap(({ partitions }) => partitions);
    await Promise.all(logs.map((log) => log.close()));
  }

  #known(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) {
      throw new ProtocolError(
        errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
        'This server does not host this topic-partition.',
      );
    }
    return topic;
  }

  async #openAll(found: readonly TopicDescription[]): Promise<void> {
    const waiting = found.values();
    const openNext = async () => {
      for (const description of waiting) await this.#open(description);
    };
    await Promise.all(Array.from({ length: openedAtOnce }, openNext));
  }

  async #open(description: TopicDescription): Promise<Topic> {
    const topic: Topic = {
      name: description.name,
      id: description.id,
      isInternal: isInternal(description.name),
      partitions: await this.#openPartitions(description, 0),
      settings: new Map(Object.entries(description.settings)),
    };
    this.#topics.set(topic.name, topic);
    return topic;
  }

  async #openPartitions(description: TopicDescription, from: number): Promise<PartitionLog[]> {
    const { directory, report, now } = this.#options;
    const config = logConfigOf(new Map(Object.entries(description.settings)));
    const indexes = Array.from({ length: description.partitions - from }, (_, i) => from + i);
    return await Promise.all(
      indexes.map((index) =>
        PartitionLog.open({
          directory: partitionFolder(directory, description, index),
          config,
          ...(report === undefined ? {} : { report }),
          ...(now === undefined ? {} : { now }),
        }),
      ),
    );
  }

  #alone<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      if (this.#closed) throw new ProtocolError(errorCodes.NOT_LEADER_OR_FOLLOWER, 'the broker is stopping');
      return await change();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function checkPartitions(count: number): void {
  if (count < 1) {
    throw new ProtocolError(
      errorCodes.INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    );
  }
  if (count > mostPartitions) {
    throw new ProtocolError(
      errorCodes.INVALID_PARTITIONS,
      `Number of partitions was set to ${String(count)}; this broker has at most ${String(mostPartitions)} of a topic.`,
    );
  }
}

function checkSettings(settings: ReadonlyMap<string, string>): void {
  const refusal = settingsRefusal(settings);
  if (refusal !== undefined) throw new ProtocolError(errorCodes.INVALID_CONFIG, refusal);
}

const descriptionOf = ({ name, id, partitions, settings }: Topic): TopicDescription => ({
  name,
  id,
  partitions: partitions.length,
  settings: Object.fromEntries(settings),
});
