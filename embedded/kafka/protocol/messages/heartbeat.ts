// Heartbeat (API key 12): says that a member of a group lives.
import { api } from '../api.ts';
import { int16, int32, nullable, string } from '../schema.ts';

export const heartbeat = api({
  key: 12,
  versions: [0, 4],
  flexibleFrom: 4,
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: nullable(string('3+')),
  },
  response: {
    throttleTimeMs: int32('1+', 0),
    errorCode: int16(),
  },
});
