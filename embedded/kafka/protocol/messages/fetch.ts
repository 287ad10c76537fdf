// Fetch (API key 1): reads record batches, waiting for them if asked to.
import { api, type RequestOf } from '../api.ts';
import { array, int16, int32, int64, int8, nullable, records, string, struct, tagged } from '../schema.ts';

export const fetch = api({
  key: 1,
  versions: [4, 12],
  flexibleFrom: 12,
  request: {
    clusterId: tagged(0, nullable(string('12+'))),
    replicaId: int32('0+', -1),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32('0+', 2147483647),
    isolationLevel: int8('0+', 0),
    sessionId: int32('7+', 0),
    sessionEpoch: int32('7+', -1),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32('9+', -1),
        fetchOffset: int64(),
        lastFetchedEpoch: int32('12+', -1),
        logStartOffset: int64('5+', -1),
        partitionMaxBytes: int32(),
      }),
    }),
    forgottenTopicsData: array(
      {
        topic: string(),
        partitions: array(int32()),
      },
      '7+',
    ),
    rackId: string('11+', ''),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    errorCode: int16('7+'),
    sessionId: int32('7+', 0),
    responses: array({
      topic: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64('0+', -1),
        logStartOffset: int64('5+', -1),
        divergingEpoch: tagged(
          0,
          struct(
            {
              epoch: int32('0+', -1),
              endOffset: int64('0+', -1),
            },
            '12+',
          ),
        ),
        currentLeader: tagged(
          1,
          struct(
            {
              leaderId: int32('0+', -1),
              leaderEpoch: int32('0+', -1),
            },
            '12+',
          ),
        ),
        snapshotId: tagged(
          2,
          struct(
            {
              endOffset: int64('0+', -1),
              epoch: int32('0+', -1),
            },
            '12+',
          ),
        ),
        abortedTransactions: nullable(
          array({
            producerId: int64(),
            firstOffset: int64(),
          }),
        ),
        preferredReadReplica: int32('11+', -1),
        records: nullable(records()),
      }),
    }),
  },
});

export type FetchRequest = RequestOf<typeof fetch>;
