// OffsetDelete (API key 47): deletes committed offsets of a group.
import { api } from '../api.ts';
import { array, int16, int32, string } from '../schema.ts';

export const offsetDelete = api({
  key: 47,
  versions: [0, 0],
  flexibleFrom: Infinity,
  request: {
    groupId: string(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
      }),
    }),
  },
  response: {
    errorCode: int16(),
    throttleTimeMs: int32('0+', 0),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
});
