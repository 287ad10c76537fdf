// LeaveGroup (API key 13): takes members out of a group.
import { api } from '../api.ts';
import { array, int16, int32, nullable, string } from '../schema.ts';

export const leaveGroup = api({
  key: 13,
  versions: [0, 4],
  flexibleFrom: 4,
  request: {
    groupId: string(),
    memberId: string('0-2'),
    members: array(
      {
        memberId: string(),
        groupInstanceId: nullable(string()),
      },
      '3+',
    ),
  },
  response: {
    throttleTimeMs: int32('1+', 0),
    errorCode: int16(),
    members: array(
      {
        memberId: string(),
        groupInstanceId: nullable(string()),
        errorCode: int16(),
      },
      '3+',
    ),
  },
});
