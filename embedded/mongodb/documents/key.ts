// Order-preserving keys: bytes whose order, byte by byte, is that of the values. A part is the place of the value's type (1 to 127), then:
//   numbers    the double just below in magnitude, as 8 bytes in order, then 0 when the number is that double, else 1 and the
//              number's decimal digits: two integers or decimals between the same doubles are told apart by these. Complemented when negative
//   strings    UTF-8, where 0 is written 0 255, ended by 0 1; documents: type, name, rest of each field, ended by 0; arrays likewise
// A descending part is the complement. No value's bytes begin another's, so parts can be put one behind the other.
import { bytesOf } from './compare.ts';
import { compareFinite, exactDouble, partsOf } from './decimal.ts';
import { rankOf } from './type.ts';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  CodeWithScope,
  DBPointer,
  Int32,
  isNumeric,
  ObjectId,
  Timestamp,
} from './value.ts';
import type { Finite } from './decimal.ts';
import type { Numeric, Value } from './value.ts';

export type Direction = 1 | -1;

/** Keeps the power of ten of any Decimal128 (from -6176 to 6145) positive. */
const EXPONENT_BIAS = 0x4000;

let buffer = Buffer.allocUnsafe(4096);
let view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
let length = 0;

function reserve(more: number): void {
  if (length + more <= buffer.length) return;
  const grown = Buffer.allocUnsafe(Math.max(length + more, buffer.length * 2));
  buffer.copy(grown, 0, 0, length);
  buffer = grown;
  view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function byte(value: number): void {
  reserve(1);
  buffer[length++] = value;
}

function put(bytes: Uint8Array): void {
  reserve(bytes.length);
  buffer.set(bytes, length);
  length += bytes.length;
}

function complement(from: number): void {
  for (let at = from; at < length; at++) buffer[at] = 255 - (buffer[at] ?? 0);
}

/**
 * One key for some values, each in its direction (ascending when none is given). Keys of the same directions compare, byte by
 * byte, as the values do one after the other; equal values give equal bytes. Every part begins with a byte from 1 to 254 and ends
 * itself, so keys can be put one behind the other. The length has no limit.
 */
export function keyOf(values: readonly Value[], directions?: readonly Direction[]): Buffer {
  length = 0;
  for (const [at, value] of values.entries()) {
    const from = length;
    writePart(value);
    if (directions?.[at] === -1) complement(from);
  }
  return Buffer.from(buffer.subarray(0, length));
}

function writePart(value: Value): void {
  byte(rankOf(value));
  writeRest(value);
}

function writeRest(value: Value): void {
  if (typeof value === 'string') writeString(value);
  else if (isNumeric(value)) writeNumber(value);
  else if (value instanceof ObjectId) put(value.id);
  else if (value instanceof Date) writeInt64(BigInt(value.getTime()));
  else if (typeof value === 'boolean') byte(value ? 1 : 0);
  else if (value === null) return;
  else if (value instanceof Map) {
    for (const [name, field] of value) {
      byte(rankOf(field));
      writeString(name);
      writeRest(field);
    }
    byte(0);
  } else if (Array.isArray(value)) {
    for (const element of value) writePart(element);
    byte(0);
  } else writeRare(value);
}

function writeRare(value: Value): void {
  if (value instanceof Binary) {
    const bytes = bytesOf(value);
    writeUint32(bytes.length);
    byte(value.sub_type);
    put(bytes);
  } else if (value instanceof Timestamp) {
    writeUint32(value.t);
    writeUint32(value.i);
  } else if (value instanceof BSONRegExp) {
    writeString(value.pattern);
    writeString(value.options);
  } else if (value instanceof BSONSymbol) writeString(value.value);
  else if (value instanceof Code) writeString(value.code);
  else if (value instanceof CodeWithScope) {
    writeString(value.code);
    writeRest(value.scope);
  } else if (value instanceof DBPointer) {
    writeUint32(Buffer.byteLength(value.namespace));
    writeString(value.namespace);
    put(value.id.id);
  }
}

function writeUint32(value: number): void {
  reserve(4);
  view.setUint32(length, value >>> 0);
  length += 4;
}

function writeInt64(value: bigint): void {
  reserve(8);
  view.setBigInt64(length, value);
  buffer[length] = (buffer[length] ?? 0) ^ 0x80;
  length += 8;
}

function writeString(text: string): void {
  reserve(text.length * 3 + 2);
  const start = length;
  length += buffer.write(text, length);
  if (text.includes('\0')) {
    const escaped = Buffer.from(
      buffer.toString('latin1', start, length).replaceAll('\0', '\0\xff'),
      'latin1',
    );
    length = start;
    put(escaped);
  }
  reserve(2);
  buffer[length++] = 0;
  buffer[length++] = 1;
}

function writeNumber(value: Numeric): void {
  reserve(9);
  if (value instanceof Int32) writeDouble(value.value);
  else if (typeof value === 'number') writeDouble(value);
  else if (typeof value === 'bigint') {
    const magnitude = value < 0n ? -value : value;
    if (magnitude <= BigInt(Number.MAX_SAFE_INTEGER)) writeDouble(Number(value));
    else writeExact({ negative: value < 0n, coefficient: magnitude, exponent: 0 });
  } else {
    const parts = partsOf(value);
    if (typeof parts === 'string') writeDouble(Number(parts));
    else if (parts.coefficient === 0n) writeDouble(0);
    else writeExact(parts);
  }
}

/** A number that is a double; NaN is all zeros, which is before minus infinity. */
function writeDouble(value: number): void {
  if (Number.isNaN(value)) {
    buffer.fill(0, length, length + 9);
    length += 9;
    return;
  }
  const from = length;
  writeMagnitude(Math.abs(value));
  buffer[length++] = 0;
  sign(from, value < 0);
}

function writeMagnitude(magnitude: number): void {
  view.setFloat64(length, magnitude);
  length += 8;
}

function sign(from: number, negative: boolean): void {
  buffer[from] = (buffer[from] ?? 0) | 0x80;
  if (negative) complement(from);
}

/** A finite number that is not zero and perhaps not a double. */
function writeExact(number: Finite): void {
  const from = length;
  const magnitude: Finite = { ...number, negative: false };
  let below = Number(`${String(number.coefficient)}e${String(number.exponent)}`);
  let order = Number.isFinite(below) ? compareFinite(exactDouble(below), magnitude) : 1;
  if (order > 0) {
    below = nextBelow(below);
    order = -1;
  }
  writeMagnitude(below);
  if (order === 0) buffer[length++] = 0;
  else writeDigits(magnitude);
  sign(from, number.negative);
}

function nextBelow(double: number): number {
  bits.setFloat64(0, double);
  bits.setBigUint64(0, bits.getBigUint64(0) - 1n);
  return bits.getFloat64(0);
}

const bits = new DataView(new ArrayBuffer(8));

/** 1, the power of ten of the first digit, the digits two by two (plus one each), 0. */
function writeDigits(number: Finite): void {
  const text = number.coefficient.toString();
  const digits = text.replace(/0+$/, '');
  reserve(4 + digits.length);
  buffer[length++] = 1;
  view.setUint16(length, number.exponent + text.length + EXPONENT_BIAS);
  length += 2;
  for (let at = 0; at < digits.length; at += 2) {
    buffer[length++] = 1 + Number(digits.charAt(at)) * 10 + Number(digits.charAt(at + 1) || '0');
  }
  buffer[length++] = 0;
}
