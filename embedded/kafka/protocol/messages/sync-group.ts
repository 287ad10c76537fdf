// SyncGroup (API key 14): hands in, and out, what the leader assigned.
import { api, type ResponseOf } from '../api.ts';
import { array, bytes, int16, int32, nullable, string } from '../schema.ts';

export const syncGroup = api({
  key: 14,
  versions: [0, 5],
  flexibleFrom: 4,
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: nullable(string('3+')),
    protocolType: nullable(string('5+')),
    protocolName: nullable(string('5+')),
    assignments: array({
      memberId: string(),
      assignment: bytes(),
    }),
  },
  response: {
    throttleTimeMs: int32('1+', 0),
    errorCode: int16(),
    protocolType: nullable(string('5+')),
    protocolName: nullable(string('5+')),
    assignment: bytes(),
  },
});

export type SyncGroupResponse = ResponseOf<typeof syncGroup>;
