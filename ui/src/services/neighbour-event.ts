// The event before or after one in its partition. Not every offset holds an event: a transaction's end is a marker, and takes one.
import { type Position } from '../models/position.ts';
import type { JournalEvent } from './contract.ts';
import { RequestFailed } from './http.ts';
import { readEvent } from './queries.ts';

/** How many offsets without an event are skipped before the log is taken to end there. */
export const mostMarkers = 5;

/**
 * Looks for the nearest event in one direction.
 *
 * @returns `undefined` when there is none within {@link mostMarkers} offsets
 * @throws RequestFailed when the journal cannot be read
 */
export async function neighbourEvent(
  { topic, partition, offset }: Position,
  step: 1 | -1,
): Promise<JournalEvent | undefined> {
  for (let skipped = 1; skipped <= mostMarkers && offset + step * skipped >= 0; skipped += 1) {
    try {
      return await readEvent(topic, String(partition), String(offset + step * skipped));
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.status !== 404) throw error;
    }
  }
  return undefined;
}
