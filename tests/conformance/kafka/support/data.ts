// Topics, records and offsets at the level of the protocol, one partition at a time.
import { randomUUID } from 'node:crypto';
import {
  createTopicsV7,
  deleteRecordsV2,
  fetchV12,
  listOffsetsV7,
  produceV9,
  Writer,
} from '@platformatic/kafka';
import { vi } from 'vitest';
import { rawBatch, type RawBatch } from './batches.ts';
import { nameOf, type Wire } from './wire.ts';

/** A name that no other test uses: suites share one broker. */
export const freshName = (what: string): string => `${what}-${randomUUID().slice(0, 8)}`;

/** For `vi.waitFor`: a broker that is busy with other things may take this long. */
export const patient = { timeout: 20_000, interval: 20 };

/** Suites give records times of long ago, which a broker would soon delete. */
const forAges = { 'retention.ms': '-1' };

/** Creates a topic and waits until every partition is open. */
export async function newTopic(
  wire: Wire,
  {
    what = 'topic',
    partitions = 1,
    configs = {},
  }: {
    readonly what?: string;
    readonly partitions?: number;
    readonly configs?: Readonly<Record<string, string>>;
  } = {},
): Promise<string> {
  const name = freshName(what);
  const topic = {
    name,
    numPartitions: partitions,
    replicationFactor: 1,
    assignments: [],
    configs: Object.entries({ ...forAges, ...configs }).map(([key, value]) => ({ name: key, value })),
  };
  const created = await wire.call(createTopicsV7.api, [topic], 10_000, false);
  const error = nameOf(created.topics[0]?.errorCode);
  if (error !== 'NONE') throw new Error(`the topic ${name} was not created: ${error}`);
  await vi.waitFor(async () => {
    for (let partition = 0; partition < partitions; partition++) {
      const end = await offsetOf(wire, { topic: name, partition, timestamp: latest });
      if (end.error !== 'NONE') throw new Error(`${name} is not open: ${end.error}`);
    }
  }, patient);
  return name;
}

/** Where a batch goes, and how. */
export interface Produce {
  readonly topic: string;
  readonly partition?: number;
  readonly acks?: number;
  readonly transactionalId?: string | null;
}

/** Sends one batch, given as an object or as bytes. */
export async function produce(
  wire: Wire,
  { topic, partition = 0, acks = -1, transactionalId = null }: Produce,
  batch: RawBatch | Buffer,
): Promise<{ readonly error: string; readonly offset: number; readonly logStartOffset: number }> {
  const records = Buffer.isBuffer(batch) ? batch : rawBatch(batch);
  const { responses } = await wire.send({
    key: produceV9.api.key,
    version: produceV9.api.version,
    payload: () =>
      Writer.create()
        .appendString(transactionalId)
        .appendInt16(acks)
        .appendInt32(10_000)
        .appendArray([topic], (topics, name) => {
          topics.appendString(name).appendArray([partition], (partitions, index) => {
            partitions
              .appendInt32(index)
              .appendUnsignedVarInt(records.length + 1)
              .append(records);
          });
        })
        .appendTaggedFields(),
    parse: produceV9.parseResponse,
  });
  const answer = responses[0]?.partitionResponses[0];
  return {
    error: nameOf(answer?.errorCode),
    offset: Number(answer?.baseOffset ?? -2n),
    logStartOffset: Number(answer?.logStartOffset ?? -2n),
  };
}

/** A record as a consumer sees it; control records too. */
export interface SeenRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly control: boolean;
}

/** The answer for one partition. */
export interface Fetched {
  readonly error: string;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number }[];
  /** Everything that came, from the offset asked for. */
  readonly records: readonly SeenRecord[];
  /** What a consumer of that isolation gives to its user. */
  readonly visible: readonly SeenRecord[];
}

/** What is asked for. */
export interface Fetch {
  readonly topic: string;
  readonly partition?: number;
  readonly offset: number;
  readonly committed?: boolean;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
}

const textOf = (bytes: Buffer | null): string | null => bytes?.toString() ?? null;

