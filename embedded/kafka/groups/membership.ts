// How members stay and go: heartbeats, LeaveGroup, sessions that end, connections that close, and the deadlines of a rebalance.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { Turn } from './effects.ts';
import { checkMember, staticMember, type Group, type Member, type Ticket } from './group.ts';
import {
  answerJoin,
  answerSync,
  completeIfJoined,
  completeJoin,
  joinError,
  prepareRebalance,
  rebalance,
  removeMember,
} from './rebalance.ts';

/** Who leaves: a member, or, with an empty member id, whoever holds the group.instance.id. */
export interface Leaver {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** A heartbeat: begins the member's session anew, and says whether it has to rejoin. */
export function heartbeat(
  group: Group,
  { memberId, groupInstanceId, generation }: Leaver & { readonly generation: number },
  turn: Turn,
): ErrorCode {
  if (group.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE;
  const errorCode = checkMember(group, memberId, groupInstanceId);
  const member = group.members.get(memberId);
  if (errorCode !== errorCodes.NONE || member === undefined) return errorCode;
  if (generation !== group.generation) return errorCodes.ILLEGAL_GENERATION;
  touch(member, turn);
  return group.state === 'PreparingRebalance' ? errorCodes.REBALANCE_IN_PROGRESS : errorCodes.NONE;
}

/** Begins a member's session anew: it was heard from. */
export function touch(member: Member, turn: Turn): void {
  member.deadline = turn.now + member.sessionTimeoutMs;
}

/** Takes members out; gives an error code for each. */
export function leave(group: Group, leavers: readonly Leaver[], turn: Turn): ErrorCode[] {
  const before = group.members.size;
  const errors = leavers.map((leaver) => leaveOne(group, leaver, turn));
  // An id that has not joined is missed by those alone who wait for it.
  if (group.members.size < before) goOn(group, turn);
  else completeIfJoined(group, turn);
  return errors;
}

function leaveOne(group: Group, { memberId, groupInstanceId }: Leaver, turn: Turn): ErrorCode {
  if (memberId === '') {
    const member = groupInstanceId === null ? undefined : staticMember(group, groupInstanceId);
    if (member === undefined) return errorCodes.UNKNOWN_MEMBER_ID;
    drop(group, member, turn);
    return errorCodes.NONE;
  }
  if (group.pending.delete(memberId)) return errorCodes.NONE;
  const errorCode = checkMember(group, memberId, groupInstanceId);
  const member = group.members.get(memberId);
  if (errorCode === errorCodes.NONE && member !== undefined) drop(group, member, turn);
  return errorCode;
}

/** Removes a member; what it waits for is answered: if it is there after all, it joins anew. */
function drop(group: Group, member: Member, turn: Turn): void {
  answerJoin(member, joinError(errorCodes.UNKNOWN_MEMBER_ID, ''), turn);
  answerSync(group, member, errorCodes.UNKNOWN_MEMBER_ID, turn);
  removeMember(group, member.memberId);
}

/** After somebody has gone. */
function goOn(group: Group, turn: Turn): void {
  if (group.state === 'PreparingRebalance') completeIfJoined(group, turn);
  else if (group.state === 'Stable' || group.state === 'CompletingRebalance') rebalance(group, turn);
}

/**
 * The client of a waiting request is gone (its connection closed). A new dynamic member goes at once: nothing is assigned to it,
 * and if its client lives it joins anew. Any other has its session time-out to come back.
 */
export function abandon(group: Group, ticket: Ticket, turn: Turn): void {
  for (const member of group.members.values()) {
    if (member.joining !== ticket && member.syncing !== ticket) continue;
    if (member.joining === ticket) member.joining = null;
    if (member.syncing === ticket) member.syncing = null;
    if (member.isNew && member.groupInstanceId === null) {
      removeMember(group, member.memberId);
      goOn(group, turn);
    } else {
      member.isNew = false;
      touch(member, turn);
    }
    return;
  }
}

/** Whether a member's session can end: one that waits for others cannot send heartbeats, and a new one has a limit of its own. */
const mayExpire = (member: Member): boolean =>
  member.isNew || (member.joining === null && member.syncing === null);

/** When {@link expire} has something to do next; Infinity: never. */
export function nextDeadline(group: Group): number {
  let next = Math.min(group.joinDeadline ?? Infinity, group.syncDeadline ?? Infinity);
  for (const deadline of group.pending.values()) next = Math.min(next, deadline);
  for (const member of group.members.values()) {
    if (mayExpire(member)) next = Math.min(next, member.deadline);
  }
  return next;
}

/** Does what was due by now. */
export function expire(group: Group, turn: Turn): void {
  const { now } = turn;
  let gone = false;
  for (const member of [...group.members.values()]) {
    if (!mayExpire(member) || member.deadline > now) continue;
    drop(group, member, turn);
    gone = true;
  }
  for (const [memberId, deadline] of group.pending) {
    if (deadline <= now) group.pending.delete(memberId);
  }
  if (gone) goOn(group, turn);
  else completeIfJoined(group, turn);
  if (group.joinDeadline !== null && group.joinDeadline <= now) completeJoin(group, turn);
  if (group.syncDeadline !== null && group.syncDeadline <= now) expireSync(group, turn);
}

/** Removes those who got the generation and did not fetch their assignment. */
function expireSync(group: Group, turn: Turn): void {
  for (const memberId of group.unsynced) removeMember(group, memberId);
  prepareRebalance(group, turn);
}
