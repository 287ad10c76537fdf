// $regexMatch, $regexFind and $regexFindAll. (Manual: "$regexMatch" and its neighbours.)
import { mongoError } from '../../errors.ts';
import { typeName } from '../../documents/type.ts';
import { BSONRegExp, docOf, int32 } from '../../documents/value.ts';
import { regularExpression } from '../../query/regex.ts';
import { byName } from '../operand.ts';
import { isNullish } from '../truth.ts';
import type { Value } from '../../documents/value.ts';
import type { Compiler } from '../operand.ts';

type Given = Readonly<Record<string, Value | undefined>>;

/** The text and the expression; undefined when either is missing. */
function prepared(
  { input, regex, options }: Given,
  name: string,
): { text: string; expression: RegExp } | undefined {
  if (!isNullish(input) && typeof input !== 'string')
    throw mongoError(51104, `${name} needs 'input' to be of type string`);
  if (!isNullish(options) && typeof options !== 'string')
    throw mongoError(51106, `${name} needs 'options' to be of type string`);
  if (!isNullish(regex) && typeof regex !== 'string' && !(regex instanceof BSONRegExp)) {
    throw mongoError(51105, `${name} needs 'regex' to be of type string or regex`);
  }
  if (typeof input !== 'string' || isNullish(regex)) return undefined;
  const given = typeof options === 'string' ? options : '';
  if (typeof regex === 'string') return { text: input, expression: regularExpression(regex, given) };
  if (!(regex instanceof BSONRegExp)) throw mongoError(51105, `${name}: not a regex: ${typeName(regex)}`);
  if (given !== '' && regex.options !== '')
    throw mongoError(51107, `${name}: found regex option(s) specified in both 'regex' and 'option' fields`);
  return { text: input, expression: regularExpression(regex.pattern, given === '' ? regex.options : given) };
}

function found(match: RegExpMatchArray): Value {
  const before = (match.input ?? '').slice(0, match.index ?? 0);
  return docOf({
    match: match[0],
    idx: int32(Array.from(before).length),
    captures: match.slice(1).map((capture: string | undefined) => capture ?? null),
  });
}

const parameters = { input: 'required', regex: 'required', options: 'optional' } as const;

export const regexOperators: readonly (readonly [string, Compiler])[] = [
  [
    '$regexMatch',
    byName(parameters, 51103, (given, name) => {
      const ready = prepared(given, name);
      return ready?.expression.test(ready.text) ?? false;
    }),
  ],
  [
    '$regexFind',
    byName(parameters, 51103, (given, name) => {
      const ready = prepared(given, name);
      const match = ready === undefined ? null : ready.expression.exec(ready.text);
      return match === null ? null : found(match);
    }),
  ],
  [
    '$regexFindAll',
    byName(parameters, 51103, (given, name) => {
      const ready = prepared(given, name);
      if (ready === undefined) return [];
      const { source, flags } = ready.expression;
      return Array.from(ready.text.matchAll(new RegExp(source, `${flags}g`)), found);
    }),
  ],
];
