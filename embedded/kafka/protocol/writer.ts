// Writes the protocol's primitive types. The result is a list of buffers, so that large bytes (fetched records) are passed on
// and never copied.

/** From this size on, bytes become a buffer of their own in the list instead of being copied. */
const passedOnFrom = 1024;
const firstSize = 512;

/** A message in the making. */
export class Writer {
  readonly #pieces: Buffer[] = [];
  #piecesLength = 0;
  #buffer = Buffer.allocUnsafe(firstSize);
  /** Where the part of `#buffer` that is not in `#pieces` begins. */
  #from = 0;
  #at = 0;

  /** Bytes written. */
  get length(): number {
    return this.#piecesLength + this.#at - this.#from;
  }

  #room(length: number): number {
    const at = this.#at;
    if (at + length > this.#buffer.length) {
      const written = this.#buffer.subarray(this.#from, at);
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, written.length + length));
      written.copy(larger);
      this.#buffer = larger;
      this.#from = 0;
      this.#at = written.length + length;
      return written.length;
    }
    this.#at = at + length;
    return at;
  }

  bool(value: boolean): void {
    const at = this.#room(1);
    this.#buffer[at] = value ? 1 : 0;
  }

  int8(value: number): void {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.#room(8);
    // 2^63 is what Java's largest long decodes to.
    if (value >= 2 ** 63) {
      this.#buffer.writeInt32BE(0x7fff_ffff, at);
      this.#buffer.writeInt32BE(-1, at + 4);
      return;
    }
    const high = Math.floor(value / 0x1_0000_0000);
    this.#buffer.writeInt32BE(high, at);
    this.#buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      const at = this.#room(1);
      this.#buffer[at] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    const at = this.#room(1);
    this.#buffer[at] = rest;
  }

  /** A signed number of seven bits a byte, zigzag. */
  varlong(value: number): void {
    this.unsignedVarint(value >= 0 ? value * 2 : value * -2 - 1);
  }

  /** Bytes with a varlong before them as their length; null is -1. */
  varBytes(value: Buffer | null): void {
    this.varlong(value === null ? -1 : value.length);
    if (value !== null) this.bytes(value);
  }

  uuid(value: string): void {
    const at = this.#room(16);
    if (value.length !== 22 || this.#buffer.write(value, at, 16, 'base64url') !== 16)
      throw new TypeError(`a uuid has 22 characters of base64url, not ${value}`);
  }

  text(value: string, length: number): void {
    const at = this.#room(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  bytes(value: Buffer): void {
    if (value.length >= passedOnFrom) {
      this.#setAside();
      this.#pieces.push(value);
      this.#piecesLength += value.length;
    } else {
      const at = this.#room(value.length);
      value.copy(this.#buffer, at);
    }
  }

  #setAside(): void {
    if (this.#at > this.#from) {
      this.#pieces.push(this.#buffer.subarray(this.#from, this.#at));
      this.#piecesLength += this.#at - this.#from;
      this.#from = this.#at;
    }
  }

  /** Everything written, in order; the writer is not used any more. */
  finish(): Buffer[] {
    this.#setAside();
    return this.#pieces;
  }
}
