// What counts as true in an expression: everything but missing, null, undefined, false and zero. (Manual: "$and (aggregation)".)
import { BsonUndefined, isNumeric, toNumber } from '../documents/value.ts';
import type { Value } from '../documents/value.ts';

export function truth(value: Value | undefined): boolean {
  if (typeof value === 'boolean') return value;
  if (isNullish(value)) return false;
  return !isNumeric(value) || toNumber(value) !== 0;
}

/** Missing, null or undefined: what most operators answer null to. */
export function isNullish(value: Value | undefined): value is undefined | null | BsonUndefined {
  return value === undefined || value === null || value instanceof BsonUndefined;
}
