// ApiVersions (API key 18): the APIs served, each with its versions.
import { api, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, int64, string, tagged } from '../schema.ts';

export const apiVersions = api({
  key: 18,
  versions: [0, 3],
  flexibleFrom: 3,
  request: {
    clientSoftwareName: string('3+'),
    clientSoftwareVersion: string('3+'),
  },
  response: {
    errorCode: int16(),
    apiKeys: array({
      apiKey: int16(),
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: int32('1+', 0),
    supportedFeatures: tagged(
      0,
      array(
        {
          name: string(),
          minVersion: int16(),
          maxVersion: int16(),
        },
        '3+',
      ),
    ),
    finalizedFeaturesEpoch: tagged(1, int64('3+', -1)),
    finalizedFeatures: tagged(
      2,
      array(
        {
          name: string(),
          maxVersionLevel: int16(),
          minVersionLevel: int16(),
        },
        '3+',
      ),
    ),
    zkMigrationReady: tagged(3, bool('3+', false)),
  },
});

export type ApiVersionsResponse = ResponseOf<typeof apiVersions>;
