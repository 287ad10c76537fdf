// A consumer group of the classic protocol as plain data: its members, its generation and what it waits for. Deadlines are part of
// the data (ms of the coordinator's clock), so that time enters from outside and a test can let it pass. The transitions are in
// join.ts, sync.ts, rebalance.ts and membership.ts; what they want done comes out as effects (effects.ts).
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';

/** Names a request that has not been answered. */
export type Ticket = number;

/** Kafka's states, under the names that DescribeGroups and ListGroups show. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

/** A protocol (an assigner) that a member can take part in, and what it says of itself in it. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface Member {
  readonly memberId: string;
  /** Of a static member (KIP-345): group.instance.id. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: readonly Protocol[];
  /** What the leader gave it in this generation; empty before. */
  assignment: Buffer;
  /** Its JoinGroup that waits for the next generation. */
  joining: Ticket | null;
  /** Its SyncGroup that waits for the leader's. */
  syncing: Ticket | null;
  /** Has never been answered a JoinGroup as a member: it cannot send heartbeats yet. */
  isNew: boolean;
  /** When its session ends unless it is heard from. */
  deadline: number;
}

export interface Group {
  readonly groupId: string;
  state: GroupState;
  /** When it came into its state. */
  stateSince: number;
  generation: number;
  protocolType: string | null;
  /** The protocol of this generation. */
  protocol: string | null;
  leader: string | null;
  /** In the order in which they joined. */
  readonly members: Map<string, Member>;
  /** Ids given out with MEMBER_ID_REQUIRED (KIP-394) that have not joined yet, and until when they may. */
  readonly pending: Map<string, number>;
  /** Members of this generation that have not sent SyncGroup. */
  readonly unsynced: Set<string>;
  /** While preparing a rebalance: when those who have not rejoined are left out. */
  joinDeadline: number | null;
  /** When those who have not synced are removed. */
  syncDeadline: number | null;
}

export const noAssignment: Buffer = Buffer.alloc(0);

/** A group that nobody has joined. */
export const newGroup = (groupId: string, now: number): Group => ({
  groupId,
  state: 'Empty',
  stateSince: now,
  generation: 0,
  protocolType: null,
  protocol: null,
  leader: null,
  members: new Map(),
  pending: new Map(),
  unsynced: new Set(),
  joinDeadline: null,
  syncDeadline: null,
});

export function enter(group: Group, state: GroupState, now: number): void {
  group.state = state;
  group.stateSince = now;
}

/** The member that holds a group.instance.id. */
export const staticMember = (group: Group, groupInstanceId: string): Member | undefined =>
  group.members.values().find((member) => member.groupInstanceId === groupInstanceId);

/** Whether somebody may speak for a member: it is there, and nobody has taken over its group.instance.id. */
export function checkMember(group: Group, memberId: string, groupInstanceId: string | null): ErrorCode {
  if (groupInstanceId !== null) {
    const holder = staticMember(group, groupInstanceId);
    if (holder === undefined) return errorCodes.UNKNOWN_MEMBER_ID;
    if (holder.memberId !== memberId) return errorCodes.FENCED_INSTANCE_ID;
  }
  return group.members.has(memberId) ? errorCodes.NONE : errorCodes.UNKNOWN_MEMBER_ID;
}

/** Whether nobody is waited for: every member has rejoined and every id given out has been used. */
export const allJoined = (group: Group): boolean =>
  group.pending.size === 0 && group.members.values().every((member) => member.joining !== null);

/** The longest that a member may take to rejoin. */
export const rebalanceTimeout = (group: Group): number =>
  group.members.values().reduce((longest, member) => Math.max(longest, member.rebalanceTimeoutMs), 0);

/** Whether a member that speaks `protocols` fits the others: one protocol at least is everybody's. */
export function supportsProtocols(
  group: Group,
  protocolType: string,
  protocols: readonly Protocol[],
): boolean {
  if (group.state === 'Empty') return protocolType !== '' && protocols.length > 0;
  return group.protocolType === protocolType && protocols.some(({ name }) => everybodySpeaks(group, name));
}

const everybodySpeaks = (group: Group, name: string): boolean =>
  group.members.values().every((member) => member.protocols.some((protocol) => protocol.name === name));

/** The protocol of the next generation: of those that everybody speaks, the one that most prefer; of equals, the earlier member's. */
export function selectProtocol(group: Group): string | null {
  const votes = new Map<string, number>();
  for (const { protocols } of group.members.values()) {
    const preferred = protocols.find(({ name }) => everybodySpeaks(group, name));
    if (preferred !== undefined) votes.set(preferred.name, (votes.get(preferred.name) ?? 0) + 1);
  }
  let selected: string | null = null;
  for (const [name, count] of votes) {
    if (selected === null || count > (votes.get(selected) ?? 0)) selected = name;
  }
  return selected;
}

/** What a member says of itself in a protocol. */
export const metadataOf = (member: Member, protocol: string | null): Buffer =>
  member.protocols.find(({ name }) => name === protocol)?.metadata ?? noAssignment;

export const sameProtocols = (a: readonly Protocol[], b: readonly Protocol[]): boolean =>
  a.length === b.length &&
  a.every((protocol, i) => protocol.name === b[i]?.name && protocol.metadata.equals(b[i].metadata));
