// The APIs of consumer groups: what a request asks, in the coordinator's terms, and its answer.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { Handlers, RequestContext } from '../protocol/handler.ts';
import type { JoinGroupRequest } from '../protocol/messages/join-group.ts';
import { describeGroup, listGroups } from './describe.ts';
import type { GroupCoordinator } from './coordinator.ts';
import { noAssignment } from './group.ts';
import { join } from './join.ts';
import { heartbeat, leave } from './membership.ts';
import { offsetHandlers, type Topics } from './offset-handlers.ts';
import { joinError } from './rebalance.ts';
import { sync } from './sync.ts';

/** Where clients find this broker. */
export interface Endpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** What the handlers need. */
export interface GroupHandlersOptions {
  readonly groups: GroupCoordinator;
  readonly topics: Topics;
  /** Asked with every request: the port is known when the broker listens. */
  readonly endpoint: () => Endpoint;
}

type Served =
  | 'findCoordinator'
  | 'joinGroup'
  | 'syncGroup'
  | 'heartbeat'
  | 'leaveGroup'
  | 'describeGroups'
  | 'listGroups'
  | 'deleteGroups'
  | 'offsetCommit'
  | 'offsetFetch'
  | 'offsetDelete';

/** group.min.session.timeout.ms and group.max.session.timeout.ms, Kafka's defaults. */
const shortestSessionMs = 6_000;
const longestSessionMs = 1_800_000;

/** First JoinGroup whose new members have to come again with their id (KIP-394). */
const knownMemberIdFrom = 4;

/** First SyncGroup that has to say which protocol it is for (KIP-559). */
const protocolNamedFrom = 5;

/** FindCoordinator's key types. */
const keyTypes = { group: 0, transaction: 1 };

/** The handlers of group APIs, by API. */
export function groupHandlers(options: GroupHandlersOptions): Pick<Handlers, Served> {
  const { groups: coordinator, endpoint } = options;
  const { groups } = coordinator;
  return {
    ...offsetHandlers(options),

    findCoordinator(request) {
      const known = request.keyType === keyTypes.group || request.keyType === keyTypes.transaction;
      const errorCode = known ? errorCodes.NONE : errorCodes.INVALID_REQUEST;
      const errorMessage = known ? null : `There is no coordinator of key type ${String(request.keyType)}.`;
      const found = { ...(known ? endpoint() : { nodeId: -1, host: '', port: -1 }), errorCode, errorMessage };
      return { ...found, coordinators: request.coordinatorKeys.map((key) => ({ key, ...found })) };
    },

    joinGroup(request, context) {
      const { groupId, memberId, sessionTimeoutMs } = request;
      if (groupId === '') return joinError(errorCodes.INVALID_GROUP_ID, memberId);
      if (sessionTimeoutMs < shortestSessionMs || sessionTimeoutMs > longestSessionMs) {
        return joinError(errorCodes.INVALID_SESSION_TIMEOUT, memberId);
      }
      const group = memberId === '' ? groups.findOrMake(groupId) : groups.find(groupId);
      if (group === undefined) return joinError(errorCodes.UNKNOWN_MEMBER_ID, memberId);
      return groups.join(group, context.signal, (ticket, turn) => {
        join(group, { ticket, ...joinOf(request, context, coordinator.newId()) }, turn);
      });
    },

    syncGroup(request, context) {
      const fail = (errorCode: ErrorCode) => ({ errorCode, assignment: noAssignment });
      const { groupId, protocolType, protocolName } = request;
      if (groupId === '') return fail(errorCodes.INVALID_GROUP_ID);
      if (context.apiVersion >= protocolNamedFrom && (protocolType === null || protocolName === null)) {
        return fail(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
      }
      const group = groups.find(groupId);
      if (group === undefined) return fail(errorCodes.UNKNOWN_MEMBER_ID);
      return groups.sync(group, context.signal, (ticket, turn) => {
        sync(group, { ticket, generation: request.generationId, ...request }, turn);
      });
    },

    heartbeat(request) {
      if (request.groupId === '') return { errorCode: errorCodes.INVALID_GROUP_ID };
      const group = groups.find(request.groupId);
      if (group === undefined) return { errorCode: errorCodes.UNKNOWN_MEMBER_ID };
      const { memberId, groupInstanceId, generationId: generation } = request;
      return {
        errorCode: groups.turn(group, (turn) =>
          heartbeat(group, { memberId, groupInstanceId, generation }, turn),
        ),
      };
    },

    leaveGroup(request, { apiVersion }) {
      if (request.groupId === '') return { errorCode: errorCodes.INVALID_GROUP_ID };
      // One member before version 3.
      const leavers =
        apiVersion < 3 ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members;
      const group = groups.find(request.groupId);
      const errors =
        group === undefined
          ? leavers.map(() => errorCodes.UNKNOWN_MEMBER_ID)
          : groups.turn(group, (turn) => leave(group, leavers, turn));
      if (apiVersion < 3) return { errorCode: errors[0] ?? errorCodes.NONE };
      const members = leavers.map((leaver, i) => ({ ...leaver, errorCode: errors[i] ?? errorCodes.NONE }));
      return { errorCode: errorCodes.NONE, members };
    },

    describeGroups: (request) => ({
      groups: request.groups.map((groupId) => describeGroup(groupId, groups.find(groupId))),
    }),

    listGroups: (request) => ({
      errorCode: errorCodes.NONE,
      groups: listGroups(groups.all(), request.statesFilter),
    }),

    deleteGroups: async (request) => ({
      results: await Promise.all(
        request.groupsNames.map(async (groupId) => ({
          groupId,
          errorCode: await coordinator.delete(groupId),
        })),
      ),
    }),
  };
}

function joinOf(request: JoinGroupRequest, context: RequestContext, unique: string) {
  const { sessionTimeoutMs, rebalanceTimeoutMs, groupInstanceId } = request;
  const clientId = context.clientId ?? '';
  return {
    memberId: request.memberId,
    newMemberId: `${groupInstanceId ?? clientId}-${unique}`,
    requiresKnownMemberId: context.apiVersion >= knownMemberIdFrom,
    groupInstanceId,
    clientId,
    clientHost: context.clientHost,
    sessionTimeoutMs,
    // Version 0 has none.
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    protocolType: request.protocolType,
    // What is kept must not keep the request's frame.
    protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
  };
}
