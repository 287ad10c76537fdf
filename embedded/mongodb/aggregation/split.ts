// What a find could answer of a pipeline's beginning: leading $match stages, then $sort, $skip and $limit, in that order.
import { integerOf, isWhole } from '../documents/integer.ts';
import { docOf, isDoc, isNumeric } from '../documents/value.ts';
import type { Doc, Value } from '../documents/value.ts';

export interface SplitPipeline {
  readonly filter: Doc;
  readonly sort?: Doc;
  readonly skip?: number;
  readonly limit?: number;
  readonly rest: readonly Doc[];
}

/** Takes only what is well formed: the other stages stay in `rest`, where they are refused. */
export function splitPipeline(stages: readonly Doc[]): SplitPipeline {
  let at = 0;
  const filters: Doc[] = [];
  for (let filter = only(stages[at], '$match'); isDoc(filter); filter = only(stages[at], '$match')) {
    filters.push(filter);
    at++;
  }
  const sort = only(stages[at], '$sort');
  if (isDoc(sort) && sort.size > 0) at++;
  const skip = count(only(stages[at], '$skip'), 0n);
  if (skip !== undefined) at++;
  const limit = count(only(stages[at], '$limit'), 1n);
  if (limit !== undefined) at++;
  const [first] = filters;
  return {
    filter: filters.length <= 1 ? (first ?? new Map<string, Value>()) : docOf({ $and: filters }),
    ...(isDoc(sort) && sort.size > 0 ? { sort } : {}),
    ...(skip === undefined ? {} : { skip }),
    ...(limit === undefined ? {} : { limit }),
    rest: stages.slice(at),
  };
}

function only(stage: Doc | undefined, name: string): Value | undefined {
  return stage?.size === 1 ? stage.get(name) : undefined;
}

function count(value: Value | undefined, least: bigint): number | undefined {
  if (!isNumeric(value) || !isWhole(value)) return undefined;
  const whole = integerOf(value);
  return whole === undefined || whole < least ? undefined : Number(whole);
}
