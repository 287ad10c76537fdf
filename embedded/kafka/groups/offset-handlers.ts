// The APIs of committed offsets: OffsetCommit, OffsetFetch and OffsetDelete.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { Handlers } from '../protocol/handler.ts';
import type { OffsetFetchResponse } from '../protocol/messages/offset-fetch.ts';
import type { Commit } from './commits.ts';
import type { GroupCoordinator } from './coordinator.ts';
import type { OffsetKey } from './records.ts';
import { isSubscribed } from './subscription.ts';

/** What is asked of the topic registry: whether a partition is there (undefined: it is not). */
export interface Topics {
  partition(topic: string, index: number): object | undefined;
}

/** offset.metadata.max.bytes */
const longestMetadata = 4096;

/** A topic's part of a request to commit offsets; OffsetCommit and TxnOffsetCommit have the same. */
interface TopicCommits {
  readonly name: string;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    readonly committedLeaderEpoch: number;
    readonly committedMetadata: string | null;
  }[];
}

/**
 * Commits what can be committed with `commit` and answers for every partition.
 *
 * @returns the `topics` of the response
 */
export async function commitOffsets(
  topics: Topics,
  requested: readonly TopicCommits[],
  commit: (commits: readonly Commit[]) => Promise<ErrorCode>,
): Promise<{ name: string; partitions: { partitionIndex: number; errorCode: ErrorCode }[] }[]> {
  const commits: Commit[] = [];
  const check = (topic: string, partition: TopicCommits['partitions'][number]): ErrorCode => {
    const metadata = partition.committedMetadata ?? '';
    if (topics.partition(topic, partition.partitionIndex) === undefined)
      return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    if (Buffer.byteLength(metadata) > longestMetadata) return errorCodes.OFFSET_METADATA_TOO_LARGE;
    const { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = partition;
    commits.push({ topic, partition: partitionIndex, offset, leaderEpoch, metadata });
    return errorCodes.NONE;
  };
  const checked = requested.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => ({
      partitionIndex: partition.partitionIndex,
      errorCode: check(name, partition),
    })),
  }));
  const result = await commit(commits);
  if (result === errorCodes.NONE) return checked;
  return checked.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, errorCode }) => ({
      partitionIndex,
      errorCode: errorCode === errorCodes.NONE ? result : errorCode,
    })),
  }));
}

type Wanted = readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;
type FetchedTopics = NonNullable<OffsetFetchResponse['topics']>;

/** The handlers of committed offsets, by API. */
export function offsetHandlers({
  groups: coordinator,
  topics,
}: {
  readonly groups: GroupCoordinator;
  readonly topics: Topics;
}): Pick<Handlers, 'offsetCommit' | 'offsetFetch' | 'offsetDelete'> {
  const { offsets, commits, groups } = coordinator;

  const fetchOne = (key: OffsetKey, requireStable: boolean) => {
    const none = {
      partitionIndex: key.partition,
      committedOffset: -1,
      committedLeaderEpoch: -1,
      metadata: '',
    };
    if (requireStable && offsets.isHeld(key))
      return { ...none, errorCode: errorCodes.UNSTABLE_OFFSET_COMMIT };
    const committed = offsets.get(key);
    if (committed === undefined) return { ...none, errorCode: errorCodes.NONE };
    const { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata } = committed;
    const partitionIndex = key.partition;
    return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode: errorCodes.NONE };
  };

  const allOf = (group: string): Wanted =>
    Map.groupBy(offsets.ofGroup(group), ({ key }) => key.topic)
      .entries()
      .map(([name, all]) => ({ name, partitionIndexes: all.map(({ key }) => key.partition) }))
      .toArray();

  const fetchGroup = (group: string, wanted: Wanted, requireStable: boolean): FetchedTopics =>
    (wanted ?? allOf(group) ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partition) =>
        fetchOne({ group, topic: name, partition }, requireStable),
      ),
    }));

  return {
    offsetCommit: async (request) => {
      const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generation } = request;
      const committer = { groupId, memberId, groupInstanceId, generation };
      return {
        topics: await commitOffsets(topics, request.topics, (all) => commits.commit(committer, all)),
      };
    },

    offsetFetch(request, { apiVersion }) {
      const { requireStable } = request;
      if (apiVersion < 8) {
        return {
          topics: fetchGroup(request.groupId, request.topics, requireStable),
          errorCode: errorCodes.NONE,
        };
      }
      const fetched = request.groups.map(({ groupId, topics: wanted }) => ({
        groupId,
        topics: fetchGroup(groupId, wanted, requireStable),
        errorCode: errorCodes.NONE,
      }));
      return { groups: fetched };
    },

    async offsetDelete(request) {
      const { groupId } = request;
      if (groupId === '') return { errorCode: errorCodes.INVALID_GROUP_ID, topics: [] };
      const group = groups.find(groupId);
      if (group === undefined) return { errorCode: errorCodes.GROUP_ID_NOT_FOUND, topics: [] };
      if (group.state !== 'Empty' && group.protocolType !== 'consumer') {
        return { errorCode: errorCodes.NON_EMPTY_GROUP, topics: [] };
      }
      const inUse = (topic: string) => group.state !== 'Empty' && isSubscribed(group, topic);
      const keys = request.topics
        .filter(({ name }) => !inUse(name))
        .flatMap(({ name: topic, partitions }) =>
          partitions.map(({ partitionIndex: partition }) => ({ group: groupId, topic, partition })),
        );
      const errorCode = await commits.delete(keys);
      if (errorCode !== errorCodes.NONE) return { errorCode, topics: [] };
      return {
        errorCode,
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: inUse(name) ? errorCodes.GROUP_SUBSCRIBED_TO_TOPIC : errorCodes.NONE,
          })),
        })),
      };
    },
  };
}
