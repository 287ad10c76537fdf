// IncrementalAlterConfigs (API key 44): changes single settings (KIP-339).
import { api, type RequestOf } from '../api.ts';
import { array, bool, int16, int32, int8, nullable, string } from '../schema.ts';

export const incrementalAlterConfigs = api({
  key: 44,
  versions: [0, 1],
  flexibleFrom: 1,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        configOperation: int8(),
        value: nullable(string()),
      }),
    }),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    responses: array({
      errorCode: int16(),
      errorMessage: nullable(string()),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
});

export type IncrementalAlterConfigsRequest = RequestOf<typeof incrementalAlterConfigs>;
