// Reading a tree in order, in pieces: each piece is one short read of a snapshot, and the next begins behind the last key. Nothing is
// held between the pieces, so a cursor that waits for its client keeps no old snapshot of lmdb alive.
import type { Tree } from './store.ts';

export interface Range {
  /** Included. */
  readonly start: Buffer;
  /** Not included. */
  readonly end: Buffer;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

const FIRST_PIECE = 110;
const LARGEST_PIECE = 1000;
/** A piece ends once it holds this many bytes. */
const PIECE_BYTES = 1024 * 1024;

/**
 * The pieces of some ranges, which are ascending and apart.
 *
 * @param first how many entries the first piece has at most
 */
export function* pieces(
  tree: Tree,
  ranges: readonly Range[],
  reverse: boolean,
  first = FIRST_PIECE,
): Generator<readonly Entry[], void, undefined> {
  let most = Math.max(1, Math.min(first, LARGEST_PIECE));
  for (const { start, end } of reverse ? ranges.toReversed() : ranges) {
    let last: Buffer | undefined;
    for (;;) {
      const piece = reverse
        ? readDown(tree, start, last ?? end, most)
        : readUp(tree, last ?? start, end, last !== undefined, most);
      if (piece.entries.length > 0) yield piece.entries;
      if (piece.complete) break;
      last = piece.entries.at(-1)?.key;
      most = Math.min(most * 2, LARGEST_PIECE);
    }
  }
}

interface Piece {
  readonly entries: readonly Entry[];
  readonly complete: boolean;
}

function readUp(tree: Tree, from: Buffer, end: Buffer, behind: boolean, most: number): Piece {
  return gather(tree.getRange({ start: from, end, exclusiveStart: behind, limit: most }), most);
}

function readDown(tree: Tree, start: Buffer, below: Buffer, most: number): Piece {
  return gather(
    tree.getRange({
      start: below,
      exclusiveStart: true,
      end: start,
      inclusiveEnd: true,
      reverse: true,
      limit: most,
    }),
    most,
  );
}

function gather(range: Iterable<Entry>, most: number): Piece {
  const entries: Entry[] = [];
  let bytes = 0;
  for (const entry of range) {
    entries.push(entry);
    bytes += entry.value.length;
    if (bytes > PIECE_BYTES) return { entries, complete: false };
  }
  return { entries, complete: entries.length < most };
}

/** How many keys the ranges hold. */
export function countKeys(tree: Tree, ranges: readonly Range[]): number {
  let count = 0;
  for (const { start, end } of ranges) count += tree.getKeysCount({ start, end });
  return count;
}
