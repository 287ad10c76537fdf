// Whether a client's batch may be appended to a log with these settings. Sequences and transactions are the log's to check: they
// depend on what is in it.
import { validateBatch, type BatchHeader } from '../records/batch.ts';
import { isReadable } from '../records/records.ts';
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { LogConfig } from './log-config.ts';
import { unpack } from './unpack.ts';

/** A batch that is not appended, and why. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: ErrorCode;
  readonly message: string;
}

export const refused = (code: ErrorCode, message: string): Refusal => ({ kind: 'refused', code, message });

/** Why the batch may not be appended, as Kafka's LogValidator; undefined when it may. `now` in ms. */
export function refusalOf(
  batch: Buffer,
  header: BatchHeader,
  config: LogConfig,
  now: number,
): Refusal | undefined {
  const { sizeInBytes, maxTimestamp } = header;
  if (sizeInBytes > config.maxMessageBytes) {
    return refused(
      errorCodes.MESSAGE_TOO_LARGE,
      `a batch of ${String(sizeInBytes)} bytes is larger than max.message.bytes, ${String(config.maxMessageBytes)}`,
    );
  }
  const code = validateBatch(batch, header);
  if (code !== errorCodes.NONE) return refused(code, 'the record batch is not valid');
  if (sizeInBytes !== batch.length) {
    return refused(errorCodes.INVALID_RECORD, 'there must be exactly one batch for a partition');
  }
  const isTooNew = maxTimestamp > now + config.timestampAfterMaxMs;
  const isTooOld = maxTimestamp >= 0 && maxTimestamp < now - config.timestampBeforeMaxMs;
  if (config.timestampType === 'createTime' && (isTooNew || isTooOld)) {
    return refused(
      errorCodes.INVALID_TIMESTAMP,
      `timestamp ${String(maxTimestamp)} is too far from the broker's time`,
    );
  }
  if (config.compacts && isReadable(header) && !haveKeys(batch, header)) {
    return refused(errorCodes.INVALID_RECORD, 'the records of a compacted topic must have keys');
  }
  return undefined;
}

const haveKeys = (batch: Buffer, header: BatchHeader): boolean =>
  unpack(batch, header)?.every(({ key }) => key !== null) === true;
