// ListGroups (API key 16): the groups there are.
import { api, type ResponseOf } from '../api.ts';
import { array, int16, int32, string } from '../schema.ts';

export const listGroups = api({
  key: 16,
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    statesFilter: array(string(), '4+'),
  },
  response: {
    throttleTimeMs: int32('1+', 0),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string('4+'),
    }),
  },
});

export type ListGroupsResponse = ResponseOf<typeof listGroups>;
