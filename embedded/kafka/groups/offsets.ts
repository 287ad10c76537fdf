// Committed offsets in memory: those that hold, and those that wait for the end of the transaction in which they were committed.
import type { CommittedOffset, OffsetKey } from './records.ts';

/** A committed offset and whose it is. */
export interface Committed {
  readonly key: OffsetKey;
  readonly committed: CommittedOffset;
}

type ByPartition = Map<string, Map<number, CommittedOffset>>;

/** The offsets of all groups. */
export class Offsets {
  readonly #committed = new Map<string, ByPartition>();
  /** By producer, then by group, topic and partition. */
  readonly #pending = new Map<number, Map<string, Committed>>();

  get({ group, topic, partition }: OffsetKey): CommittedOffset | undefined {
    return this.#committed.get(group)?.get(topic)?.get(partition);
  }

  set({ group, topic, partition }: OffsetKey, committed: CommittedOffset): void {
    const topics = getOrMake(this.#committed, group, () => new Map<string, Map<number, CommittedOffset>>());
    getOrMake(topics, topic, () => new Map<number, CommittedOffset>()).set(partition, committed);
  }

  delete({ group, topic, partition }: OffsetKey): void {
    const topics = this.#committed.get(group);
    const partitions = topics?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.#committed.delete(group);
  }

  groups(): Iterable<string> {
    return this.#committed.keys();
  }

  /** All that a group has committed. */
  *ofGroup(group: string): Generator<Committed> {
    for (const [topic, partitions] of this.#committed.get(group) ?? []) {
      for (const [partition, committed] of partitions) yield { key: { group, topic, partition }, committed };
    }
  }

  /** Keeps an offset until its producer's transaction ends. */
  hold(producerId: number, key: OffsetKey, committed: CommittedOffset): void {
    getOrMake(this.#pending, producerId, () => new Map<string, Committed>()).set(nameOf(key), {
      key,
      committed,
    });
  }

  /** Lets go of one that waits. */
  release(producerId: number, key: OffsetKey): void {
    const held = this.#pending.get(producerId);
    held?.delete(nameOf(key));
    if (held?.size === 0) this.#pending.delete(producerId);
  }

  /** What waits for a producer's transaction. */
  heldBy(producerId: number): readonly Committed[] {
    return [...(this.#pending.get(producerId)?.values() ?? [])];
  }

  /** Whether a transaction is to decide on an offset of the partition. */
  isHeld(key: OffsetKey): boolean {
    if (this.#pending.size === 0) return false;
    const name = nameOf(key);
    return this.#pending.values().some((held) => held.has(name));
  }

  /** Whether a transaction is to decide on any offset of the group. */
  holdsFor(group: string): boolean {
    return this.#pending.values().some((held) => held.values().some(({ key }) => key.group === group));
  }

  /** All that waits, with its producer. */
  *held(): Generator<Committed & { readonly producerId: number }> {
    for (const [producerId, held] of this.#pending) {
      for (const each of held.values()) yield { producerId, ...each };
    }
  }
}

const nameOf = ({ group, topic, partition }: OffsetKey): string => JSON.stringify([group, topic, partition]);

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
