// From one generation to the next: the group asks everybody to join again, leaves out who does not in time, elects a leader and
// waits for its assignment. (KIP-62; what is done when is Kafka's, GroupMetadataManager.)
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { JoinGroupResponse } from '../protocol/messages/join-group.ts';
import type { Turn } from './effects.ts';
import {
  allJoined,
  enter,
  metadataOf,
  noAssignment,
  rebalanceTimeout,
  selectProtocol,
  type Group,
  type Member,
} from './group.ts';
import { recordOf } from './records.ts';

/** Between two looks at whether anybody has joined, whatever time-outs the members ask for. */
const shortestWaitMs = 1_000;

/** Begins a rebalance, or goes on with the one that is under way if nobody is waited for any more. */
export function rebalance(group: Group, turn: Turn): void {
  if (group.state === 'PreparingRebalance') completeIfJoined(group, turn);
  else prepareRebalance(group, turn);
}

/** Asks all members to join again; those whose SyncGroup waits are told so at once, the others with their next heartbeat. */
export function prepareRebalance(group: Group, turn: Turn): void {
  if (group.state === 'CompletingRebalance') dropAssignments(group, errorCodes.REBALANCE_IN_PROGRESS, turn);
  group.unsynced.clear();
  group.syncDeadline = null;
  // The first members wait for nobody: group.initial.rebalance.delay.ms is 0.
  const first = group.state === 'Empty';
  enter(group, 'PreparingRebalance', turn.now);
  if (first || allJoined(group)) completeJoin(group, turn);
  else group.joinDeadline = turn.now + rebalanceTimeout(group);
}

export function completeIfJoined(group: Group, turn: Turn): void {
  if (group.state === 'PreparingRebalance' && allJoined(group)) completeJoin(group, turn);
}

/** Makes the next generation of those who have joined. Static members keep their place until their session ends. */
export function completeJoin(group: Group, turn: Turn): void {
  group.joinDeadline = null;
  for (const member of [...group.members.values()]) {
    if (member.joining === null && member.groupInstanceId === null) removeMember(group, member.memberId);
  }
  if (group.members.size > 0 && !electLeader(group)) {
    // Only static members are left, and none has rejoined: they have until their sessions end.
    group.joinDeadline = turn.now + Math.max(rebalanceTimeout(group), shortestWaitMs);
    return;
  }
  group.generation++;
  group.unsynced.clear();
  if (group.members.size === 0) {
    group.protocol = null;
    enter(group, 'Empty', turn.now);
    turn.effects.push({ kind: 'store', record: recordOf(group), then: null });
    return;
  }
  group.protocol = selectProtocol(group);
  enter(group, 'CompletingRebalance', turn.now);
  for (const member of group.members.values()) {
    answerJoin(member, generationAnswer(group, member), turn);
    member.deadline = turn.now + member.sessionTimeoutMs;
    member.isNew = false;
    group.unsynced.add(member.memberId);
  }
  group.syncDeadline = turn.now + rebalanceTimeout(group);
}

/** Keeps the leader if it has rejoined and else takes the first who has. */
function electLeader(group: Group): boolean {
  const leader = group.leader === null ? undefined : group.members.get(group.leader);
  if (leader !== undefined && leader.joining !== null) return true;
  const joined = group.members.values().find((member) => member.joining !== null);
  if (joined === undefined) return false;
  group.leader = joined.memberId;
  return true;
}

/** Takes a member, or an id that has not joined, out of the group; its requests are the caller's to answer first. */
export function removeMember(group: Group, memberId: string): void {
  group.members.delete(memberId);
  group.pending.delete(memberId);
  group.unsynced.delete(memberId);
  if (group.leader === memberId) group.leader = group.members.keys().next().value ?? null;
}

/** Answers a member's JoinGroup, if one waits. */
export function answerJoin(member: Member, answer: JoinGroupResponse, turn: Turn): void {
  if (member.joining === null) return;
  turn.effects.push({ kind: 'join answer', ticket: member.joining, answer });
  member.joining = null;
}

/** Gives every member its assignment. */
export function giveAssignments(group: Group, assignments: ReadonlyMap<string, Buffer>, turn: Turn): void {
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.memberId) ?? noAssignment;
    answerSync(group, member, errorCodes.NONE, turn);
  }
}

/** Takes every member's assignment away, and says why to those that wait for it. */
export function dropAssignments(group: Group, errorCode: ErrorCode, turn: Turn): void {
  for (const member of group.members.values()) {
    member.assignment = noAssignment;
    answerSync(group, member, errorCode, turn);
  }
}

/** Answers a member's SyncGroup, if one waits, and begins its session anew. */
export function answerSync(group: Group, member: Member, errorCode: ErrorCode, turn: Turn): void {
  if (member.syncing === null) return;
  const { protocolType, protocol: protocolName } = group;
  const answer =
    errorCode === errorCodes.NONE
      ? { errorCode, protocolType, protocolName, assignment: member.assignment }
      : { errorCode, assignment: noAssignment };
  turn.effects.push({ kind: 'sync answer', ticket: member.syncing, answer });
  member.syncing = null;
  member.deadline = turn.now + member.sessionTimeoutMs;
}

/** What a member is told of its generation: the leader learns who is in it. */
export function generationAnswer(group: Group, member: Member): JoinGroupResponse {
  const { generation: generationId, protocolType, protocol: protocolName, leader, members } = group;
  const answer = { errorCode: errorCodes.NONE, generationId, protocolType, protocolName };
  const isLeader = leader === member.memberId;
  return {
    ...answer,
    leader: leader ?? '',
    memberId: member.memberId,
    members: isLeader
      ? members
          .values()
          .map((each) => ({
            memberId: each.memberId,
            groupInstanceId: each.groupInstanceId,
            metadata: metadataOf(each, protocolName),
          }))
          .toArray()
      : [],
  };
}

/** A JoinGroup that failed. */
export const joinError = (errorCode: ErrorCode, memberId: string): JoinGroupResponse => ({
  errorCode,
  memberId,
  leader: '',
  members: [],
});
