// DeleteTopics (API key 20): deletes topics by name or id.
import { api } from '../api.ts';
import { array, int16, int32, nullable, string, uuid } from '../schema.ts';

export const deleteTopics = api({
  key: 20,
  versions: [1, 6],
  flexibleFrom: 4,
  request: {
    topics: array(
      {
        name: nullable(string()),
        topicId: uuid(),
      },
      '6+',
    ),
    topicNames: array(string(), '0-5'),
    timeoutMs: int32(),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    responses: array({
      name: nullable(string(), '6+'),
      topicId: uuid('6+'),
      errorCode: int16(),
      errorMessage: nullable(string('5+')),
    }),
  },
});
