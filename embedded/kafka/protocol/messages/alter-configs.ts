// AlterConfigs (API key 33): replaces all settings of a resource.
import { api } from '../api.ts';
import { array, bool, int16, int32, int8, nullable, string } from '../schema.ts';

export const alterConfigs = api({
  key: 33,
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
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
