// Produce: appends each partition's batch and answers when it is on the disk (acks=-1) or at once (acks=1 and 0). The appends are
// made before anything is waited for, so that requests which come one after the other keep their order and share a sync.
import { errorCodes, errorName, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import type { BatchHeader } from '../../records/batch.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import type { AppendResult } from '../../log/log-results.ts';
import type { TopicRegistry } from '../registry.ts';
import { isInternal } from '../topic-name.ts';

/** Whether a producer's transaction writes to this partition: NONE, or why not (the transaction coordinator's word, KIP-890). */
export type CheckTransaction = (
  transactionalId: string,
  producer: { readonly producerId: number; readonly producerEpoch: number },
  topic: string,
  partition: number,
) => ErrorCode;

/** What Produce calls the coordinator's errors: clients of it know no others. The latter has them try again. */
const forProducers: ReadonlyMap<ErrorCode, ErrorCode> = new Map([
  [errorCodes.PRODUCER_FENCED, errorCodes.INVALID_PRODUCER_EPOCH],
  [errorCodes.CONCURRENT_TRANSACTIONS, errorCodes.NOT_ENOUGH_REPLICAS],
]);

/** First version with record batches of the format that is stored. */
const firstVersion = 3;

/** Who does not wait for the disk waits all the same when this much is on the way to it. */
const unsyncedBytes = 32 * 1024 * 1024;

interface Produced {
  readonly index: number;
  readonly log: PartitionLog | undefined;
  readonly result: AppendResult;
}

/** The handler of Produce. */
export function produceHandler(
  topics: TopicRegistry,
  checkTransaction: CheckTransaction = () => errorCodes.NONE,
): Handlers['produce'] {
  return async (request, context) => {
    const { acks, transactionalId } = request;
    const refusal = refusalOf(acks, context.apiVersion);
    const append = (topic: string, index: number, records: Buffer | null): Produced => {
      const log = topics.partition(topic, index);
      if (refusal !== undefined) return { index, log, result: refusal };
      if (isInternal(topic)) return { index, log, result: refused(errorCodes.INVALID_TOPIC_EXCEPTION) };
      if (log === undefined) return { index, log, result: refused(errorCodes.UNKNOWN_TOPIC_OR_PARTITION) };
      if (records === null || records.length === 0) {
        return { index, log, result: refused(errorCodes.INVALID_RECORD, 'there is no record batch') };
      }
      const check = (header: BatchHeader) => {
        if (transactionalId === null) return errorCodes.NONE;
        const code = checkTransaction(transactionalId, header, topic, index);
        return forProducers.get(code) ?? code;
      };
      return { index, log, result: log.append(records, check) };
    };
    const produced = request.topicData.map(({ name, partitionData }) => ({
      name,
      partitions: partitionData.map(({ index, records }) => append(name, index, records)),
    }));
    const all = produced.flatMap(({ partitions }) => partitions);
    await Promise.allSettled(all.filter((each) => acks === -1 || isFarBehind(each)).map(synced));
    if (acks === 0) {
      const failed = all.find(({ result }) => result.kind === 'refused');
      // There is no answer that could say so: the client learns it from the closed connection, as with Kafka.
      if (failed?.result.kind === 'refused')
        throw new ProtocolError(failed.result.code, failed.result.message);
      return null;
    }
    const responses = [];
    for (const { name, partitions } of produced) {
      const partitionResponses = await Promise.all(partitions.map((each) => answer(each, acks === -1)));
      responses.push({ name, partitionResponses });
    }
    return { responses };
  };
}

function refusalOf(acks: number, version: number): AppendResult | undefined {
  if (version < firstVersion) {
    return refused(
      errorCodes.UNSUPPORTED_VERSION,
      `Produce is served from version ${String(firstVersion)} on`,
    );
  }
  return acks === -1 || acks === 0 || acks === 1 ? undefined : refused(errorCodes.INVALID_REQUIRED_ACKS);
}

const refused = (code: ErrorCode, message = errorName(code)): AppendResult => ({
  kind: 'refused',
  code,
  message,
});

const synced = async ({ result }: Produced): Promise<void> => {
  if (result.kind !== 'refused') await result.synced;
};

const isFarBehind = ({ log }: Produced): boolean => (log?.unsyncedBytes ?? 0) > unsyncedBytes;

async function answer({ index, log, result }: Produced, isSyncAwaited: boolean) {
  if (result.kind === 'refused') return refusedAnswer(index, result.code, result.message);
  if (isSyncAwaited) {
    try {
      await result.synced;
    } catch (error) {
      return refusedAnswer(index, errorCodes.KAFKA_STORAGE_ERROR, String(error));
    }
  }
  return {
    index,
    errorCode: errorCodes.NONE,
    baseOffset: result.baseOffset,
    logAppendTimeMs: result.logAppendTime,
    logStartOffset: log?.logStartOffset ?? -1,
    recordErrors: [],
    errorMessage: null,
  };
}

const refusedAnswer = (index: number, errorCode: ErrorCode, errorMessage: string) => ({
  index,
  errorCode,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  recordErrors: [],
  errorMessage,
});
