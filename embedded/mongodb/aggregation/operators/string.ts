// Strings, by bytes of UTF-8 or by code points. (Manual: "String Expression Operators".)
import { mongoError } from '../../errors.ts';
import { compareStrings } from '../../documents/compare.ts';
import { int32Of, integerOf } from '../../documents/integer.ts';
import { typeName } from '../../documents/type.ts';
import { BSONSymbol, int32, isNumeric } from '../../documents/value.ts';
import { byName, unary, variadic, binary } from '../operand.ts';
import { isNullish } from '../truth.ts';
import { textOf } from '../text.ts';
import type { Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

type Maybe = Value | undefined;

/** What operators take as a string although it is none; nothing is an empty one. @throws Location16007 */
function coerced(value: Maybe): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  return textOf(value) ?? fail(16007, `can't convert from BSON type ${typeName(value)} to String`);
}

function fail(code: number, message: string): never {
  throw mongoError(code, message);
}

const concat = variadic(0, Infinity, (values) => {
  let text = '';
  for (const value of values) {
    if (isNullish(value)) return null;
    if (typeof value !== 'string' && !(value instanceof BSONSymbol)) {
      return fail(16702, `$concat only supports strings, not ${typeName(value)}`);
    }
    text += value.valueOf();
  }
  return text;
});

/** Only the letters of ASCII change, as in MongoDB. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

function place(value: Maybe, code: number, message: string): number {
  const number = isNumeric(value) ? Number(integerOf(value) ?? NaN) : NaN;
  return Number.isNaN(number) ? fail(code, `${message}, found ${typeName(value)}`) : number;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

const substrBytes = variadic(3, 3, ([value, start, length], name) => {
  const bytes = Buffer.from(coerced(value));
  const from = place(start, 16034, `${name}: starting index must be a numeric type`);
  const count = place(length, 16035, `${name}: length must be a numeric type`);
  if (from < 0) fail(50752, `${name}: starting index must be non-negative (got: ${String(from)})`);
  if (from >= bytes.length) return '';
  const to = count < 0 ? bytes.length : Math.min(bytes.length, from + count);
  if (isContinuation(bytes[from]))
    fail(28656, `${name}: Invalid range, starting index is a UTF-8 continuation byte.`);
  if (isContinuation(bytes[to]))
    fail(28657, `${name}: Invalid range, ending index is in the middle of a UTF-8 character.`);
  return bytes.toString('utf8', from, to);
});

const substrPoints = variadic(3, 3, ([value, start, length], name) => {
  const points = Array.from(coerced(value));
  const from = place(start, 34450, `${name}: starting index must be a numeric type`);
  const count = place(length, 34452, `${name}: length must be a numeric type`);
  if (from < 0) fail(34455, `${name}: the starting index must be nonnegative integer.`);
  if (count < 0) fail(34454, `${name}: length must be a nonnegative integer.`);
  return points.slice(from, from + count).join('');
});

const split = binary((value, separator) => {
  if (isNullish(value) || isNullish(separator)) return null;
  if (typeof value !== 'string')
    return fail(
      40085,
      `$split requires an expression that evaluates to a string as a first argument, found: ${typeName(value)}`,
    );
  if (typeof separator !== 'string')
    return fail(
      40086,
      `$split requires an expression that evaluates to a string as a second argument, found: ${typeName(separator)}`,
    );
  if (separator === '') fail(40087, '$split requires a non-empty separator');
  return value.split(separator);
});

/** Blanks that $trim takes away when no characters are given (the manual's list). */
const BLANKS = '\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

