// Fetch: reads batches from each partition in turn, up to the bytes that are asked for, and waits for more while there are fewer than
// the client wants. There are no fetch sessions (KIP-227): every request says all it wants, which clients take from session id 0.
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import type { FetchRequest } from '../../protocol/messages/fetch.ts';
import { leaderEpoch, type PartitionLog } from '../../log/partition-log.ts';
import type { Isolation, ReadResult } from '../../log/log-results.ts';
import type { TopicRegistry } from '../registry.ts';

/** Kafka's `fetch.max.bytes` of brokers: what a client asks for beyond it, it does not get at once. */
const mostBytes = 55 * 1024 * 1024;

type Wanted = FetchRequest['topics'][number]['partitions'][number];

/** A partition's part of the answer. */
interface Fetched {
  readonly partition: number;
  readonly log: PartitionLog | undefined;
  readonly result: ReadResult;
  /** Of the log when it was read: what it has grown by since tells whether reading again is worth it. */
  readonly logSize: number;
}

interface FetchedTopic {
  readonly topic: string;
  readonly partitions: readonly Fetched[];
}

/** The handler of Fetch. */
export function fetchHandler(topics: TopicRegistry): Handlers['fetch'] {
  return async (request, { signal }) => {
    if (request.sessionId !== 0 && request.sessionEpoch > 0) {
      return { errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0, responses: [] };
    }
    const until = performance.now() + request.maxWaitMs;
    let fetched = await read(topics, request);
    while (!isEnough(fetched, request.minBytes) && !signal.aborted) {
      const left = until - performance.now();
      if (left <= 0 || !(await progress(fetched, request.minBytes, left, signal))) break;
      fetched = await read(topics, request);
    }
    return {
      errorCode: errorCodes.NONE,
      sessionId: 0,
      responses: fetched.map(({ topic, partitions }) => ({ topic, partitions: partitions.map(answer) })),
    };
  };
}

async function read(topics: TopicRegistry, request: FetchRequest): Promise<FetchedTopic[]> {
  const isolation: Isolation = request.isolationLevel === 1 ? 'readCommitted' : 'readUncommitted';
  let left = Math.min(request.maxBytes, mostBytes);
  let isEmpty = true;
  const fetched: FetchedTopic[] = [];
  for (const { topic, partitions } of request.topics) {
    const results: Fetched[] = [];
    for (const wanted of partitions) {
      const log = topics.partition(topic, wanted.partition);
      const logSize = log?.sizeInBytes ?? 0;
      let result = await readPartition(log, wanted, isEmpty || left > 0 ? left : 0, isolation);
      // Only the first batch of all may be larger than what is asked for.
      if (!isEmpty && result.sizeInBytes > left) result = { ...result, records: [], sizeInBytes: 0 };
      if (result.sizeInBytes > 0) isEmpty = false;
      left -= result.sizeInBytes;
      results.push({ partition: wanted.partition, log, result, logSize });
    }
    fetched.push({ topic, partitions: results });
  }
  return fetched;
}

async function readPartition(
  log: PartitionLog | undefined,
  wanted: Wanted,
  left: number,
  isolation: Isolation,
): Promise<ReadResult> {
  if (log === undefined || log.isClosed) return failed(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
  if (wanted.currentLeaderEpoch > leaderEpoch) return failed(errorCodes.UNKNOWN_LEADER_EPOCH);
  const maxBytes = Math.max(0, Math.min(wanted.partitionMaxBytes, left));
  const result = await log.read({ offset: wanted.fetchOffset, maxBytes, isolation });
  return result.errorCode === errorCodes.NONE ? result : { ...result, ...failed(result.errorCode) };
}

const failed = (errorCode: ErrorCode): ReadResult => ({
  errorCode,
  records: [],
  sizeInBytes: 0,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  abortedTransactions: null,
});

const partitionsOf = (fetched: readonly FetchedTopic[]): Fetched[] =>
  fetched.flatMap(({ partitions }) => [...partitions]);

function isEnough(fetched: readonly FetchedTopic[], minBytes: number): boolean {
  let size = 0;
  for (const { result } of partitionsOf(fetched)) {
    if (result.errorCode !== errorCodes.NONE) return true;
    size += result.sizeInBytes;
  }
  return size >= minBytes;
}

/**
 * Waits until reading again is worth it, for at most `timeout` ms.
 *
 * @returns whether it is
 */
function progress(
  fetched: readonly FetchedTopic[],
  minBytes: number,
  timeout: number,
  signal: AbortSignal,
): Promise<boolean> {
  const partitions = partitionsOf(fetched);
  const isWorthIt = () => {
    let size = 0;
    let hasMoved = false;
    for (const { log, result, logSize } of partitions) {
      if (log === undefined || log.isClosed) return true;
      size += result.sizeInBytes + Math.max(0, log.sizeInBytes - logSize);
      const { highWatermark, lastStableOffset } = log;
      hasMoved ||= highWatermark !== result.highWatermark || lastStableOffset !== result.lastStableOffset;
    }
    // What a transaction has held back is not counted in what the log has grown by.
    const isHeldBack = partitions.some(({ result }) => result.lastStableOffset < result.highWatermark);
    return hasMoved && (size >= minBytes || isHeldBack);
  };
  if (isWorthIt()) return Promise.resolve(true);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const look = () => {
    if (isWorthIt()) resolve(true);
  };
  const stop = () => {
    resolve(false);
  };
  const timer = setTimeout(stop, timeout);
  signal.addEventListener('abort', stop, { once: true });
  const unlisten = partitions.map(({ log }) => log?.onProgress(look));
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    for (const end of unlisten) end?.();
  });
}

const answer = ({ partition, result }: Fetched) => ({
  partitionIndex: partition,
  errorCode: result.errorCode,
  highWatermark: result.highWatermark,
  lastStableOffset: result.lastStableOffset,
  logStartOffset: result.logStartOffset,
  abortedTransactions: result.abortedTransactions,
  preferredReadReplica: -1,
  records: result.records,
});
