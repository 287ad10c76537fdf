// Consumer groups at the level of the protocol. A member has a connection of its own: a join is answered when the others have
// come, and a broker answers the requests of one connection in their order.
import { setTimeout as delay } from 'node:timers/promises';
import {
  deleteGroupsV2,
  describeGroupsV5,
  findCoordinatorV4,
  heartbeatV4,
  joinGroupV7,
  leaveGroupV4,
  offsetCommitV8,
  offsetFetchV8,
  syncGroupV5,
} from '@platformatic/kafka';
import { vi } from 'vitest';
import { patient } from './data.ts';
import { nameOf, type Wire } from './wire.ts';

/** Waits until the broker coordinates the group: a new one opens its offsets topic first. */
export async function untilCoordinated(wire: Wire, groupId: string): Promise<void> {
  await vi.waitFor(async () => {
    const { coordinators } = await wire.call(findCoordinatorV4.api, 0, [groupId]);
    const { errorCode } = await wire.call(heartbeatV4.api, groupId, 1, 'nobody', null);
    if (coordinators[0]?.errorCode !== 0 || nameOf(errorCode) !== 'UNKNOWN_MEMBER_ID')
      throw new Error(`${groupId} has no coordinator: ${nameOf(errorCode)}`);
  }, patient);
}

/** How a member joins. */
export interface Join {
  readonly groupId: string;
  /** Empty for a new one. */
  readonly memberId?: string;
  readonly instanceId?: string | null;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** Not `consumer`: of those the broker reads the metadata, and ours is plain text. */
  readonly protocolType?: string;
  /** Names in order of preference; metadata is the member's own text. */
  readonly protocols?: readonly string[];
  readonly metadata?: string;
}

/** The answer to a join. */
export interface Joined {
  readonly error: string;
  readonly generation: number;
  readonly memberId: string;
  readonly leader: string;
  readonly protocol: string | null;
  /** Seen by the leader alone. */
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly metadata: string;
  }[];
}

/** One JoinGroup request. */
export async function join(wire: Wire, request: Join): Promise<Joined> {
  const {
    groupId,
    memberId = '',
    instanceId = null,
    sessionTimeoutMs = 30_000,
    rebalanceTimeoutMs = 30_000,
  } = request;
  const { protocolType = 'conformance', protocols = ['range'], metadata = '' } = request;
  const got = await wire.call(
    joinGroupV7.api,
    groupId,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    memberId,
    instanceId,
    protocolType,
    protocols.map((name) => ({ name, metadata: Buffer.from(metadata) })),
  );
  return {
    error: nameOf(got.errorCode),
    generation: got.generationId,
    memberId: got.memberId,
    leader: got.leader,
    protocol: got.protocolName ?? null,
    members: got.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId ?? null,
      metadata: member.metadata.toString(),
    })),
  };
}

/** Joins as every client does: the first answer gives the id to come with (KIP-394). */
export async function joinAsNew(wire: Wire, request: Join): Promise<Joined> {
  const first = await join(wire, request);
  return first.error === 'MEMBER_ID_REQUIRED' ? join(wire, { ...request, memberId: first.memberId }) : first;
}

/** One SyncGroup request; the leader brings the assignments of all. */
export async function sync(
  wire: Wire,
  {
    groupId,
    generation,
    memberId,
    instanceId = null,
    protocolType = 'conformance',
    protocol = 'range',
    assignments = {},
  }: {
    readonly groupId: string;
    readonly generation: number;
    readonly memberId: string;
    readonly instanceId?: string | null;
    readonly protocolType?: string | null;
    readonly protocol?: string | null;
    readonly assignments?: Readonly<Record<string, string>>;
  },
): Promise<{ readonly error: string; readonly assignment: string }> {
  const got = await wire.call(
    syncGroupV5.api,
    groupId,
    generation,
    memberId,
    instanceId,
    protocolType,
    protocol,
    Object.entries(assignments).map(([member, assignment]) => ({
      memberId: member,
      assignment: Buffer.from(assignment),
    })),
  );
  return { error: nameOf(got.errorCode), assignment: got.assignment.toString() };
}

