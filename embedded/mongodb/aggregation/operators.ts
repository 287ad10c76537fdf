// The operators of expressions, by name.
import { arithmeticOperators } from './operators/arithmetic.ts';
import { arrayOperators } from './operators/array.ts';
import { convertOperators } from './operators/convert.ts';
import { dateOperators } from './operators/date.ts';
import { iterationOperators } from './operators/iteration.ts';
import { logicOperators } from './operators/logic.ts';
import { arrayAccumulators } from './operators/over-arrays.ts';
import { regexOperators } from './operators/regex.ts';
import { stringOperators } from './operators/string.ts';
import type { Compiler } from './operand.ts';

export const operators: ReadonlyMap<string, Compiler> = new Map<string, Compiler>([
  ...arithmeticOperators,
  ...logicOperators,
  ...stringOperators,
  ...regexOperators,
  ...arrayOperators,
  ...iterationOperators,
  ...arrayAccumulators,
  ...convertOperators,
  ...dateOperators,
]);
