// What a log knows beside its segments, written now and then and at a clean stop (`checkpoint.json`): where it begins, its
// producers and transactions, and up to where all of this and the last segment's index reach. Opening a log reads on from there;
// without the file, from the beginning.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './files.ts';
import type { Producer } from './producers.ts';
import type { TransactionsSnapshot } from './transactions.ts';

/** A pass of the compaction: everything below `upTo` was compacted by the time `at` (ms). */
export interface CompactionPass {
  readonly upTo: number;
  readonly at: number;
}

/** The state of a log at one offset. */
export interface Checkpoint {
  /** First offset that readers may ask for. */
  readonly logStartOffset: number;
  /** Base offset of the segment in which the checkpoint lies, and the position in it. */
  readonly segment: number;
  readonly position: number;
  /** The first offset that is not part of this checkpoint. */
  readonly offset: number;
  readonly producers: readonly Producer[];
  readonly transactions: TransactionsSnapshot;
  readonly compaction: readonly CompactionPass[];
}

const format = 1;
const pathIn = (directory: string): string => join(directory, 'checkpoint.json');

/** The checkpoint as it is now, for {@link writeCheckpoint}: what it is made of goes on changing. */
export const encodeCheckpoint = (checkpoint: Checkpoint): string => JSON.stringify({ format, ...checkpoint });

/** Writes an encoded checkpoint durably, in the place of the one before. */
export async function writeCheckpoint(directory: string, encoded: string): Promise<void> {
  await replaceFile(pathIn(directory), encoded);
}

/** Undefined when there is none, or one of another format. */
export async function readCheckpoint(directory: string): Promise<Checkpoint | undefined> {
  const text = await readFile(pathIn(directory), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as Checkpoint & { readonly format: number };
    return parsed.format === format ? parsed : undefined;
  } catch {
    return undefined;
  }
}
