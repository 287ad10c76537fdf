// DescribeCluster (API key 60): the brokers of the cluster (KIP-700).
import { api } from '../api.ts';
import { array, bool, int16, int32, int8, nullable, string } from '../schema.ts';

export const describeCluster = api({
  key: 60,
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    includeClusterAuthorizedOperations: bool(),
    endpointType: int8('1+', 1),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    errorCode: int16(),
    errorMessage: nullable(string()),
    endpointType: int8('1+', 1),
    clusterId: string(),
    controllerId: int32('0+', -1),
    brokers: array({
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: nullable(string()),
    }),
    clusterAuthorizedOperations: int32('0+', -2147483648),
  },
});
