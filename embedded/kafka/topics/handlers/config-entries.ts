// Settings as DescribeConfigs and CreateTopics show them: value, where it comes from, and what it would be otherwise.
import type { DescribeConfigsResponse } from '../../protocol/messages/describe-configs.ts';
import { topicSettings, type SettingType } from '../settings.ts';

export type ConfigEntry = NonNullable<DescribeConfigsResponse['results']>[number]['configs'][number];

/** Where a value comes from (DescribeConfigsResponse.ConfigSource). */
export const sources = { topic: 1, staticBroker: 4, default: 5 };

/** DescribeConfigsResponse.ConfigType */
export const configTypes: Readonly<Record<SettingType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** All settings of a topic, those that were set and the defaults. */
export const topicEntries = (settings: ReadonlyMap<string, string>): ConfigEntry[] =>
  [...topicSettings.values()].map((setting) => {
    const own = settings.get(setting.name);
    return {
      name: setting.name,
      value: own ?? setting.default,
      readOnly: false,
      configSource: own === undefined ? sources.default : sources.topic,
      isSensitive: false,
      synonyms: [
        ...(own === undefined ? [] : [{ name: setting.name, value: own, source: sources.topic }]),
        ...(setting.synonym === undefined
          ? []
          : [{ name: setting.synonym, value: setting.default, source: sources.default }]),
      ],
      configType: configTypes[setting.type],
      documentation: null,
    };
  });
