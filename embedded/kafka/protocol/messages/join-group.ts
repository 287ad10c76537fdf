// JoinGroup (API key 11): enters a consumer group, or a new generation of it.
import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bytes, int16, int32, nullable, string } from '../schema.ts';

export const joinGroup = api({
  key: 11,
  versions: [0, 7],
  flexibleFrom: 6,
  request: {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32('1+', -1),
    memberId: string(),
    groupInstanceId: nullable(string('5+')),
    protocolType: string(),
    protocols: array({
      name: string(),
      metadata: bytes(),
    }),
  },
  response: {
    throttleTimeMs: int32('2+', 0),
    errorCode: int16(),
    generationId: int32('0+', -1),
    protocolType: nullable(string('7+')),
    protocolName: nullable(string(), '7+'),
    leader: string(),
    memberId: string(),
    members: array({
      memberId: string(),
      groupInstanceId: nullable(string('5+')),
      metadata: bytes(),
    }),
  },
});

export type JoinGroupRequest = RequestOf<typeof joinGroup>;
export type JoinGroupResponse = ResponseOf<typeof joinGroup>;
