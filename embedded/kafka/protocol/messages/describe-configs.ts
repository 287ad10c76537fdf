// DescribeConfigs (API key 32): settings of topics and brokers, with where they come from.
import { api, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, int8, nullable, string } from '../schema.ts';

export const describeConfigs = api({
  key: 32,
  versions: [1, 4],
  flexibleFrom: 4,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: nullable(array(string())),
    }),
    includeSynonyms: bool('0+', false),
    includeDocumentation: bool('3+', false),
  },
  response: {
    throttleTimeMs: int32('0+', 0),
    results: array({
      errorCode: int16(),
      errorMessage: nullable(string()),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: nullable(string()),
        readOnly: bool(),
        configSource: int8('0+', -1),
        isSensitive: bool(),
        synonyms: array({
          name: string(),
          value: nullable(string()),
          source: int8(),
        }),
        configType: int8('3+', 0),
        documentation: nullable(string('3+'), '0+'),
      }),
    }),
  },
});

export type DescribeConfigsResponse = ResponseOf<typeof describeConfigs>;
