// OffsetFetch (API key 9): how far consumer groups have read.
import { api, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, int64, nullable, string } from '../schema.ts';

export const offsetFetch = api({
  key: 9,
  versions: [1, 8],
  flexibleFrom: 6,
  request: {
    groupId: string('0-7'),
    topics: nullable(
      array(
        {
          name: string(),
          partitionIndexes: array(int32()),
        },
        '0-7',
      ),
      '2-7',
      [],
    ),
    groups: array(
      {
        groupId: string(),
        topics: nullable(
          array({
            name: string(),
            partitionIndexes: array(int32()),
          }),
        ),
      },
      '8+',
    ),
    requireStable: bool('7+', false),
  },
  response: {
    throttleTimeMs: int32('3+', 0),
    topics: array(
      {
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          committedOffset: int64(),
          committedLeaderEpoch: int32('5+', -1),
          metadata: nullable(string()),
          errorCode: int16(),
        }),
      },
      '0-7',
    ),
    errorCode: int16('2-7', 0),
    groups: array(
      {
        groupId: string(),
        topics: array({
          name: string(),
          partitions: array({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32('0+', -1),
            metadata: nullable(string()),
            errorCode: int16(),
          }),
        }),
        errorCode: int16('0+', 0),
      },
      '8+',
    ),
  },
});

export type OffsetFetchResponse = ResponseOf<typeof offsetFetch>;
