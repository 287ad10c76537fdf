import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, mustAppend, readAll, removeDirectory, temporaryDirectory } from '../log/testing.ts';
import { errorCodes } from '../protocol/errors.ts';
import { TopicRegistry } from './registry.ts';

let directory = '';
let topics: TopicRegistry;

const open = async () => {
  topics = await TopicRegistry.open({ directory: join(directory, 'topics') });
};
const restart = async () => {
  await topics.close();
  await open();
};
const create = (name: string, partitions = 1, settings: Record<string, string> = {}) =>
  topics.create({ name, partitions, settings: new Map(Object.entries(settings)) });

beforeEach(async () => {
  directory = await temporaryDirectory();
  await open();
});

afterEach(async () => {
  await topics.close();
  await removeDirectory(directory);
});

describe('topics', () => {
  it('are there after a restart, with id, partitions, settings and records', async () => {
    const { id, partitions } = await create('orders', 3, { 'segment.bytes': '2000000' });
    await mustAppend(partitions[2] ?? (await topics.openInternal('x')), batchOf(['a=1'])).synced;
    await restart();
    const topic = topics.get('orders');
    expect(topic).toMatchObject({ id, isInternal: false });
    expect(topic?.settings).toEqual(new Map([['segment.bytes', '2000000']]));
    expect(topics.byId(id)?.name).toBe('orders');
    const ends = topic?.partitions.map(({ logEndOffset, config }) => [logEndOffset, config.segmentBytes]);
    expect(ends).toEqual([
      [0, 2_000_000],
      [0, 2_000_000],
      [1, 2_000_000],
    ]);
  });

  it('are another one when they are deleted and made again', async () => {
    const first = await create('orders');
    const log = topics.partition('orders', 0);
    let told = false;
    log?.onProgress(() => (told = true));
    await topics.delete('orders');
    expect({ told, isClosed: log?.isClosed, topic: topics.get('orders') }).toEqual({
      told: true,
      isClosed: true,
      topic: undefined,
    });
    expect(log?.append(batchOf(['a=1'])).kind).toBe('refused');
    const second = await create('orders');
    expect(second.id).not.toBe(first.id);
    await restart();
    expect(topics.list().map(({ id }) => id)).toEqual([second.id]);
    expect(await readdir(join(directory, 'topics'))).toHaveLength(1);
  });

  it('that were half made or half deleted when the process ended are not there', async () => {
    await topics.close();
    await mkdir(join(directory, 'topics', 'a.1111111111111111111111.new', '0'), { recursive: true });
    await mkdir(join(directory, 'topics', 'b.2222222222222222222222.deleted', '0'), { recursive: true });
    await open();
    expect(topics.list()).toEqual([]);
    expect(await readdir(join(directory, 'topics'))).toEqual([]);
  });

  it('get more partitions, never fewer', async () => {
    await create('orders', 2);
    await topics.addPartitions('orders', 4);
    await restart();
    expect(topics.get('orders')?.partitions).toHaveLength(4);
    const refused = { code: errorCodes.INVALID_PARTITIONS };
    await expect(topics.addPartitions('orders', 4)).rejects.toMatchObject(refused);
    await expect(topics.addPartitions('orders', 3)).rejects.toMatchObject(refused);
    await expect(topics.addPartitions('none', 3)).rejects.toMatchObject({
      code: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    });
  });

  it('are refused when they cannot be', async () => {
    await create('a.b');
    const code = (name: string, partitions = 1, settings = {}) =>
      create(name, partitions, settings).then(
        () => 0,
        (error: unknown) => (error as { readonly code?: number }).code,
      );
    expect(await code('a.b')).toBe(errorCodes.TOPIC_ALREADY_EXISTS);
    for (const name of ['', '.', '..', 'a b', 'ä', 'a/b', 'x'.repeat(250), 'a_b']) {
      expect(await code(name), name).toBe(errorCodes.INVALID_TOPIC_EXCEPTION);
    }
    expect(await code('c', 0)).toBe(errorCodes.INVALID_PARTITIONS);
    expect(await code('c', 1, { nonsense: '1' })).toBe(errorCodes.INVALID_CONFIG);
    expect(await code('c', 1, { 'retention.ms': '-2' })).toBe(errorCodes.INVALID_CONFIG);
    expect(await code('c', 1, { 'cleanup.policy': 'keep' })).toBe(errorCodes.INVALID_CONFIG);
    expect(await code('x'.repeat(249))).toBe(0);
  });

  it('that two ask for at once are made once', async () => {
    const outcomes = await Promise.allSettled([create('orders'), create('orders')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('follow their settings as soon as these are changed', async () => {
    await create('orders', 1);
    await topics.configure('orders', () => new Map([['max.message.bytes', '100']]));
    const result = topics.partition('orders', 0)?.append(batchOf([`a=${'x'.repeat(100)}`]));
    expect(result).toMatchObject({ code: errorCodes.MESSAGE_TOO_LARGE });
    await restart();
    expect(topics.partition('orders', 0)?.config.maxMessageBytes).toBe(100);
  });
});

it("the broker's own topics are compacted, are made once, and cannot be deleted", async () => {
  const log = await topics.openInternal('__consumer_offsets');
  await log.appendInternal(batchOf(['a=1']));
  expect(log.config).toMatchObject({ compacts: true, deletes: false });
  await restart();
  expect(await readAll(await topics.openInternal('__consumer_offsets'))).toHaveLength(1);
  expect(topics.get('__consumer_offsets')?.isInternal).toBe(true);
  await expect(topics.delete('__consumer_offsets')).rejects.toMatchObject({
    code: errorCodes.INVALID_TOPIC_EXCEPTION,
  });
});
