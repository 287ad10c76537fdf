// Which member of a consumer group owns which shard. A shard is all partitions whose number is the same modulo the number of
// shards, of every topic together, so that a batch over an order and its stock stays with one owner. Shards go to the members
// that started last: a new process takes over, the older one is fenced and stands by. The choice depends on the members only,
// so whoever leads the group decides the same.
import type { Topic } from '@comptoir/schemas';
import { AssignerProtocol, type Assigner, type PartitionAssigner } from 'kafkajs';

/** What a member tells the others of itself. */
export interface Member {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly startedAt: number;
}

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const version = 1;

/** Shards by member id: the newest member owns shard 0, the next newest shard 1, and so on, around again when they are few. */
export function assignShards(
  members: readonly { readonly memberId: string; readonly startedAt: number }[],
  shards: number,
): Map<string, number[]> {
  const newestFirst = members.toSorted(
    (a, b) => b.startedAt - a.startedAt || (a.memberId < b.memberId ? -1 : 1),
  );
  const owned = new Map(newestFirst.map(({ memberId }) => [memberId, [] as number[]]));
  for (let shard = 0; shard < shards; shard++) {
    const owner = newestFirst[shard % newestFirst.length];
    if (owner !== undefined) owned.get(owner.memberId)?.push(shard);
  }
  return owned;
}

/** The partition assigner of the writers, for kafkajs. */
export function shardAssigner(
  partitions: ReadonlyMap<Topic, number>,
  shards: number,
  self: Member,
): PartitionAssigner {
  return (): Assigner => ({
    name: 'comptoir-shards',
    version,
    protocol: ({ topics }) => ({
      name: 'comptoir-shards',
      metadata: MemberMetadata.encode({ version, topics, userData: Buffer.from(JSON.stringify(self)) }),
    }),
    assign: ({ members, topics }) => {
      const known = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        startedAt: startedAt(memberMetadata),
      }));
      const owned = assignShards(known, shards);
      return Promise.resolve(
        members.map(({ memberId }) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version,
            userData: Buffer.alloc(0),
            assignment: partitionsOfShards(owned.get(memberId) ?? [], partitions, topics, shards),
          }),
        })),
      );
    },
  });
}

function startedAt(metadata: Buffer): number {
  const userData = MemberMetadata.decode(metadata)?.userData.toString() ?? '';
  // A member of some other program says nothing of itself: it is the oldest.
  return userData === '' ? 0 : (JSON.parse(userData) as Member).startedAt;
}

function partitionsOfShards(
  owned: readonly number[],
  partitions: ReadonlyMap<Topic, number>,
  topics: readonly string[],
  shards: number,
): Record<string, number[]> {
  const result: Record<string, number[]> = {};
  for (const [topic, count] of partitions) {
    if (!topics.includes(topic)) continue;
    const mine = Array.from({ length: count }, (_, partition) => partition).filter((partition) =>
      owned.includes(partition % shards),
    );
    if (mine.length > 0) result[topic] = mine;
  }
  return result;
}
