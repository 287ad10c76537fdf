// CreateTopics (API key 19): creates topics.
import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, int8, nullable, string, tagged, uuid } from '../schema.ts';

export const createTopics = api({
  key: 19,
  versions: [2, 7],
  flexibleFrom: 5,
  request: {
    topics: array({
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({
        partitionIndex: int32(),
        brokerIds: array(int32()),
      }),
      configs: array({
        name: string(),
        value: nullable(string()),
      }),
    }),
    timeoutMs: int32('0+', 60000),
    validateOnly: bool('0+', false),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    topics: array({
      name: string(),
      topicId: uuid('7+'),
      errorCode: int16(),
      errorMessage: nullable(string()),
      topicConfigErrorCode: tagged(0, int16('5+')),
      numPartitions: int32('5+', -1),
      replicationFactor: int16('5+', -1),
      configs: nullable(
        array(
          {
            name: string(),
            value: nullable(string()),
            readOnly: bool(),
            configSource: int8('0+', -1),
            isSensitive: bool(),
          },
          '5+',
        ),
      ),
    }),
  },
});

export type CreateTopicsRequest = RequestOf<typeof createTopics>;
export type CreateTopicsResponse = ResponseOf<typeof createTopics>;
