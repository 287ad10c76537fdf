// Topics and their configuration as the protocol has them: created, described, grown, changed, deleted, and every way to be
// refused.
import {
  alterConfigsV2,
  createPartitionsV3,
  createTopicsV7,
  deleteTopicsV6,
  describeClusterV1,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  metadataV12,
} from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { fetchFrom, freshName, newTopic, patient, produce } from './support/data.ts';
import { nameOf, openWire, type Wire } from './support/wire.ts';

const topicResource = 2;
const [set, remove, append, subtract] = [0, 1, 2, 3] as const;

describe.each(inject('kafka'))('topics of the $name broker', ({ address }) => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await openWire(address);
  });
  afterAll(async () => {
    await wire.close();
  });

  /** The first answer of CreateTopics. */
  const create = async (
    name: string,
    { partitions = 1, replicas = 1, configs = {}, assignments = [] as number[][], validateOnly = false } = {},
  ) => {
    const { topics } = await wire.call(
      createTopicsV7.api,
      [
        {
          name,
          numPartitions: partitions,
          replicationFactor: replicas,
          assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value: String(value) })),
        },
      ],
      10_000,
      validateOnly,
    );
    return { error: nameOf(topics[0]?.errorCode), ...topics[0] };
  };
  const metadataOf = async (name: string) => {
    const { topics } = await wire.call(metadataV12.api, [name], false, false);
    return { error: nameOf(topics[0]?.errorCode), ...topics[0] };
  };
  const configsOf = async (name: string, keys: string[] | null = null) => {
    const resource = { resourceType: topicResource, resourceName: name, configurationKeys: keys } as const;
    const { results } = await wire.call(describeConfigsV4.api, [resource], true, false);
    const result = results[0];
    return {
      error: nameOf(result?.errorCode),
      configs: new Map(result?.configs.map((each) => [each.name, each])),
    };
  };
  const grow = async (name: string, count: number, validateOnly = false) => {
    const { results } = await wire.call(
      createPartitionsV3.api,
      [{ name, count, assignments: null }],
      10_000,
      validateOnly,
    );
    return nameOf(results[0]?.errorCode);
  };

  it('are created with the partitions asked for, an id of their own and their configuration', async () => {
    const name = freshName('made');
    const made = await create(name, {
      partitions: 3,
      configs: { 'retention.ms': 60_000, 'cleanup.policy': 'compact' },
    });
    expect(made).toMatchObject({ error: 'NONE', name, numPartitions: 3, replicationFactor: 1 });
    const returned = new Map(made.configs?.map((each) => [each.name, each.value]));
    expect([returned.get('retention.ms'), returned.get('cleanup.policy')]).toEqual(['60000', 'compact']);
    await vi.waitFor(async () => {
      const { error, partitions = [], topicId, isInternal } = await metadataOf(name);
      expect([error, partitions.length, isInternal]).toEqual(['NONE', 3, false]);
      expect(topicId).toBe(made.topicId);
      for (const { leaderId, replicaNodes, isrNodes, offlineReplicas } of partitions) {
        expect([replicaNodes, isrNodes, offlineReplicas]).toEqual([[leaderId], [leaderId], []]);
      }
    }, patient);
  });

  it('are refused for a bad name, count, factor or setting, and when they exist', async () => {
    for (const name of ['', '.', '..', 'a/b', 'é', 'x'.repeat(250)])
      expect([name, (await create(name)).error]).toEqual([name, 'INVALID_TOPIC_EXCEPTION']);
    expect((await create(freshName('none'), { partitions: 0 })).error).toBe('INVALID_PARTITIONS');
    expect((await create(freshName('many'), { replicas: 3 })).error).toBe('INVALID_REPLICATION_FACTOR');
    expect((await create(freshName('unset'), { configs: { 'no.such.setting': 1 } })).error).toBe(
      'INVALID_CONFIG',
    );
    expect((await create(freshName('bad'), { configs: { 'retention.ms': 'soon' } })).error).toBe(
      'INVALID_CONFIG',
    );
    expect((await create(freshName('bad'), { configs: { 'cleanup.policy': 'shred' } })).error).toBe(
      'INVALID_CONFIG',
    );
    const name = await newTopic(wire);
    expect((await create(name)).error).toBe('TOPIC_ALREADY_EXISTS');
  });

  it('take the default number of partitions and replicas for -1', async () => {
    expect(await create(freshName('default'), { partitions: -1, replicas: -1 })).toMatchObject({
      error: 'NONE',
      numPartitions: 1,
      replicationFactor: 1,
    });
  });

  it('are not created when they are only validated', async () => {
    const name = freshName('validated');
    expect((await create(name, { validateOnly: true })).error).toBe('NONE');
    expect((await metadataOf(name)).error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('may be placed by hand on the one node there is', async () => {
    const { brokers } = await wire.call(metadataV12.api, [], false, false);
    const node = brokers[0]?.nodeId ?? -1;
    const name = freshName('placed');
    const placed = await create(name, { partitions: -1, replicas: -1, assignments: [[node], [node]] });
    expect(placed).toMatchObject({ error: 'NONE', numPartitions: 2 });
    const elsewhere = await create(freshName('placed'), {
      partitions: -1,
      replicas: -1,
      assignments: [[node + 77]],
    });
    expect(elsewhere.error).toBe('INVALID_REPLICA_ASSIGNMENT');
  });

  it('are all listed when none is named, and none when the list is empty', async () => {
    const name = await newTopic(wire);
    const all = await wire.call(metadataV12.api, null, false, false);
    expect(all.topics.map((topic) => topic.name)).toContain(name);
    expect((await wire.call(metadataV12.api, [], false, false)).topics).toEqual([]);
  });

  it('grow, and never shrink', async () => {
    const name = await newTopic(wire, { partitions: 2 });
    expect(await grow(name, 4, true)).toBe('NONE');
    expect((await metadataOf(name)).partitions).toHaveLength(2);
    expect(await grow(name, 4)).toBe('NONE');
    await vi.waitFor(async () => {
      expect(await produce(wire, { topic: name, partition: 3 }, { records: [{ value: 'x' }] })).toMatchObject(
        {
          error: 'NONE',
          offset: 0,
        },
      );
    }, patient);
    expect(await grow(name, 4)).toBe('INVALID_PARTITIONS');
    expect(await grow(name, 1)).toBe('INVALID_PARTITIONS');
    expect(await grow(freshName('missing'), 2)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('are gone when they are deleted, with their records; a topic of the same name is a new one', async () => {
    const name = await newTopic(wire);
    await produce(wire, { topic: name }, { records: [{ value: 'old' }] });
    const { topicId } = await metadataOf(name);
    const { responses } = await wire.call(deleteTopicsV6.api, [{ name }], 10_000);
    expect(nameOf(responses[0]?.errorCode)).toBe('NONE');
    await vi.waitFor(async () => {
      expect((await metadataOf(name)).error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
      expect((await fetchFrom(wire, { topic: name, offset: 0 })).error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    }, patient);
    expect((await create(name)).error).toBe('NONE');
    await vi.waitFor(async () => {
      expect(await fetchFrom(wire, { topic: name, offset: 0 })).toMatchObject({
        error: 'NONE',
        highWatermark: 0,
      });
    }, patient);
    expect((await metadataOf(name)).topicId).not.toBe(topicId);
    const missing = await wire.call(deleteTopicsV6.api, [{ name: freshName('missing') }], 10_000);
    expect(nameOf(missing.responses[0]?.errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('are deleted by id too', async () => {
    const name = await newTopic(wire);
    const { topicId = '' } = await metadataOf(name);
    const { responses } = await wire.call(deleteTopicsV6.api, [{ name: null, topicId }], 10_000);
    expect(responses[0]).toMatchObject({ errorCode: 0, name });
    await vi.waitFor(async () => {
      expect((await metadataOf(name)).error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    }, patient);
  });

  it('describe their configuration: what is set, what is default, and where each comes from', async () => {
    const name = await newTopic(wire, { configs: { 'retention.ms': '60000', 'compression.type': 'gzip' } });
    const { error, configs } = await configsOf(name);
    expect(error).toBe('NONE');
    // 1: set on the topic; 5: the default.
    expect(configs.get('retention.ms')).toMatchObject({ value: '60000', configSource: 1, readOnly: false });
    expect(configs.get('compression.type')).toMatchObject({ value: 'gzip', configSource: 1 });
    expect(configs.get('cleanup.policy')).toMatchObject({ value: 'delete', configSource: 5 });
    expect(configs.get('retention.ms')?.synonyms[0]).toMatchObject({
      name: 'retention.ms',
      value: '60000',
      source: 1,
    });
    const usual = {
      'delete.retention.ms': '86400000',
      'max.message.bytes': '1048588',
      'message.timestamp.type': 'CreateTime',
      'min.cleanable.dirty.ratio': '0.5',
      'min.insync.replicas': '1',
      'retention.bytes': '-1',
      'segment.bytes': '1073741824',
      'segment.ms': '604800000',
    };
    for (const [key, value] of Object.entries(usual))
      expect([key, configs.get(key)?.value]).toEqual([key, value]);
    const some = await configsOf(name, ['retention.ms', 'segment.bytes']);
    expect([...some.configs.keys()].toSorted()).toEqual(['retention.ms', 'segment.bytes']);
    expect((await configsOf(freshName('missing'))).error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('change their configuration setting by setting', async () => {
    const name = await newTopic(wire, { configs: { 'retention.ms': '60000' } });
    const alter = async (
      changes: readonly (readonly [string, 0 | 1 | 2 | 3, string])[],
      { topic = name, validateOnly = false } = {},
    ) => {
      const resource = {
        resourceType: topicResource,
        resourceName: topic,
        configs: changes.map(([key, configOperation, value]) => ({ name: key, configOperation, value })),
      } as const;
      const { responses } = await wire.call(incrementalAlterConfigsV1.api, [resource], validateOnly);
      return nameOf(responses[0]?.errorCode);
    };
    const valueOf = async (key: string) => (await configsOf(name, [key])).configs.get(key)?.value;
    const untilIs = (key: string, value: string) =>
      vi.waitFor(async () => {
        expect(await valueOf(key)).toBe(value);
      }, patient);
    expect(await alter([['segment.bytes', set, '1048576']])).toBe('NONE');
    await untilIs('segment.bytes', '1048576');
    expect(await valueOf('retention.ms')).toBe('60000');
    expect(await alter([['cleanup.policy', append, 'compact']])).toBe('NONE');
    await untilIs('cleanup.policy', 'delete,compact');
    expect(await alter([['cleanup.policy', subtract, 'delete']])).toBe('NONE');
    await untilIs('cleanup.policy', 'compact');
    expect(await alter([['retention.ms', remove, '']])).toBe('NONE');
    await untilIs('retention.ms', '604800000');
    expect(await alter([['retention.ms', set, '5']], { validateOnly: true })).toBe('NONE');
    expect(await valueOf('retention.ms')).toBe('604800000');
    expect(await alter([['retention.ms', set, 'soon']])).toBe('INVALID_CONFIG');
    expect(await alter([['no.such.setting', set, '1']])).toBe('INVALID_CONFIG');
    expect(await alter([['retention.ms', append, '1']])).toBe('INVALID_CONFIG');
    const missing = await alter([['retention.ms', set, '1']], { topic: freshName('missing') });
    expect(missing).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('replace their whole configuration with AlterConfigs', async () => {
    const name = await newTopic(wire, { configs: { 'retention.ms': '60000' } });
    const configs = [{ name: 'segment.bytes', value: '1048576' }];
    const resource = { resourceType: topicResource, resourceName: name, configs } as const;
    const { responses } = await wire.call(alterConfigsV2.api, [resource], false);
    expect(nameOf(responses[0]?.errorCode)).toBe('NONE');
    await vi.waitFor(async () => {
      const now = (await configsOf(name)).configs;
      expect([now.get('segment.bytes')?.value, now.get('retention.ms')?.value]).toEqual([
        '1048576',
        '604800000',
      ]);
    }, patient);
  });

  it('are on one cluster with one broker, which is where the client is', async () => {
    const cluster = await wire.call(describeClusterV1.api, false, 1);
    const { clusterId, controllerId, brokers } = await wire.call(metadataV12.api, [], false, false);
    expect(cluster.clusterId).toBe(clusterId);
    expect(clusterId).toMatch(/^[\w-]{22}$/);
    expect(brokers).toHaveLength(1);
    expect(controllerId).toBe(brokers[0]?.nodeId);
    expect(`${brokers[0]?.host ?? ''}:${String(brokers[0]?.port)}`).toBe(address);
    expect(cluster.brokers).toMatchObject([{ brokerId: brokers[0]?.nodeId, host: brokers[0]?.host }]);
  });
});
