// DeleteGroups (API key 42): deletes groups that have no members.
import { api } from '../api.ts';
import { array, int16, int32, string } from '../schema.ts';

export const deleteGroups = api({
  key: 42,
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    groupsNames: array(string()),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    results: array({
      groupId: string(),
      errorCode: int16(),
    }),
  },
});
