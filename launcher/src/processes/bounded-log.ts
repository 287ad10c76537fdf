// The log of one process: its last lines in memory, for messages, and everything in a file that never passes twice its limit
// (the file, and the one before it as `<file>.1`).
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How many lines a message about a failure shows. */
const tailLines = 40;
/** A longer line is cut: a tail is for reading. */
const longestTailLine = 2_000;

/** Where a process's lines go. */
export interface BoundedLog {
  readonly file: string | undefined;
  write(line: string): void;
  /** The last lines, indented. */
  tail(): string;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Opens a log.
 *
 * @param file - where to keep it; `undefined` keeps the tail only
 * @param limit - size at which the file is set aside, bytes
 */
export function openLog(file?: string, limit = 5_000_000): BoundedLog {
  const last: string[] = [];
  let size = 0;
  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    size = sizeOf(file);
  }
  return {
    file,
    write(line) {
      last.push(line.length > longestTailLine ? `${line.slice(0, longestTailLine)}…` : line);
      if (last.length > tailLines) last.shift();
      if (file === undefined) return;
      if (size > limit) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, `${line}\n`);
      size += Buffer.byteLength(line) + 1;
    },
    tail: () => (last.length === 0 ? '  (it printed nothing)' : last.map((line) => `  ${line}`).join('\n')),
  };
}
