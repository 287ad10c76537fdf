// JoinGroup: a member enters the group, comes back to it, or takes over its group.instance.id. Every call leads to one answer:
// now, or when the generation that it waits for begins.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { Turn } from './effects.ts';
import {
  checkMember,
  sameProtocols,
  selectProtocol,
  staticMember,
  noAssignment,
  supportsProtocols,
  type Group,
  type Member,
  type Protocol,
  type Ticket,
} from './group.ts';
import {
  answerJoin,
  completeIfJoined,
  generationAnswer,
  joinError,
  prepareRebalance,
  rebalance,
  removeMember,
} from './rebalance.ts';
import { recordOf } from './records.ts';

/** A JoinGroup as the group sees it. */
export interface Join {
  readonly ticket: Ticket;
  /** Empty: unknown yet, `newMemberId` becomes it. */
  readonly memberId: string;
  readonly newMemberId: string;
  /** Whether a new dynamic member has to come again with its id (KIP-394, JoinGroup 4 and later). */
  readonly requiresKnownMemberId: boolean;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
}

/** How long a new member's first JoinGroup may wait before it is taken for gone: it cannot send heartbeats. As in Kafka. */
const newMemberJoinTimeoutMs = 300_000;

/** group.max.size: Kafka has no limit unless told; this keeps what one group can make the broker hold within reason. */
const maxGroupSize = 10_000;

/** Applies a JoinGroup. */
export function join(group: Group, request: Join, turn: Turn): void {
  const { ticket, memberId } = request;
  const refuse = (errorCode: ErrorCode, id = memberId) => {
    turn.effects.push({ kind: 'join answer', ticket, answer: joinError(errorCode, id) });
  };
  if (group.state === 'Dead') refuse(errorCodes.COORDINATOR_NOT_AVAILABLE);
  else if (!hasRoom(group, memberId)) {
    removeMember(group, memberId);
    refuse(errorCodes.GROUP_MAX_SIZE_REACHED, '');
  } else if (!supportsProtocols(group, request.protocolType, request.protocols)) {
    refuse(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
  } else if (memberId === '') joinAsNew(group, request, refuse, turn);
  else if (group.pending.has(memberId) && request.groupInstanceId === null) {
    addMember(group, request, memberId, turn);
  } else {
    const errorCode = checkMember(group, memberId, request.groupInstanceId);
    const member = group.members.get(memberId);
    if (errorCode !== errorCodes.NONE || member === undefined) refuse(errorCode);
    else rejoin(group, member, request, turn);
  }
}

function hasRoom(group: Group, memberId: string): boolean {
  if (group.members.has(memberId) || group.pending.has(memberId)) return true;
  return group.members.size + group.pending.size < maxGroupSize;
}

type Refuse = (errorCode: ErrorCode, memberId?: string) => void;

function joinAsNew(group: Group, request: Join, refuse: Refuse, turn: Turn): void {
  const { groupInstanceId, newMemberId } = request;
  if (groupInstanceId !== null) {
    const holder = staticMember(group, groupInstanceId);
    if (holder === undefined) addMember(group, request, newMemberId, turn);
    else replaceMember(group, holder, request, turn);
  } else if (request.requiresKnownMemberId) {
    group.pending.set(newMemberId, turn.now + request.sessionTimeoutMs);
    refuse(errorCodes.MEMBER_ID_REQUIRED, newMemberId);
  } else addMember(group, request, newMemberId, turn);
}

function addMember(group: Group, request: Join, memberId: string, turn: Turn): void {
  const { ticket, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } =
    request;
  group.pending.delete(memberId);
  if (group.members.size === 0) group.protocolType = request.protocolType;
  group.leader ??= memberId;
  group.members.set(memberId, {
    ...{ memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols },
    assignment: noAssignment,
    joining: ticket,
    syncing: null,
    isNew: true,
    deadline: turn.now + newMemberJoinTimeoutMs,
  });
  rebalance(group, turn);
}

/** What a member says of itself now; its JoinGroup waits. */
function update(member: Member, request: Join, turn: Turn): void {
  // A member has one JoinGroup: the one before it (a request that its client gave up on) is let go of.
  answerJoin(member, joinError(errorCodes.REBALANCE_IN_PROGRESS, member.memberId), turn);
  member.protocols = request.protocols;
  member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
  member.sessionTimeoutMs = request.sessionTimeoutMs;
  member.joining = request.ticket;
}

function rejoin(group: Group, member: Member, request: Join, turn: Turn): void {
  const unchanged = sameProtocols(member.protocols, request.protocols);
  // A leader that joins a stable group again wants a rebalance: it may know of new partitions.
  const wantsRebalance = group.state === 'Stable' && group.leader === member.memberId;
  const settled = group.state === 'CompletingRebalance' || group.state === 'Stable';
  if (settled && unchanged && !wantsRebalance) {
    // It may not have got its answer: this generation still holds.
    const answer = generationAnswer(group, member);
    turn.effects.push({ kind: 'join answer', ticket: request.ticket, answer });
    return;
  }
  update(member, request, turn);
  rebalance(group, turn);
}

/** A static member comes back under a new member id; whoever had its group.instance.id is fenced (KIP-345). */
function replaceMember(group: Group, old: Member, request: Join, turn: Turn): void {
  const { newMemberId: memberId } = request;
  const { leader } = group;
  answerJoin(old, joinError(errorCodes.FENCED_INSTANCE_ID, old.memberId), turn);
  if (old.syncing !== null) {
    const answer = { errorCode: errorCodes.FENCED_INSTANCE_ID, assignment: noAssignment };
    turn.effects.push({ kind: 'sync answer', ticket: old.syncing, answer });
  }
  const member: Member = {
    ...{ ...old, memberId, syncing: null, clientId: request.clientId, clientHost: request.clientHost },
    deadline: turn.now + request.sessionTimeoutMs,
  };
  // In the same place: the order of members is the order in which they joined.
  const members = [...group.members.values()].map((each) => (each === old ? member : each));
  group.members.clear();
  for (const each of members) group.members.set(each.memberId, each);
  if (group.leader === old.memberId) group.leader = memberId;
  if (group.unsynced.delete(old.memberId)) group.unsynced.add(memberId);
  update(member, request, turn);

  if (group.state === 'PreparingRebalance') completeIfJoined(group, turn);
  else if (group.state === 'Stable' && selectProtocol(group) === group.protocol) {
    // Nothing changes for the others, and it gets its old assignment with SyncGroup. It hears of the old leader, lest it
    // assigns as the leader without knowing the members (skipAssignment tells newer clients so: JoinGroup 9).
    turn.effects.push({
      kind: 'store',
      record: recordOf(group),
      then: { kind: 'replaced', memberId, leader },
    });
  } else prepareRebalance(group, turn);
}
