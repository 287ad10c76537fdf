// SyncGroup: the leader hands in what everybody shall read, the others fetch their part. It is handed out only when it is durable.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { AfterStore, Turn } from './effects.ts';
import { checkMember, enter, noAssignment, type Group, type Member, type Ticket } from './group.ts';
import {
  answerJoin,
  answerSync,
  dropAssignments,
  generationAnswer,
  giveAssignments,
  joinError,
  rebalance,
} from './rebalance.ts';
import { recordOf } from './records.ts';

/** A SyncGroup as the group sees it. */
export interface Sync {
  readonly ticket: Ticket;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generation: number;
  /** null: not said (SyncGroup before 5). */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** The leader's. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

/** Applies a SyncGroup. */
export function sync(group: Group, request: Sync, turn: Turn): void {
  const errorCode = check(group, request);
  const member = group.members.get(request.memberId);
  if (errorCode !== errorCodes.NONE || member === undefined) {
    const answer = { errorCode, assignment: noAssignment };
    turn.effects.push({ kind: 'sync answer', ticket: request.ticket, answer });
    return;
  }
  group.unsynced.delete(member.memberId);
  if (group.unsynced.size === 0) group.syncDeadline = null;
  // A member has one SyncGroup: the one before it is let go of.
  answerSync(group, member, errorCodes.REBALANCE_IN_PROGRESS, turn);
  member.syncing = request.ticket;
  if (group.state === 'Stable') answerSync(group, member, errorCodes.NONE, turn);
  else if (group.leader === member.memberId) storeAssignments(group, request, turn);
}

function check(group: Group, request: Sync): ErrorCode {
  const { protocolType, protocolName } = request;
  if (group.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE;
  const errorCode = checkMember(group, request.memberId, request.groupInstanceId);
  if (errorCode !== errorCodes.NONE) return errorCode;
  if (request.generation !== group.generation) return errorCodes.ILLEGAL_GENERATION;
  if (
    (protocolType !== null && protocolType !== group.protocolType) ||
    (protocolName !== null && protocolName !== group.protocol)
  ) {
    return errorCodes.INCONSISTENT_GROUP_PROTOCOL;
  }
  return group.state === 'PreparingRebalance' ? errorCodes.REBALANCE_IN_PROGRESS : errorCodes.NONE;
}

function storeAssignments(group: Group, request: Sync, turn: Turn): void {
  const assignments = new Map(
    request.assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]),
  );
  const record = recordOf(group, (member: Member) => assignments.get(member.memberId) ?? noAssignment);
  const { generation } = group;
  turn.effects.push({ kind: 'store', record, then: { kind: 'assigned', generation, assignments } });
}

/** Goes on after a `store` effect: `errorCode` says whether the record is durable. */
export function stored(group: Group, after: AfterStore, errorCode: ErrorCode, turn: Turn): void {
  if (after.kind === 'replaced') {
    const member = group.members.get(after.memberId);
    if (member === undefined || group.state !== 'Stable') return; // Answered by what came between.
    const answer =
      errorCode === errorCodes.NONE
        ? { ...generationAnswer(group, member), leader: after.leader ?? '', members: [] }
        : joinError(errorCode, '');
    answerJoin(member, answer, turn);
    member.deadline = turn.now + member.sessionTimeoutMs;
    return;
  }
  // While it was written a new generation may have begun: then these assignments mean nothing any more.
  if (group.state !== 'CompletingRebalance' || group.generation !== after.generation) return;
  if (errorCode === errorCodes.NONE) {
    enter(group, 'Stable', turn.now);
    giveAssignments(group, after.assignments, turn);
  } else {
    dropAssignments(group, errorCode, turn);
    rebalance(group, turn);
  }
}
