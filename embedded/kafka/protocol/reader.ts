// Reads the protocol's primitive types from one frame, front to back. Nothing is allocated for a length or a count that the
// frame only claims: whatever goes past its end is malformed.
import { MalformedMessage } from './malformed.ts';

/**
 * Items that the arrays of one message may have together. An item takes a byte of a frame at least but a hundred of memory, so that
 * the limit on a frame's size alone would let 100 MB become 10 GB.
 */
const mostItems = 1_000_000;

/** A position in a frame. */
export class Reader {
  readonly buffer: Buffer;
  #at: number;
  #items = 0;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.#at = at;
  }

  get remaining(): number {
    return this.buffer.length - this.#at;
  }

  get position(): number {
    return this.#at;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.buffer.length - at)
      throw new MalformedMessage(
        `${String(length)} bytes wanted at ${String(at)} of a frame of ${String(this.buffer.length)}`,
      );
    this.#at = at + length;
    return at;
  }

  skip(length: number): void {
    this.#take(length);
  }

  bool(): boolean {
    return this.buffer[this.#take(1)] !== 0;
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4));
  }

  int64(): number {
    const at = this.#take(8);
    return this.buffer.readInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4);
  }

  /** An unsigned number of seven bits a byte, five bytes at most. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedMessage(`a varint of more than five bytes before ${String(this.#at)}`);
  }

  /** A signed number of seven bits a byte, zigzag, ten bytes at most: what records are written with. */
  varlong(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new MalformedMessage(`a varlong of more than ten bytes before ${String(this.#at)}`);
  }

  uuid(): string {
    const at = this.#take(16);
    return this.buffer.toString('base64url', at, at + 16);
  }

  text(length: number): string {
    const at = this.#take(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  /** Bytes with a varlong before them as their length; -1 is null. */
  varBytes(): Buffer | null {
    const length = this.varlong();
    if (length < -1) throw new MalformedMessage(`a length of ${String(length)} before ${String(this.#at)}`);
    return length === -1 ? null : this.view(length);
  }

  /** A view of the frame. */
  view(length: number): Buffer {
    const at = this.#take(length);
    return this.buffer.subarray(at, at + length);
  }

  /** Takes note of an array's items before they are read. */
  expectItems(count: number): void {
    this.#items += count;
    if (count > this.remaining || this.#items > mostItems)
      throw new MalformedMessage(
        `an array of ${String(count)} items with ${String(this.remaining)} bytes left in the frame`,
      );
  }
}
