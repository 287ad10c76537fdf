// DescribeGroups (API key 15): groups with their members.
import { api, type ResponseOf } from '../api.ts';
import { array, bool, bytes, int16, int32, nullable, string } from '../schema.ts';

export const describeGroups = api({
  key: 15,
  versions: [0, 5],
  flexibleFrom: 5,
  request: {
    groups: array(string()),
    includeAuthorizedOperations: bool('3+'),
  },
  response: {
    throttleTimeMs: int32('1+', 0),
    groups: array({
      errorCode: int16(),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: nullable(string('4+')),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32('3+', -2147483648),
    }),
  },
});

export type DescribeGroupsResponse = ResponseOf<typeof describeGroups>;
