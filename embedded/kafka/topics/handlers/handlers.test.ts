import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, removeDirectory, temporaryDirectory } from '../../log/testing.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Handler, RequestContext } from '../../protocol/handler.ts';
import { dataHandlers } from '../handlers.ts';
import { TopicRegistry } from '../registry.ts';

let directory = '';
let topics: TopicRegistry;
let handlers: ReturnType<typeof dataHandlers>;
const closing = new AbortController();
let context: RequestContext;

beforeEach(async () => {
  directory = await temporaryDirectory();
  topics = await TopicRegistry.open({ directory: join(directory, 'topics') });
  handlers = dataHandlers({
    topics,
    clusterId: 'cluster',
    endpoint: () => ({ nodeId: 0, host: 'localhost', port: 9092 }),
    checkTransaction: (id) =>
      id === 'open'
        ? errorCodes.NONE
        : id === 'old'
          ? errorCodes.PRODUCER_FENCED
          : errorCodes.INVALID_TXN_STATE,
  });
  context = { apiVersion: 12, clientId: 'test', clientHost: '/127.0.0.1', signal: closing.signal };
  await topics.create({ name: 't', partitions: 2, settings: new Map() });
});

afterEach(async () => {
  await topics.close();
  await removeDirectory(directory);
});

/** Calls a handler and takes its answer, which must be there. */
async function call<Request, Response>(
  handler: Handler<Request, Response>,
  request: Request,
  changed: Partial<RequestContext> = {},
): Promise<Response> {
  const response = await handler(request, { ...context, ...changed });
  if (response === null) throw new Error('there is no answer');
  return response;
}

const produceRequest = (
  records: Buffer | null,
  { acks = -1, topic = 't', index = 0, id = null as string | null } = {},
) => ({
  transactionalId: id,
  acks,
  timeoutMs: 1000,
  topicData: [{ name: topic, partitionData: [{ index, records }] }],
});
const produce = async (...args: Parameters<typeof produceRequest>) => {
  const { responses } = await call(handlers.produce, produceRequest(...args), { apiVersion: 9 });
  const [answer] = responses[0]?.partitionResponses ?? [];
  return answer;
};

const sizeOf = (records: Buffer | readonly Buffer[] | null | undefined): number =>
  records === null || records === undefined
    ? 0
    : Buffer.isBuffer(records)
      ? records.length
      : records.reduce((sum, { length }) => sum + length, 0);

interface Fetch {
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly maxBytes?: number;
  readonly isolationLevel?: number;
  readonly partitions?: readonly (readonly [partition: number, fetchOffset: number, maxBytes?: number])[];
}
const fetch = async (
  { minBytes = 1, maxWaitMs = 0, maxBytes = 1_000_000, isolationLevel = 0, partitions = [[0, 0]] }: Fetch,
  changed: Partial<RequestContext> = {},
) => {
  const response = await call(
    handlers.fetch,
    {
      clusterId: null,
      replicaId: -1,
      maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic: 't',
          partitions: partitions.map(([partition, fetchOffset, partitionMaxBytes = 1_000_000]) => ({
            partition,
            currentLeaderEpoch: -1,
            fetchOffset,
            lastFetchedEpoch: -1,
            logStartOffset: -1,
            partitionMaxBytes,
          })),
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    },
    changed,
  );
  return (response.responses[0]?.partitions ?? []).map(({ errorCode, records, highWatermark }) => ({
    errorCode,
    highWatermark,
    size: sizeOf(records),
  }));
};