function trim(left: boolean, right: boolean): Compiler {
  return byName({ input: 'required', chars: 'optional' }, 50694, (given, name) => {
    const { input, chars } = given;
    if (isNullish(input) || ('chars' in given && isNullish(chars))) return null;
    if (typeof input !== 'string')
      return fail(50699, `${name} requires its input to be a string, got ${typeName(input)} instead.`);
    if (chars !== undefined && typeof chars !== 'string')
      return fail(50700, `${name} requires 'chars' to be a string, got ${typeName(chars)} instead.`);
    const gone = new Set(typeof chars === 'string' ? chars : BLANKS);
    const points = Array.from(input);
    let from = 0;
    let to = points.length;
    while (left && from < to && gone.has(points[from] ?? '')) from++;
    while (right && to > from && gone.has(points[to - 1] ?? '')) to--;
    return points.slice(from, to).join('');
  });
}

/** $indexOfBytes and $indexOfCP: `parts` cuts a text into what is counted. */
function indexOf(
  parts: (text: string) => { readonly length: number },
  sliced: (text: string, from: number, to: number) => string,
): Compiler {
  return variadic(2, 4, ([text, token, start, end], name) => {
    if (isNullish(text)) return null;
    if (typeof text !== 'string')
      return fail(40091, `${name} requires a string as the first argument, found: ${typeName(text)}`);
    if (typeof token !== 'string')
      return fail(40092, `${name} requires a string as the second argument, found: ${typeName(token)}`);
    const bound = (value: Maybe, missing: number): number => {
      if (value === undefined) return missing;
      const number = int32Of(value);
      if (number === undefined)
        return fail(
          40096,
          `${name} requires an integral starting or ending index, found a value of type: ${typeName(value)}`,
        );
      return number < 0
        ? fail(40097, `${name} requires a nonnegative index, found: ${String(number)}`)
        : number;
    };
    const { length } = parts(text);
    const from = bound(start, 0);
    const to = Math.min(bound(end, length), length);
    if (from > length || to < from) return int32(-1);
    const within = sliced(text, from, to);
    const found = within.indexOf(token);
    return int32(found < 0 ? -1 : from + parts(within.slice(0, found)).length);
  });
}

function length(code: number, count: (text: string) => number): Compiler {
  return unary((value, name) => {
    if (typeof value !== 'string')
      return fail(code, `${name} requires a string argument, found: ${typeName(value)}`);
    return int32(count(value));
  });
}

function replace(every: boolean): Compiler {
  return byName(
    { input: 'required', find: 'required', replacement: 'required' },
    51751,
    ({ input, find, replacement }, name) => {
      for (const [part, value, code] of [
        ['input', input, 51746],
        ['find', find, 51745],
        ['replacement', replacement, 51744],
      ] as const) {
        if (!isNullish(value) && typeof value !== 'string') {
          fail(code, `${name} requires that '${part}' be a string, found: ${typeName(value)}`);
        }
      }
      if (typeof input !== 'string' || typeof find !== 'string' || typeof replacement !== 'string')
        return null;
      return every ? input.replaceAll(find, () => replacement) : input.replace(find, () => replacement);
    },
  );
}

const points = (text: string): string[] => Array.from(text);

export const stringOperators: readonly (readonly [string, Compiler])[] = [
  ['$concat', concat],
  ['$toLower', unary((value) => lower(coerced(value)))],
  ['$toUpper', unary((value) => upper(coerced(value)))],
  ['$substr', substrBytes],
  ['$substrBytes', substrBytes],
  ['$substrCP', substrPoints],
  ['$split', split],
  ['$trim', trim(true, true)],
  ['$ltrim', trim(true, false)],
  ['$rtrim', trim(false, true)],
  [
    '$indexOfBytes',
    indexOf(
      (text) => Buffer.from(text),
      (text, from, to) => Buffer.from(text).toString('utf8', from, to),
    ),
  ],
  ['$indexOfCP', indexOf(points, (text, from, to) => points(text).slice(from, to).join(''))],
  ['$strLenBytes', length(34473, (text) => Buffer.byteLength(text))],
  ['$strLenCP', length(34471, (text) => points(text).length)],
  ['$strcasecmp', binary((a, b) => int32(Math.sign(compareStrings(upper(coerced(a)), upper(coerced(b))))))],
  ['$replaceOne', replace(false)],
  ['$replaceAll', replace(true)],
];