/** Who speaks for a group. */
export interface Member {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId?: string | null;
}

/** The error of one heartbeat. */
export async function heartbeat(
  wire: Wire,
  { groupId, generation, memberId, instanceId = null }: Member,
): Promise<string> {
  return nameOf((await wire.call(heartbeatV4.api, groupId, generation, memberId, instanceId)).errorCode);
}

/** Heartbeats until the answer is `error`: the news of a rebalance comes with them. */
export async function heartbeatUntil(wire: Wire, member: Member, error: string): Promise<void> {
  const deadline = Date.now() + patient.timeout;
  for (;;) {
    const got = await heartbeat(wire, member);
    if (got === error) return;
    if (Date.now() > deadline)
      throw new Error(`heartbeats of ${member.memberId} are answered ${got}, not ${error}`);
    await delay(patient.interval);
  }
}

/** The error of one leave. */
export async function leave(
  wire: Wire,
  {
    groupId,
    memberId = '',
    instanceId = null,
  }: { readonly groupId: string; readonly memberId?: string; readonly instanceId?: string | null },
): Promise<string> {
  const got = await wire.call(leaveGroupV4.api, groupId, [{ memberId, groupInstanceId: instanceId }]);
  return nameOf(got.errorCode === 0 ? got.members[0]?.errorCode : got.errorCode);
}

/** Commits one offset; without a member as a simple consumer does. */
export async function commit(
  wire: Wire,
  {
    groupId,
    generation = -1,
    memberId = '',
    instanceId = null,
    topic,
    partition = 0,
    offset,
    metadata = '',
  }: {
    readonly groupId: string;
    readonly generation?: number;
    readonly memberId?: string;
    readonly instanceId?: string | null;
    readonly topic: string;
    readonly partition?: number;
    readonly offset: number;
    readonly metadata?: string;
  },
): Promise<string> {
  const partitions = [
    {
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    },
  ];
  const got = await wire.call(offsetCommitV8.api, groupId, generation, memberId, instanceId, [
    { name: topic, partitions },
  ]);
  return nameOf(got.topics[0]?.partitions[0]?.errorCode);
}

/** A committed offset, -1 when there is none. */
export interface Committed {
  readonly error: string;
  readonly offset: number;
  readonly metadata: string | null;
}

/** The committed offset of one partition. */
export async function committed(
  wire: Wire,
  {
    groupId,
    topic,
    partition = 0,
    stable = false,
  }: {
    readonly groupId: string;
    readonly topic: string;
    readonly partition?: number;
    readonly stable?: boolean;
  },
): Promise<Committed> {
  const topics = [{ name: topic, partitionIndexes: [partition] }];
  const got = await wire.call(offsetFetchV8.api, [{ groupId, memberEpoch: -1, topics }], stable);
  const group = got.groups[0];
  const answer = group?.topics[0]?.partitions[0];
  return {
    error: nameOf(group?.errorCode === 0 ? answer?.errorCode : group?.errorCode),
    offset: Number(answer?.committedOffset ?? -2n),
    metadata: answer?.metadata ?? null,
  };
}

/** A group as DescribeGroups shows it. */
export async function describeGroup(wire: Wire, groupId: string) {
  const { groups } = await wire.call(describeGroupsV5.api, [groupId], false);
  const group = groups[0];
  return {
    error: nameOf(group?.errorCode),
    state: group?.groupState,
    protocolType: group?.protocolType,
    protocol: group?.protocolData,
    members: (group?.members ?? []).map(
      ({ memberId, groupInstanceId, clientId, memberMetadata, memberAssignment }) => ({
        memberId,
        instanceId: groupInstanceId ?? null,
        clientId,
        metadata: memberMetadata.toString(),
        assignment: memberAssignment.toString(),
      }),
    ),
  };
}

/** The error of one DeleteGroups. */
export async function deleteGroup(wire: Wire, groupId: string): Promise<string> {
  return nameOf((await wire.call(deleteGroupsV2.api, [groupId])).results[0]?.errorCode);
}
