// LZ4 (github.com/lz4/lz4, lz4_Block_format.md and lz4_Frame_format.md), unpacking only. Checksums are not looked at: the batch has its own.
import { MalformedMessage } from '../protocol/malformed.ts';

const frameMagic = 0x184d2204;
/** The largest block that a frame may have, bytes. */
const largestBlock = 4 * 1024 * 1024;

const malformed = (): never => {
  throw new MalformedMessage('bytes that are not LZ4');
};

/** What has been unpacked so far; blocks may refer to those before them. */
interface Output {
  bytes: Buffer;
  length: number;
}

/** @throws MalformedMessage when it is not LZ4, or larger than `maxOutputLength` bytes when unpacked */
export function unpackLz4(packed: Buffer, maxOutputLength: number): Buffer {
  if (packed.length < 7 || packed.readUInt32LE() !== frameMagic) malformed();
  const flags = packed[4] ?? 0;
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  let at = 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  const output: Output = { bytes: Buffer.alloc(Math.min(maxOutputLength, packed.length * 4)), length: 0 };
  for (;;) {
    if (at + 4 > packed.length) return malformed();
    const word = packed.readUInt32LE(at);
    at += 4;
    if (word === 0) return output.bytes.subarray(0, output.length);
    const size = word & 0x7fff_ffff;
    if (size > packed.length - at || size > largestBlock) return malformed();
    const block = packed.subarray(at, at + size);
    if (word >= 0x8000_0000) append(output, block, maxOutputLength);
    else unpackBlock(block, output, maxOutputLength);
    at += size + (hasBlockChecksum ? 4 : 0);
  }
}

function room(output: Output, size: number, maxLength: number): void {
  const needed = output.length + size;
  if (needed > maxLength) malformed();
  if (needed <= output.bytes.length) return;
  const larger = Buffer.alloc(Math.min(maxLength, Math.max(needed, output.bytes.length * 2)));
  output.bytes.copy(larger, 0, 0, output.length);
  output.bytes = larger;
}

function append(output: Output, bytes: Buffer, maxLength: number): void {
  room(output, bytes.length, maxLength);
  bytes.copy(output.bytes, output.length);
  output.length += bytes.length;
}

function unpackBlock(block: Buffer, output: Output, maxLength: number): void {
  let at = 0;
  const byte = (): number => block[at++] ?? malformed();
  /** A length of 15 goes on in further bytes, as long as they are 255. */
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const more = byte();
      length += more;
      if (more < 255) return length;
    }
  };
  while (at < block.length) {
    const token = byte();
    const literals = lengthFrom(token >>> 4);
    if (literals > block.length - at) malformed();
    append(output, block.subarray(at, at + literals), maxLength);
    at += literals;
    // The last sequence has literals only.
    if (at === block.length) return;
    const offset = byte() | (byte() << 8);
    if (offset === 0 || offset > output.length) malformed();
    const size = lengthFrom(token & 15) + 4;
    room(output, size, maxLength);
    const { bytes } = output;
    let { length: end } = output;
    for (const stop = end + size; end < stop; end++) bytes[end] = bytes[end - offset] ?? 0;
    output.length = end;
  }
}
