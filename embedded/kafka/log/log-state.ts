// What a log's batches add up to: the producers and transactions of the partition. The same function takes up a batch when it is
// appended and when it is read again at the opening of the log.
import { records } from '../records/records.ts';
import type { BatchHeader } from '../records/batch.ts';
import { Producers } from './producers.ts';
import { Transactions } from './transactions.ts';

/** The producers and transactions of a partition. */
export interface LogState {
  readonly producers: Producers;
  readonly transactions: Transactions;
}

export const emptyState = (): LogState => ({ producers: new Producers(), transactions: new Transactions() });

/** Takes up a batch that has its offset; `now` is when it was written, in ms. */
export function noteBatch(state: LogState, header: BatchHeader, bytes: Buffer, now: number): void {
  const { producerId, producerEpoch, baseOffset } = header;
  if (producerId < 0) return;
  if (header.isControl) {
    const marker = readMarker(bytes, header);
    if (marker === undefined) return;
    state.producers.noteMarker(producerId, producerEpoch, marker.coordinatorEpoch, now);
    state.transactions.end(marker.kind, producerId, baseOffset);
    return;
  }
  state.producers.noteBatch(header, baseOffset, now);
  if (header.isTransactional) state.transactions.begin(producerId, baseOffset);
}

interface Marker {
  readonly kind: 'commit' | 'abort';
  readonly coordinatorEpoch: number;
}

/** What a control batch says; undefined when it is of a type that is none of ours. */
function readMarker(bytes: Buffer, header: BatchHeader): Marker | undefined {
  const [record] = records(bytes, header);
  if (record === undefined || record.key === null || record.key.length < 4) return undefined;
  const type = record.key.readInt16BE(2);
  if (type !== 0 && type !== 1) return undefined;
  const coordinatorEpoch =
    record.value !== null && record.value.length >= 6 ? record.value.readInt32BE(2) : -1;
  return { kind: type === 1 ? 'commit' : 'abort', coordinatorEpoch };
}