describe('Produce', () => {
  it('answers acks=-1 when the records are on the disk', async () => {
    expect(await produce(batchOf(['a=1']))).toMatchObject({ errorCode: 0, baseOffset: 0, logStartOffset: 0 });
    expect(topics.partition('t', 0)?.highWatermark).toBe(1);
  });

  it('keeps the order of requests that overlap', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => produce(batchOf(['a=1']))));
    expect(answers.map((answer) => answer?.baseOffset)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('gives no answer to acks=0, and ends the connection when the records were refused', async () => {
    expect(await handlers.produce(produceRequest(batchOf(['a=1']), { acks: 0 }), context)).toBeNull();
    await expect(handlers.produce(produceRequest(null, { acks: 0 }), context)).rejects.toMatchObject({
      code: errorCodes.INVALID_RECORD,
    });
  });

  it('refuses with the code that Kafka has for it', async () => {
    const batch = batchOf(['a=1']);
    expect(await produce(batch, { acks: 2 })).toMatchObject({ errorCode: errorCodes.INVALID_REQUIRED_ACKS });
    expect(await produce(batch, { topic: 'none' })).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    });
    expect(await produce(batch, { index: 2 })).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    });
    expect(await produce(batch, { topic: '__transaction_state' })).toMatchObject({
      errorCode: errorCodes.INVALID_TOPIC_EXCEPTION,
    });
    const old = await call(handlers.produce, produceRequest(batch), { apiVersion: 2 });
    expect(old.responses[0]?.partitionResponses[0]?.errorCode).toBe(errorCodes.UNSUPPORTED_VERSION);
    const oldFormat = Buffer.from(batch);
    oldFormat.writeInt8(1, 16);
    expect(await produce(oldFormat)).toMatchObject({ errorCode: errorCodes.UNSUPPORTED_FOR_MESSAGE_FORMAT });
  });

  it('takes transactional records only into partitions of the transaction, and fences first', async () => {
    const inTransaction = (baseSequence: number, producerEpoch = 0) =>
      batchOf(['a=1'], { producerId: 7, producerEpoch, baseSequence, isTransactional: true });
    expect(await produce(inTransaction(0), { id: 'other' })).toMatchObject({
      errorCode: errorCodes.INVALID_TXN_STATE,
    });
    expect(await produce(inTransaction(1), { id: 'open' })).toMatchObject({
      errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
    expect(await produce(inTransaction(0), { id: 'open' })).toMatchObject({ errorCode: 0 });
    await topics.partition('t', 0)?.appendMarker('abort', 7, 1, 0);
    expect(await produce(inTransaction(1), { id: 'old' })).toMatchObject({
      errorCode: errorCodes.INVALID_PRODUCER_EPOCH,
    });
  });
});

