// Cuts a connection's bytes into frames: four bytes of size, then that many bytes. A frame within one chunk is a view of it; nothing is
// allocated before all bytes of a frame have come.
import { MalformedMessage } from './malformed.ts';

const sizeLength = 4;
/** Key, version and correlation id: what a request begins with, bytes. */
const smallestRequest = 8;

/** The frames of one connection. */
export class Frames {
  readonly #maxSize: number;
  readonly #minSize: number;
  #chunks: Buffer[] = [];
  #received = 0;

  /** Sizes of a frame in bytes; the smallest is that of a request if not given. */
  constructor(maxSize: number, minSize = smallestRequest) {
    this.#maxSize = maxSize;
    this.#minSize = minSize;
  }

  /**
   * Takes the next bytes; gives the frames that are complete with them.
   *
   * @throws MalformedMessage for a size that no request has; the connection cannot be read any further
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    const frames: Buffer[] = [];
    for (;;) {
      const size = this.#nextSize();
      if (size === undefined || this.#received < sizeLength + size) return frames;
      const all = this.#joined();
      frames.push(all.subarray(sizeLength, sizeLength + size));
      const rest = all.subarray(sizeLength + size);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#received = rest.length;
    }
  }

  #nextSize(): number | undefined {
    if (this.#received < sizeLength) return undefined;
    const [first] = this.#chunks;
    const start = first !== undefined && first.length >= sizeLength ? first : this.#joined();
    const size = start.readInt32BE();
    if (size < this.#minSize || size > this.#maxSize)
      throw new MalformedMessage(
        `a frame of ${String(size)} bytes; from ${String(this.#minSize)} to ${String(this.#maxSize)} are taken`,
      );
    return size;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const all = Buffer.concat(this.#chunks, this.#received);
    this.#chunks = [all];
    return all;
  }
}
