// Whether two values are the same to the byte: same types, same order of fields. An update that leaves every byte changes nothing.
import { Decimal128, Int32, ObjectId } from './value.ts';
import { encodeDocument } from './write.ts';
import type { Value } from './value.ts';

export function identical(a: Value, b: Value): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Int32) return b instanceof Int32 && a.value === b.value;
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (a instanceof ObjectId) return b instanceof ObjectId && Buffer.compare(a.id, b.id) === 0;
  if (a instanceof Decimal128) return b instanceof Decimal128 && Buffer.compare(a.bytes, b.bytes) === 0;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((value, at) => {
      const other = b[at];
      return other !== undefined && identical(value, other);
    });
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    const others = b.entries();
    for (const [name, value] of a) {
      const other = others.next();
      if (other.done === true || other.value[0] !== name || !identical(value, other.value[1])) return false;
    }
    return true;
  }
  return encodeDocument(new Map([['', a]])).equals(encodeDocument(new Map([['', b]])));
}
