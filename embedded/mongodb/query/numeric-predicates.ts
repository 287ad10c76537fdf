// $mod and the $bits operators. (Manual: "$mod", "Bitwise Query Operators".)
import { mongoError } from '../errors.ts';
import { bytesOf } from '../documents/compare.ts';
import { integerOf } from '../documents/integer.ts';
import { show } from '../documents/show.ts';
import { Binary, isNumeric, toNumber } from '../documents/value.ts';
import { bad, leaf } from './predicate.ts';
import type { Value } from '../documents/value.ts';
import type { Predicate } from './predicate.ts';

function modArgument(value: Value | undefined, name: string): bigint {
  if (!isNumeric(value)) return bad(`malformed mod, ${name} not a number`);
  const number = toNumber(value);
  if (Number.isNaN(number) || !Number.isFinite(number)) {
    bad(`malformed mod, ${name} value is invalid :: caused by :: Unable to coerce NaN/Inf to integral type`);
  }
  return (
    integerOf(value) ??
    bad(`malformed mod, ${name} value is invalid :: caused by :: Out of bounds coercing to integral value`)
  );
}

/** $mod: the remainder of whole parts; fractions are cut off towards zero. */
export function modulo(operand: Value): Predicate {
  if (!Array.isArray(operand)) return bad('malformed mod, needs to be an array');
  if (operand.length < 2) bad('malformed mod, not enough elements');
  if (operand.length > 2) bad('malformed mod, too many elements');
  const divisor = modArgument(operand[0], 'divisor');
  const remainder = modArgument(operand[1], 'remainder');
  if (divisor === 0n) bad('divisor cannot be 0');
  return leaf((value) => {
    if (!isNumeric(value)) return false;
    const whole = integerOf(value);
    return whole !== undefined && whole % divisor === remainder;
  }, true);
}

export type BitOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

/** Bits past this position are those of the sign. */
const SIGN_BIT = 63;

/** The positions that a mask names: a number, binary data or a list of positions. */
function positionsOf(operator: string, operand: Value): number[] {
  if (isNumeric(operand)) {
    const mask = integerOf(operand);
    if (mask === undefined || !Number.isInteger(toNumber(operand))) {
      throw mongoError('FailedToParse', `Expected an integer: ${operator}: ${show(operand)}`);
    }
    if (mask < 0n)
      throw mongoError('FailedToParse', `Expected a non-negative number in: ${operator}: ${show(operand)}`);
    return Array.from({ length: 64 }, (_, at) => at).filter((at) => ((mask >> BigInt(at)) & 1n) === 1n);
  }
  if (operand instanceof Binary) {
    return Array.from(bytesOf(operand)).flatMap((byte, at) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => ((byte >> bit) & 1) === 1).map((bit) => at * 8 + bit),
    );
  }
  if (!Array.isArray(operand)) {
    return bad(
      `${operator} takes an Array, a number, or a BinData but received: ${operator}: ${show(operand)}`,
    );
  }
  return operand.map((position) => {
    const at = isNumeric(position) ? toNumber(position) : NaN;
    if (!Number.isInteger(at))
      return bad(`Failed to parse bit position. Expected a number in: ${show(position)}`);
    if (at < 0) bad(`Failed to parse bit position. Expected a non-negative number in: ${show(position)}`);
    return at;
  });
}

/** The bits of a value: those of binary data, or of a number that is an integer of 64 bits. */
function bitsOf(value: Value | undefined): ((at: number) => boolean) | undefined {
  if (value instanceof Binary) {
    const bytes = bytesOf(value);
    return (at) => (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
  }
  if (!isNumeric(value) || !Number.isInteger(toNumber(value))) return undefined;
  const whole = integerOf(value);
  return whole === undefined ? undefined : (at) => ((whole >> BigInt(Math.min(at, SIGN_BIT))) & 1n) === 1n;
}

export function bits(operator: BitOperator, operand: Value): Predicate {
  const positions = positionsOf(operator, operand);
  const wanted = operator.endsWith('Set');
  const all = operator.startsWith('$bitsAll');
  return leaf((value) => {
    const bit = bitsOf(value);
    if (bit === undefined) return false;
    return all ? positions.every((at) => bit(at) === wanted) : positions.some((at) => bit(at) === wanted);
  }, true);
}
