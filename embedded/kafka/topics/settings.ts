// The settings of topics: Kafka's names, defaults and limits (org.apache.kafka.common.config.TopicConfig of 4.1), and what a log
// takes from them. A setting without effect here (replication, tiered storage, flushing: every append is synced) is taken
// and shown all the same, since tools set them.
import type { LogConfig } from '../log/log-config.ts';

/** How a setting is written. */
export type SettingType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';

/** A setting that Kafka knows. */
export interface Setting {
  readonly name: string;
  readonly type: SettingType;
  readonly default: string;
  /** The broker's setting that it is a default from, when Kafka names one. */
  readonly synonym: string | undefined;
  /** Why a value is not one, in words; undefined when it is. */
  readonly refusal: (value: string) => string | undefined;
}

const longMax = '9223372036854775807';
const intMax = 2 ** 31 - 1;

const isInteger = (value: string): boolean => /^[+-]?\d{1,19}$/.test(value.trim());

const integer =
  (atLeast: number, atMost = Infinity) =>
  (value: string): string | undefined => {
    if (!isInteger(value)) return 'not a number';
    const number = Number(value);
    if (number < atLeast) return `value must be at least ${String(atLeast)}`;
    return number > atMost ? `value must be no more than ${String(atMost)}` : undefined;
  };

const oneOf =
  (...values: readonly string[]) =>
  (value: string): string | undefined =>
    values.includes(value) ? undefined : `string must be one of: ${values.join(', ')}`;

const ratio = (value: string): string | undefined => {
  const number = value.trim() === '' ? NaN : Number(value);
  return number >= 0 && number <= 1 ? undefined : 'value must be between 0 and 1';
};

const policies = (value: string): string | undefined =>
  listOf(value).every((policy) => policy === 'compact' || policy === 'delete') && listOf(value).length > 0
    ? undefined
    : 'string must be one of: compact, delete';

const boolean = (value: string): string | undefined =>
  /^(true|false)$/i.test(value.trim()) ? undefined : 'expected value to be either true or false';

const anything = (): undefined => undefined;

const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const int = (name: string, value: number, refusal: Setting['refusal'], synonym?: string): Setting => ({
  name,
  type: 'int',
  default: String(value),
  synonym,
  refusal,
});
const long = (
  name: string,
  value: number | string,
  refusal: Setting['refusal'],
  synonym?: string,
): Setting => ({
  name,
  type: 'long',
  default: String(value),
  synonym,
  refusal,
});
const flag = (name: string, value: boolean, synonym?: string): Setting => ({
  name,
  type: 'boolean',
  default: String(value),
  synonym,
  refusal: boolean,
});

const day = 24 * 60 * 60 * 1000;

/** By name, in Kafka's alphabet. */
export const topicSettings: ReadonlyMap<string, Setting> = new Map(
  [
    {
      name: 'cleanup.policy',
      type: 'list',
      default: 'delete',
      synonym: 'log.cleanup.policy',
      refusal: policies,
    },
    int('compression.gzip.level', -1, integer(-1, 9), 'compression.gzip.level'),
    int('compression.lz4.level', 9, integer(1, 17), 'compression.lz4.level'),
    {
      name: 'compression.type',
      type: 'string',
      default: 'producer',
      synonym: 'compression.type',
      refusal: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    },
    int('compression.zstd.level', 3, integer(-131_072, 22), 'compression.zstd.level'),
    long('delete.retention.ms', day, integer(0), 'log.cleaner.delete.retention.ms'),
    long('file.delete.delay.ms', 60_000, integer(0), 'log.segment.delete.delay.ms'),
    long('flush.messages', longMax, integer(1), 'log.flush.interval.messages'),
    long('flush.ms', longMax, integer(0)),
    {
      name: 'follower.replication.throttled.replicas',
      type: 'list',
      default: '',
      synonym: undefined,
      refusal: anything,
    },
    int('index.interval.bytes', 4096, integer(0, intMax), 'log.index.interval.bytes'),
    {
      name: 'leader.replication.throttled.replicas',
      type: 'list',
      default: '',
      synonym: undefined,
      refusal: anything,
    },
    long('local.retention.bytes', -2, integer(-2), 'log.local.retention.bytes'),
    long('local.retention.ms', -2, integer(-2), 'log.local.retention.ms'),
    long('max.compaction.lag.ms', longMax, integer(1), 'log.cleaner.max.compaction.lag.ms'),
    int('max.message.bytes', 1_048_588, integer(0, intMax), 'message.max.bytes'),
    long('message.timestamp.after.max.ms', 3_600_000, integer(0), 'log.message.timestamp.after.max.ms'),
    long('message.timestamp.before.max.ms', longMax, integer(0), 'log.message.timestamp.before.max.ms'),
    {
      name: 'message.timestamp.type',
      type: 'string',
      default: 'CreateTime',
      synonym: 'log.message.timestamp.type',
      refusal: oneOf('CreateTime', 'LogAppendTime'),
    },
    {
      name: 'min.cleanable.dirty.ratio',
      type: 'double',
      default: '0.5',
      synonym: 'log.cleaner.min.cleanable.ratio',
      refusal: ratio,
    },
    long('min.compaction.lag.ms', 0, integer(0), 'log.cleaner.min.compaction.lag.ms'),
    int('min.insync.replicas', 1, integer(1, intMax), 'min.insync.replicas'),
    flag('preallocate', false, 'log.preallocate'),
    flag('remote.log.copy.disable', false),
    flag('remote.log.delete.on.disable', false),
    flag('remote.storage.enable', false),
    long('retention.bytes', -1, integer(-1), 'log.retention.bytes'),
    long('retention.ms', 7 * day, integer(-1)),
    int('segment.bytes', 1_073_741_824, integer(1_048_576, intMax), 'log.segment.bytes'),
    int('segment.index.bytes', 10_485_760, integer(4, intMax), 'log.index.size.max.bytes'),
    long('segment.jitter.ms', 0, integer(0)),
    long('segment.ms', 7 * day, integer(1)),
    flag('unclean.leader.election.enable', false, 'unclean.leader.election.enable'),
  ].map((setting) => [setting.name, setting as Setting]),
);

/** Why settings cannot be a topic's, in the words that Kafka uses; undefined when they can. */
export function settingsRefusal(settings: ReadonlyMap<string, string>): string | undefined {
  for (const [name, value] of settings) {
    const setting = topicSettings.get(name);
    if (setting === undefined) return `Unknown topic config name: ${name}`;
    const refusal = setting.refusal(value);
    if (refusal !== undefined) return `Invalid value ${value} for configuration ${name}: ${refusal}`;
  }
  return undefined;
}

/** A topic's list settings, apart: for the operations that append to one and subtract from it. */
export const listValue = listOf;

/** What the topic's logs follow. */
export function logConfigOf(settings: ReadonlyMap<string, string>): LogConfig {
  const text = (name: string): string => settings.get(name) ?? topicSettings.get(name)?.default ?? '';
  const number = (name: string): number => Number(text(name));
  const cleanup = listOf(text('cleanup.policy'));
  return {
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    deletes: cleanup.includes('delete'),
    compacts: cleanup.includes('compact'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    deleteRetentionMs: number('delete.retention.ms'),
    maxMessageBytes: number('max.message.bytes'),
    timestampType: text('message.timestamp.type') === 'LogAppendTime' ? 'logAppendTime' : 'createTime',
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    indexIntervalBytes: number('index.interval.bytes'),
  };
}
