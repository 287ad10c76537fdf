// Cuts the bytes of a connection into messages. Nothing is allocated for a length that a client only declares: bytes are kept as they
// come and put together when the message is whole.

/** Largest message (`maxMessageSizeBytes` of hello), in bytes. */
export const LARGEST_MESSAGE = 48_000_000;
/** Length, request id, answer to, operation. */
export const HEADER = 16;

export class FrameReader {
  private chunks: Buffer[] = [];
  private held = 0;
  /** Of the message that is coming; 0 while its first four bytes are not there. */
  private wanted = 0;

  /**
   * Takes what has come.
   *
   * @returns The messages that it completes, each with its header
   * @throws RangeError when a message declares a length that none can have: the connection is of no use after that
   */
  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.chunks.push(chunk);
    this.held += chunk.length;
    for (;;) {
      if (this.wanted === 0) {
        if (this.held < 4) return messages;
        this.wanted = this.declared();
      }
      if (this.held < this.wanted) return messages;
      messages.push(this.take(this.wanted));
      this.wanted = 0;
    }
  }

  private declared(): number {
    const [first] = this.chunks;
    if (first === undefined || first.length < 4) this.chunks = [Buffer.concat(this.chunks)];
    const length = this.chunks[0]?.readInt32LE(0) ?? 0;
    if (length < HEADER || length > LARGEST_MESSAGE)
      throw new RangeError(`a message declares ${String(length)} bytes`);
    return length;
  }

  private take(length: number): Buffer {
    const [first] = this.chunks;
    const whole = first !== undefined && this.chunks.length === 1 ? first : Buffer.concat(this.chunks);
    const rest = whole.subarray(length);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.held = rest.length;
    return whole.length === length ? whole : whole.subarray(0, length);
  }
}
