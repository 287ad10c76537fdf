// The broker's settings that DescribeConfigs shows: Kafka's names for what is fixed here, with the values that hold.
import { producerExpiryMs } from '../../log/producers.ts';
import { topicSettings, type SettingType } from '../settings.ts';
import { configTypes, sources, type ConfigEntry } from './config-entries.ts';
import type { Endpoint } from './options.ts';

const fixed: readonly (readonly [name: string, type: SettingType, value: string])[] = [
  ['auto.create.topics.enable', 'boolean', 'true'],
  ['connections.max.idle.ms', 'long', '600000'],
  ['default.replication.factor', 'int', '1'],
  ['delete.topic.enable', 'boolean', 'true'],
  ['group.initial.rebalance.delay.ms', 'int', '0'],
  ['group.max.session.timeout.ms', 'int', '1800000'],
  ['group.min.session.timeout.ms', 'int', '6000'],
  ['log.cleaner.backoff.ms', 'long', '15000'],
  ['log.cleaner.enable', 'boolean', 'true'],
  ['log.retention.check.interval.ms', 'long', '15000'],
  ['log.retention.hours', 'int', '168'],
  ['log.roll.hours', 'int', '168'],
  ['num.partitions', 'int', '1'],
  ['offset.metadata.max.bytes', 'int', '4096'],
  ['offsets.retention.minutes', 'int', '10080'],
  ['offsets.topic.num.partitions', 'int', '1'],
  ['offsets.topic.replication.factor', 'int', '1'],
  ['process.roles', 'list', 'broker,controller'],
  ['producer.id.expiration.ms', 'int', String(producerExpiryMs)],
  ['socket.request.max.bytes', 'int', '104857600'],
  ['transaction.max.timeout.ms', 'int', '900000'],
  ['transaction.state.log.num.partitions', 'int', '1'],
  ['transaction.state.log.replication.factor', 'int', '1'],
  ['transactional.id.expiration.ms', 'int', '604800000'],
];

/** Kafka shows what topics inherit under the brokers' names for it. */
const inherited = [...topicSettings.values()].flatMap(({ synonym, type, default: value }) =>
  synonym === undefined ? [] : [[synonym, type, value] as const],
);

/** All of them, by name. */
export function brokerEntries({ nodeId, host, port }: Endpoint): ConfigEntry[] {
  const address = `PLAINTEXT://${host}:${String(port)}`;
  const own = [
    ['advertised.listeners', 'list', address],
    ['broker.id', 'int', String(nodeId)],
    ['listeners', 'list', address],
    ['node.id', 'int', String(nodeId)],
  ] as const;
  const entry =
    (source: number) =>
    ([name, type, value]: readonly [string, SettingType, string]): ConfigEntry => ({
      name,
      value,
      readOnly: true,
      configSource: source,
      isSensitive: false,
      synonyms: [{ name, value, source }],
      configType: configTypes[type],
      documentation: null,
    });
  const all = [
    ...own.map(entry(sources.staticBroker)),
    ...[...fixed, ...inherited].map(entry(sources.default)),
  ];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}
