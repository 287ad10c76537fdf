// Groups as administrators see them.
import { errorCodes } from '../protocol/errors.ts';
import type { DescribeGroupsResponse } from '../protocol/messages/describe-groups.ts';
import type { ListGroupsResponse } from '../protocol/messages/list-groups.ts';
import { metadataOf, noAssignment, type Group } from './group.ts';

type Described = DescribeGroupsResponse['groups'][number];

/** A group with its members. One that is not there is called dead, as in Kafka; what members say is shown of a stable one alone. */
export function describeGroup(groupId: string, group: Group | undefined): Described {
  if (group === undefined) {
    const none = { protocolType: '', protocolData: '', members: [] };
    return { errorCode: errorCodes.NONE, groupId, groupState: 'Dead', ...none };
  }
  const isStable = group.state === 'Stable';
  return {
    errorCode: errorCodes.NONE,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocol ?? '') : '',
    members: group.members
      .values()
      .map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        memberMetadata: isStable ? metadataOf(member, group.protocol) : noAssignment,
        memberAssignment: isStable ? member.assignment : noAssignment,
      }))
      .toArray(),
  };
}

/** The groups in one of the states (in any, if none is named; in whatever case, as in Kafka). */
export function listGroups(groups: Iterable<Group>, states: readonly string[]): ListGroupsResponse['groups'] {
  const wanted = new Set(states.map((state) => state.toLowerCase()));
  return [...groups]
    .filter(({ state }) => wanted.size === 0 || wanted.has(state.toLowerCase()))
    .map(({ groupId, protocolType, state }) => ({
      groupId,
      protocolType: protocolType ?? '',
      groupState: state,
    }));
}
