// CreatePartitions (API key 37): adds partitions to topics.
import { api } from '../api.ts';
import { array, bool, int16, int32, nullable, string } from '../schema.ts';

export const createPartitions = api({
  key: 37,
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    topics: array({
      name: string(),
      count: int32(),
      assignments: nullable(
        array({
          brokerIds: array(int32()),
        }),
      ),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    results: array({
      name: string(),
      errorCode: int16(),
      errorMessage: nullable(string()),
    }),
  },
});
