// Snappy (github.com/google/snappy, format_description.txt), unpacking only, and the framing around it that Java's clients send: a magic
// number, two versions, then blocks with their sizes.
import { MalformedMessage } from '../protocol/malformed.ts';

const javaMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const javaHeaderSize = 16;

/** @throws MalformedMessage when it is not Snappy, or larger than `maxOutputLength` bytes when unpacked */
export function unpackSnappy(packed: Buffer, maxOutputLength: number): Buffer {
  if (!packed.subarray(0, javaMagic.length).equals(javaMagic)) return unpackBlock(packed, maxOutputLength);
  const blocks: Buffer[] = [];
  let left = maxOutputLength;
  for (let at = javaHeaderSize; at + 4 <= packed.length;) {
    const size = packed.readInt32BE(at);
    if (size < 0 || size > packed.length - at - 4)
      throw new MalformedMessage('a Snappy block longer than the batch');
    const block = unpackBlock(packed.subarray(at + 4, at + 4 + size), left);
    blocks.push(block);
    left -= block.length;
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

function unpackBlock(packed: Buffer, maxLength: number): Buffer {
  const malformed = (): never => {
    throw new MalformedMessage('bytes that are not Snappy');
  };
  let at = 0;
  const byte = (): number => packed[at++] ?? malformed();
  const littleEndian = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += byte() * 2 ** (8 * i);
    return value;
  };
  const length = ((): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    return malformed();
  })();
  // A copy of two bytes gives 64 at most, so that more than 32 times the input is not Snappy's.
  if (length > maxLength || length > packed.length * 32) malformed();
  const output = Buffer.alloc(length);
  let end = 0;
  const copy = (offset: number, size: number): void => {
    if (offset === 0 || offset > end || size > length - end) malformed();
    for (let i = 0; i < size; i++, end++) output[end] = output[end - offset] ?? 0;
  };
  while (at < packed.length) {
    const tag = byte();
    switch (tag & 3) {
      case 0: {
        const short = tag >>> 2;
        const size = (short < 60 ? short : littleEndian(short - 59)) + 1;
        if (size > packed.length - at || size > length - end) malformed();
        packed.copy(output, end, at, at + size);
        at += size;
        end += size;
        break;
      }
      case 1:
        copy(((tag >>> 5) << 8) | byte(), ((tag >>> 2) & 7) + 4);
        break;
      case 2:
        copy(littleEndian(2), (tag >>> 2) + 1);
        break;
      default:
        copy(littleEndian(4), (tag >>> 2) + 1);
    }
  }
  return end === length ? output : malformed();
}