describe('Fetch', () => {
  it('answers at once with what is there', async () => {
    await produce(batchOf(['a=1']));
    expect(await fetch({ maxWaitMs: 10_000 })).toMatchObject([
      { errorCode: 0, highWatermark: 1, size: expect.any(Number) as number },
    ]);
  });

  it('waits for records, and wakes when they are on the disk', async () => {
    const waiting = fetch({
      maxWaitMs: 10_000,
      partitions: [
        [0, 0],
        [1, 0],
      ],
    });
    await produce(batchOf(['a=1']), { index: 1 });
    const [first, second] = await waiting;
    expect(first?.size).toBe(0);
    expect(second?.size).toBeGreaterThan(0);
  });

  it('waits for as many bytes as are wanted', async () => {
    const size = batchOf(['a=1']).length;
    let isAnswered = false;
    const waiting = fetch({ minBytes: size * 3, maxWaitMs: 10_000 }).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await produce(batchOf(['a=1']));
    await produce(batchOf(['a=1']));
    expect(isAnswered).toBe(false);
    await produce(batchOf(['a=1']));
    expect(await waiting).toMatchObject([{ size: size * 3 }]);
  });

  it('answers with nothing when the time is over', async () => {
    const from = performance.now();
    expect(await fetch({ maxWaitMs: 50 })).toMatchObject([{ errorCode: 0, size: 0 }]);
    expect(performance.now() - from).toBeGreaterThanOrEqual(45);
  });

  it('ends with the connection, and leaves nothing behind', async () => {
    const connection = new AbortController();
    const waiting = fetch({ maxWaitMs: 60_000 }, { signal: connection.signal });
    await produce(batchOf(['a=1']), { index: 1 });
    expect(getEventListeners(connection.signal, 'abort')).toHaveLength(1);
    connection.abort();
    await waiting;
    expect(getEventListeners(connection.signal, 'abort')).toHaveLength(0);
  });

  it('ends when the topic is deleted', async () => {
    const waiting = fetch({ maxWaitMs: 60_000 });
    await produce(batchOf(['a=1']), { index: 1 });
    await topics.delete('t');
    expect(await waiting).toMatchObject([{ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION }]);
  });

  it('gives one batch although it is larger than wanted, and no second one', async () => {
    const size = batchOf(['a=1']).length;
    for (const index of [0, 1]) {
      await produce(batchOf(['a=1']), { index });
      await produce(batchOf(['a=1']), { index });
    }
    const sizes = async (request: Fetch) => (await fetch(request)).map((each) => each.size);
    expect(
      await sizes({
        partitions: [
          [0, 0, 1],
          [1, 0],
        ],
      }),
    ).toEqual([size, size * 2]);
    expect(
      await sizes({
        maxBytes: 1,
        partitions: [
          [0, 0],
          [1, 0],
        ],
      }),
    ).toEqual([size, 0]);
    expect(
      await sizes({
        maxBytes: size * 3,
        partitions: [
          [0, 0],
          [1, 0],
        ],
      }),
    ).toEqual([size * 2, size]);
  });

  it('wakes readers of committed records when a transaction ends', async () => {
    const log = topics.partition('t', 0);
    await produce(
      batchOf(['a=1'], { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
      {
        id: 'open',
      },
    );
    expect(await fetch({ isolationLevel: 1 })).toMatchObject([{ size: 0 }]);
    const waiting = fetch({ isolationLevel: 1, maxWaitMs: 10_000 });
    await log?.appendMarker('commit', 7, 0, 0);
    expect((await waiting)[0]?.size).toBeGreaterThan(0);
  });

  it('answers errors at once', async () => {
    expect(await fetch({ maxWaitMs: 60_000, partitions: [[0, 5]] })).toMatchObject([
      { errorCode: errorCodes.OFFSET_OUT_OF_RANGE, highWatermark: -1 },
    ]);
    expect(await fetch({ maxWaitMs: 60_000, partitions: [[9, 0]] })).toMatchObject([
      { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION },
    ]);
  });
});

describe('ListOffsets', () => {
  it('knows the ends for both isolations, times, and the latest time', async () => {
    await produce(batchOf(['a=1'], { timestamp: 100 }));
    await produce(
      batchOf(['b=1'], {
        timestamp: 200,
        producerId: 7,
        producerEpoch: 0,
        baseSequence: 0,
        isTransactional: true,
      }),
      { id: 'open' },
    );
    const ask = async (timestamp: number, isolationLevel = 0) => {
      const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
      const response = await call(handlers.listOffsets, {
        replicaId: -1,
        isolationLevel,
        topics: [{ name: 't', partitions }],
      });
      const [answer] = response.topics[0]?.partitions ?? [];
      return [answer?.offset, answer?.timestamp];
    };
    expect(await ask(-2)).toEqual([0, -1]);
    expect(await ask(-1)).toEqual([2, -1]);
    expect(await ask(-1, 1)).toEqual([1, -1]);
    expect(await ask(150)).toEqual([1, 200]);
    expect(await ask(150, 1)).toEqual([-1, -1]);
    expect(await ask(201)).toEqual([-1, -1]);
    expect(await ask(-3)).toEqual([1, 200]);
    expect(await ask(-3, 1)).toEqual([0, 100]);
  });
});

describe('Metadata', () => {
  const ask = async (names: readonly string[] | null, allowAutoTopicCreation = false, apiVersion = 12) => {
    const response = await call(
      handlers.metadata,
      {
        topics: names?.map((name) => ({ name, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' })) ?? null,
        allowAutoTopicCreation,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      },
      { apiVersion },
    );
    return response.topics.map(({ name, errorCode, partitions }) => [name, errorCode, partitions.length]);
  };

  it('tells of all topics, some, or none', async () => {
    expect(await ask(null)).toEqual([['t', 0, 2]]);
    expect(await ask([])).toEqual([]);
    expect(await ask([], false, 0)).toEqual([['t', 0, 2]]);
    expect(await ask(['t', 'none', 'no name'])).toEqual([
      ['t', 0, 2],
      ['none', errorCodes.UNKNOWN_TOPIC_OR_PARTITION, 0],
      ['no name', errorCodes.INVALID_TOPIC_EXCEPTION, 0],
    ]);
  });

  it('makes what is missing when it may', async () => {
    expect(await Promise.all([ask(['new'], true), ask(['new'], true)])).toEqual([
      [['new', 0, 1]],
      [['new', 0, 1]],
    ]);
  });
});

describe('topics and settings', () => {
  const asked = (name: string, rest: object = {}) => ({
    name,
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [],
    configs: [],
    ...rest,
  });
  const createTopics = async (all: readonly ReturnType<typeof asked>[], validateOnly = false) => {
    const response = await call(handlers.createTopics, { topics: all, timeoutMs: 1000, validateOnly });
    return response.topics;
  };

  it('CreateTopics answers each topic by itself', async () => {
    const answers = await createTopics([
      asked('new', { configs: [{ name: 'retention.ms', value: '5' }] }),
      asked('t'),
      asked('twice'),
      asked('twice'),
      asked('many', { replicationFactor: 3 }),
      asked('none', { numPartitions: 0 }),
      asked('manual', { assignments: [0, 1].map((partitionIndex) => ({ partitionIndex, brokerIds: [0] })) }),
      asked('elsewhere', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }),
    ]);
    expect(answers.map(({ errorCode, numPartitions }) => [errorCode, numPartitions])).toEqual([
      [0, 1],
      [errorCodes.TOPIC_ALREADY_EXISTS, -1],
      [errorCodes.INVALID_REQUEST, -1],
      [errorCodes.INVALID_REQUEST, -1],
      [errorCodes.INVALID_REPLICATION_FACTOR, -1],
      [errorCodes.INVALID_PARTITIONS, -1],
      [0, 2],
      [errorCodes.INVALID_REPLICA_ASSIGNMENT, -1],
    ]);
    expect(answers[0]?.configs).toContainEqual(
      expect.objectContaining({ name: 'retention.ms', value: '5', configSource: 1 }),
    );
    expect(topics.get('manual')?.partitions).toHaveLength(2);
  });

  it('CreateTopics makes nothing when it is only to look', async () => {
    expect(await createTopics([asked('new')], true)).toMatchObject([{ errorCode: 0 }]);
    expect(topics.get('new')).toBeUndefined();
  });

  it('DeleteTopics takes names and ids', async () => {
    const [made] = await createTopics([asked('new')]);
    const response = await call(handlers.deleteTopics, {
      topics: [
        { name: null, topicId: made?.topicId ?? '' },
        { name: 'none', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' },
        { name: null, topicId: 'BBBBBBBBBBBBBBBBBBBBBB' },
      ],
      topicNames: [],
      timeoutMs: 1000,
    });
    expect(response.responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['new', 0],
      ['none', errorCodes.UNKNOWN_TOPIC_OR_PARTITION],
      [null, errorCodes.UNKNOWN_TOPIC_ID],
    ]);
    expect(topics.list().map(({ name }) => name)).toEqual(['t']);
  });

  it('settings are described, changed one by one, and replaced', async () => {
    const resource = { resourceType: 2, resourceName: 't' };
    const describeOne = async (name: string) => {
      const response = await call(handlers.describeConfigs, {
        resources: [{ ...resource, configurationKeys: [name] }],
        includeSynonyms: true,
        includeDocumentation: false,
      });
      const [entry] = response.results[0]?.configs ?? [];
      return [entry?.value, entry?.configSource];
    };
    const change = async (
      name: string,
      configOperation: number,
      value: string | null,
      validateOnly = false,
    ) => {
      const configs = [{ name, configOperation, value }];
      const response = await call(handlers.incrementalAlterConfigs, {
        resources: [{ ...resource, configs }],
        validateOnly,
      });
      return response.responses[0]?.errorCode;
    };
    expect(await describeOne('retention.ms')).toEqual(['604800000', 5]);
    expect(await change('retention.ms', 0, '7', true)).toBe(0);
    expect(await describeOne('retention.ms')).toEqual(['604800000', 5]);
    expect(await change('retention.ms', 0, '7')).toBe(0);
    expect(await describeOne('retention.ms')).toEqual(['7', 1]);
    expect(await change('cleanup.policy', 2, 'compact')).toBe(0);
    expect(await describeOne('cleanup.policy')).toEqual(['delete,compact', 1]);
    expect(await change('cleanup.policy', 3, 'delete')).toBe(0);
    expect(await describeOne('cleanup.policy')).toEqual(['compact', 1]);
    expect(await change('retention.ms', 0, 'long')).toBe(errorCodes.INVALID_CONFIG);
    expect(await change('nonsense', 0, '1')).toBe(errorCodes.INVALID_CONFIG);
    expect(await change('retention.ms', 1, null)).toBe(0);
    expect(await describeOne('retention.ms')).toEqual(['604800000', 5]);
    await call(handlers.alterConfigs, {
      resources: [{ ...resource, configs: [{ name: 'retention.ms', value: '9' }] }],
      validateOnly: false,
    });
    expect(await describeOne('cleanup.policy')).toEqual(['delete', 5]);
    expect(await describeOne('retention.ms')).toEqual(['9', 1]);
  });

  it('the broker shows its settings, and nobody else has any', async () => {
    const ask = async (resourceType: number, resourceName: string) => {
      const response = await call(handlers.describeConfigs, {
        resources: [{ resourceType, resourceName, configurationKeys: null }],
        includeSynonyms: false,
        includeDocumentation: false,
      });
      const [result] = response.results;
      return [result?.errorCode, (result?.configs.length ?? 0) > 0];
    };
    expect(await ask(4, '0')).toEqual([0, true]);
    expect(await ask(4, '1')).toEqual([errorCodes.INVALID_REQUEST, false]);
    expect(await ask(2, 'none')).toEqual([errorCodes.UNKNOWN_TOPIC_OR_PARTITION, false]);
    expect(await ask(16, 'x')).toEqual([errorCodes.INVALID_REQUEST, false]);
  });

  it('DeleteRecords moves the start, but not of compacted topics', async () => {
    await produce(batchOf(['a=1', 'b=1', 'c=1']));
    const ask = async (offset: number) => {
      const partitions = [{ partitionIndex: 0, offset }];
      const response = await call(handlers.deleteRecords, {
        topics: [{ name: 't', partitions }],
        timeoutMs: 1000,
      });
      const [answer] = response.topics[0]?.partitions ?? [];
      return [answer?.lowWatermark, answer?.errorCode];
    };
    expect(await ask(2)).toEqual([2, 0]);
    expect(await ask(4)).toEqual([-1, errorCodes.OFFSET_OUT_OF_RANGE]);
    expect(await ask(-1)).toEqual([3, 0]);
    await topics.configure('t', () => new Map([['cleanup.policy', 'compact']]));
    expect(await ask(3)).toEqual([-1, errorCodes.POLICY_VIOLATION]);
  });

  it('OffsetForLeaderEpoch and DescribeProducers tell what the log knows', async () => {
    await produce(batchOf(['a=1'], { producerId: 7, producerEpoch: 3, baseSequence: 0 }));
    const epochs = await call(handlers.offsetForLeaderEpoch, {
      replicaId: -1,
      topics: [
        {
          topic: 't',
          partitions: [0, 1].map((leaderEpoch) => ({ partition: 0, currentLeaderEpoch: -1, leaderEpoch })),
        },
      ],
    });
    expect(epochs.topics[0]?.partitions).toMatchObject([
      { leaderEpoch: 0, endOffset: 1 },
      { leaderEpoch: -1, endOffset: -1 },
    ]);
    const producers = await call(handlers.describeProducers, {
      topics: [{ name: 't', partitionIndexes: [0] }],
    });
    expect(producers.topics[0]?.partitions[0]?.activeProducers).toMatchObject([
      { producerId: 7, producerEpoch: 3, lastSequence: 0, currentTxnStartOffset: -1 },
    ]);
  });
});
