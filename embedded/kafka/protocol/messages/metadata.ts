// Metadata (API key 3): the brokers, and where the partitions of topics are.
import { api } from '../api.ts';
import { array, bool, int16, int32, nullable, string, uuid } from '../schema.ts';

export const metadata = api({
  key: 3,
  versions: [0, 12],
  flexibleFrom: 9,
  request: {
    topics: nullable(
      array({
        topicId: uuid('10+'),
        name: nullable(string(), '10+'),
      }),
      '1+',
    ),
    allowAutoTopicCreation: bool('4+', true),
    includeClusterAuthorizedOperations: bool('8-10'),
    includeTopicAuthorizedOperations: bool('8+'),
  },
  response: {
    throttleTimeMs: int32('3+', 0),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: nullable(string('1+')),
    }),
    clusterId: nullable(string('2+')),
    controllerId: int32('1+', -1),
    topics: array({
      errorCode: int16(),
      name: nullable(string(), '12+'),
      topicId: uuid('10+'),
      isInternal: bool('1+', false),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32('7+', -1),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        offlineReplicas: array(int32(), '5+'),
      }),
      topicAuthorizedOperations: int32('8+', -2147483648),
    }),
    clusterAuthorizedOperations: int32('8-10', -2147483648),
  },
});
