// FindCoordinator (API key 10): the broker that coordinates a group or a transactional id.
import { api } from '../api.ts';
import { array, int16, int32, int8, nullable, string } from '../schema.ts';

export const findCoordinator = api({
  key: 10,
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    key: string('0-3'),
    keyType: int8('1+', 0),
    coordinatorKeys: array(string(), '4+'),
  },
  response: {
    throttleTimeMs: int32('1+', 0),
    errorCode: int16('0-3'),
    errorMessage: nullable(string('1-3')),
    nodeId: int32('0-3'),
    host: string('0-3'),
    port: int32('0-3'),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: nullable(string()),
      },
      '4+',
    ),
  },
});
