// Walks the batches of a segment's file in order, a piece of the file at a time.
import { claimedSize, headerSize, readHeader, type BatchHeader } from '../records/batch.ts';
import { readFully } from './files.ts';

const pieceBytes = 1024 * 1024;

/** Gets a batch, the bytes that it is in, and its position in the file. Ends the walk with false. */
export type Visit = (header: BatchHeader, bytes: Buffer, position: number) => boolean | Promise<boolean>;

/**
 * Visits the batches between two positions of a file.
 *
 * @returns where it ended: at `to`, at a batch that is not whole before `to`, or at the one on which `visit` gave false
 */
export async function scanBatches(fd: number, from: number, to: number, visit: Visit): Promise<number> {
  let position = from;
  let wanted = pieceBytes;
  while (position + headerSize <= to) {
    const piece = await readFully(fd, position, Math.min(wanted, to - position));
    let at = 0;
    for (;;) {
      const size = claimedSize(piece, at);
      if (size === undefined) break;
      if (size < headerSize || position + at + size > to) return position + at;
      if (at + size > piece.length) {
        wanted = Math.max(pieceBytes, size);
        break;
      }
      const header = readHeader(piece, at);
      if (header === undefined || !(await visit(header, piece, position + at))) return position + at;
      at += size;
    }
    if (at === 0 && piece.length < Math.min(wanted, to - position)) return position;
    position += at;
  }
  return position;
}
