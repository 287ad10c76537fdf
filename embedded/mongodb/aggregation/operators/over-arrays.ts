// Accumulators as expressions: over the elements of one array, or over their arguments. (Manual: "Accumulators (in Other Stages)".)
import { mongoError } from '../../errors.ts';
import { compareValues } from '../../documents/compare.ts';
import { integerOf } from '../../documents/integer.ts';
import { typeName } from '../../documents/type.ts';
import { isNumeric } from '../../documents/value.ts';
import { average, deviation, extreme, sum } from '../accumulators.ts';
import { argumentsOf, byName } from '../operand.ts';
import { isNullish } from '../truth.ts';
import type { Value } from '../../documents/value.ts';
import type { Accumulation } from '../accumulators.ts';
import type { Compiler } from '../operand.ts';

function over(begin: () => Accumulation): Compiler {
  return (operand, scope, compile) => {
    const inputs = argumentsOf(operand, scope, compile);
    const [only] = inputs;
    return (doc) => {
      const accumulation = begin();
      if (inputs.length === 1 && only !== undefined) {
        const value = only(doc);
        for (const element of Array.isArray(value) ? value : [value]) accumulation.add(element, doc);
      } else for (const input of inputs) accumulation.add(input(doc), doc);
      return accumulation.result();
    };
  };
}

function several(choose: (values: Value[], limit: number) => Value[]): Compiler {
  return byName({ n: 'required', input: 'required' }, 5787801, ({ n, input }, name) => {
    if (!Array.isArray(input))
      throw mongoError(5788200, `input must be an array, found ${typeName(input)} for ${name}`);
    const limit = isNumeric(n) ? integerOf(n) : undefined;
    if (limit === undefined || limit < 1n)
      throw mongoError(5787908, `'n' must be greater than 0 for ${name}`);
    return choose(input, Number(limit));
  });
}

const present = (values: Value[]): Value[] => values.filter((value) => !isNullish(value));

export const arrayAccumulators: readonly (readonly [string, Compiler])[] = [
  ['$sum', over(sum)],
  ['$avg', over(average)],
  ['$min', over(extreme(-1))],
  ['$max', over(extreme(1))],
  ['$stdDevPop', over(deviation(false))],
  ['$stdDevSamp', over(deviation(true))],
  ['$firstN', several((values, limit) => values.slice(0, limit))],
  ['$lastN', several((values, limit) => values.slice(-limit))],
  ['$minN', several((values, limit) => present(values).sort(compareValues).slice(0, limit))],
  [
    '$maxN',
    several((values, limit) =>
      present(values)
        .sort((a, b) => compareValues(b, a))
        .slice(0, limit),
    ),
  ],
];