/** Fetches from one partition. */
export async function fetchFrom(wire: Wire, request: Fetch): Promise<Fetched> {
  const { topic, partition = 0, offset, committed = false, maxWaitMs = 0, minBytes = 1 } = request;
  const { maxBytes = 50_000_000, partitionMaxBytes = maxBytes } = request;
  const where = {
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: BigInt(offset),
    lastFetchedEpoch: -1,
    partitionMaxBytes,
  };
  // Version 12 is the last that names topics; the encoder calls the name `topicId`.
  const topics = [{ topicId: topic, partitions: [where] }];
  const answer = await wire.call(
    fetchV12.api,
    maxWaitMs,
    minBytes,
    maxBytes,
    committed ? 1 : 0,
    0,
    -1,
    topics,
    [],
    '',
  );
  const got = answer.responses[0]?.partitions[0];
  const aborted = (got?.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
    producerId: Number(producerId),
    firstOffset: Number(firstOffset),
  }));
  const isAborted = consumerFilter(committed ? aborted : []);
  const records: SeenRecord[] = [];
  const visible: SeenRecord[] = [];
  for (const batch of got?.records ?? []) {
    const control = (batch.attributes & 0x20) !== 0;
    const of = (each: (typeof batch.records)[number]): SeenRecord => ({
      offset: Number(batch.firstOffset) + each.offsetDelta,
      key: control ? null : textOf(each.key),
      value: control ? null : textOf(each.value),
      timestamp: Number(batch.firstTimestamp + each.timestampDelta),
      control,
    });
    const seen = batch.records.map(of).filter((each) => each.offset >= offset);
    records.push(...seen);
    const commits = control && batch.records[0]?.key?.readInt16BE(2) === 1;
    const hidden = isAborted({ ...batch, first: Number(batch.firstOffset), control, commits });
    if (!hidden) visible.push(...seen);
  }
  return {
    error: nameOf(got?.errorCode ?? answer.errorCode),
    highWatermark: Number(got?.highWatermark ?? -2n),
    lastStableOffset: Number(got?.lastStableOffset ?? -2n),
    logStartOffset: Number(got?.logStartOffset ?? -2n),
    aborted,
    records,
    visible,
  };
}

/** Which batches a consumer leaves out: control batches, and those of transactions that the broker says are aborted (KIP-98). */
function consumerFilter(aborted: readonly { readonly producerId: number; readonly firstOffset: number }[]) {
  const coming = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  return (batch: {
    readonly producerId: bigint;
    readonly first: number;
    readonly attributes: number;
    readonly control: boolean;
    readonly commits: boolean;
  }): boolean => {
    const producerId = Number(batch.producerId);
    while (coming[0] !== undefined && coming[0].firstOffset <= batch.first)
      open.add(coming.shift()?.producerId ?? -1);
    if (batch.control) {
      if (!batch.commits) open.delete(producerId);
      return true;
    }
    return (batch.attributes & 0x10) !== 0 && open.has(producerId);
  };
}

/** Special timestamps of ListOffsets. */
export const latest = -1;
export const earliest = -2;
export const maxTimestamp = -3;

/** The offset of a time, or of `latest`, `earliest`, `maxTimestamp`. */
export async function offsetOf(
  wire: Wire,
  {
    topic,
    partition = 0,
    timestamp,
    committed = false,
  }: {
    readonly topic: string;
    readonly partition?: number;
    readonly timestamp: number;
    readonly committed?: boolean;
  },
): Promise<{ readonly error: string; readonly offset: number; readonly timestamp: number }> {
  const partitions = [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: BigInt(timestamp) }];
  const { topics } = await wire.call(listOffsetsV7.api, -1, committed ? 1 : 0, [{ name: topic, partitions }]);
  const got = topics[0]?.partitions[0];
  return {
    error: nameOf(got?.errorCode),
    offset: Number(got?.offset ?? -2n),
    timestamp: Number(got?.timestamp ?? -2n),
  };
}

/** Deletes the records below an offset; -1 means below the high watermark. */
export async function deleteBelow(
  wire: Wire,
  {
    topic,
    partition = 0,
    offset,
  }: { readonly topic: string; readonly partition?: number; readonly offset: number },
): Promise<{ readonly error: string; readonly lowWatermark: number }> {
  const partitions = [{ partitionIndex: partition, offset: BigInt(offset) }];
  const { topics } = await wire.call(deleteRecordsV2.api, [{ name: topic, partitions }], 10_000);
  const got = topics[0]?.partitions[0];
  return { error: nameOf(got?.errorCode), lowWatermark: Number(got?.lowWatermark ?? -2n) };
}
