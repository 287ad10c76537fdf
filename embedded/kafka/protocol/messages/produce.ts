// Produce (API key 0): appends record batches to partitions. Versions 0 to 2 are read only to be refused with an error code: they are
// advertised, as by Kafka, because librdkafka looks for them to learn what a broker can do (KAFKA-18659).
import { api } from '../api.ts';
import { array, int16, int32, int64, nullable, records, string } from '../schema.ts';

export const produce = api({
  key: 0,
  versions: [0, 9],
  flexibleFrom: 9,
  request: {
    transactionalId: nullable(string('3+')),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      name: string(),
      partitionData: array({
        index: int32(),
        records: nullable(records()),
      }),
    }),
  },
  response: {
    responses: array({
      name: string(),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64('2+', -1),
        logStartOffset: int64('5+', -1),
        recordErrors: array(
          {
            batchIndex: int32(),
            batchIndexErrorMessage: nullable(string()),
          },
          '8+',
        ),
        errorMessage: nullable(string('8+')),
      }),
    }),
    throttleTimeMs: int32('1+', 0),
  },
});
