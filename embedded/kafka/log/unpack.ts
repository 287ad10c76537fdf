// The records of a batch, for the broker's own purposes. Clients compress what they like: what cannot be unpacked, because Node lacks
// the codec or because it is nonsense, is stored and served like any other batch, and stays whole.
import type { BatchHeader } from '../records/batch.ts';
import { isReadable, records, type BatchRecord } from '../records/records.ts';

/** All records of a batch; undefined when they cannot be read. */
export function unpack(bytes: Buffer, header: BatchHeader): readonly BatchRecord[] | undefined {
  if (!isReadable(header)) return undefined;
  try {
    return [...records(bytes, header)];
  } catch {
    return undefined;
  }
}
