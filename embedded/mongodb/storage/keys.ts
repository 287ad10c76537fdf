// The keys of the trees: four bytes for the collection or index, then an order-preserving key of the values. lmdb's keys are bounded,
// those of values are not: a long one is cut and ends in a digest, which keeps equality but not order, so bounds are cut
// as well and what is found there is looked at again.
import { createHash } from 'node:crypto';
import { keyOf } from '../documents/key.ts';
import type { Value } from '../documents/value.ts';

/** Twice this and the prefix fit the 1,978 bytes that a key may have (lmdb-js: DEFAULT_MAX_KEY_SIZE). */
const LONGEST_PART = 960;
const DIGEST = 32;
export const PREFIX = 4;

/** Whether a key of values is too long to be kept whole. */
export function isLong(key: Uint8Array): boolean {
  return key.length > LONGEST_PART;
}

function shortened(key: Buffer): Buffer {
  if (key.length <= LONGEST_PART) return key;
  const head = key.subarray(0, LONGEST_PART - DIGEST);
  return Buffer.concat([head, createHash('sha256').update(key).digest()]);
}

/** `owner`, then the key. */
export function prefixed(owner: number, key: Buffer, suffix?: Buffer): Buffer {
  const whole = shortened(key);
  const bytes = Buffer.allocUnsafe(
    PREFIX + whole.length + (suffix === undefined ? 0 : suffix.length - PREFIX),
  );
  bytes.writeUInt32BE(owner, 0);
  bytes.set(whole, PREFIX);
  if (suffix !== undefined) bytes.set(suffix.subarray(PREFIX), PREFIX + whole.length);
  return bytes;
}

/** The key of a document in the tree of documents. */
export function documentKey(collection: number, id: Value): Buffer {
  return prefixed(collection, keyOf([id]));
}

/** A bound of a scan, from `key` on; a long one is cut, which widens the range. */
export function lowerBound(owner: number, key: Buffer): Buffer {
  return Buffer.concat([prefixOf(owner), key.subarray(0, LONGEST_PART - DIGEST)]);
}

/** A bound of a scan, up to `key`; a long one is cut and moved up, which widens the range. */
export function upperBound(owner: number, key: Buffer): Buffer {
  if (key.length <= LONGEST_PART - DIGEST) return Buffer.concat([prefixOf(owner), key]);
  const cut = Buffer.from(key.subarray(0, LONGEST_PART - DIGEST));
  let last = cut.length - 1;
  while (last >= 0 && cut[last] === 255) last--;
  if (last < 0) return prefixOf(owner + 1);
  cut[last] = (cut[last] ?? 0) + 1;
  return Buffer.concat([prefixOf(owner), cut.subarray(0, last + 1)]);
}

/** The four bytes with which the keys of a collection or index begin. */
export function prefixOf(owner: number): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX);
  bytes.writeUInt32BE(owner, 0);
  return bytes;
}
