// Stages that gather: $group, $bucket, $bucketAuto, $sortByCount, $count, $sort, $sample. (Manual: "Aggregation Stages".)
import { mongoError } from '../../errors.ts';
import { compareValues } from '../../documents/compare.ts';
import { int32Of } from '../../documents/integer.ts';
import { keyOf } from '../../documents/key.ts';
import { rankOf, typeName } from '../../documents/type.ts';
import { docOf, int32, isDoc, isNumeric, toNumber } from '../../documents/value.ts';
import { compileSort } from '../../query/sort.ts';
import { accumulators } from '../accumulators.ts';
import { compileExpression } from '../expression.ts';
import { checkMemory, gather } from '../stage.ts';
import type { Doc, Value } from '../../documents/value.ts';
import type { Accumulation, Accumulator } from '../accumulators.ts';
import type { Expression, Scope } from '../scope.ts';
import type { Run, Stage } from '../stage.ts';

type Fields = readonly (readonly [name: string, accumulator: Accumulator])[];

/** @throws Location40234 to 40238, 15951 */
function fieldsOf(spec: Doc, scope: Scope): Fields {
  const fields: [string, Accumulator][] = [];
  for (const [name, value] of spec) {
    if (name === '_id') continue;
    if (name.includes('.')) throw mongoError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw mongoError(40236, `The field name '${name}' cannot be an operator name`);
    if (!isDoc(value) || value.size === 0)
      throw mongoError(40234, `The field '${name}' must be an accumulator object`);
    if (value.size > 1) throw mongoError(40238, `The field '${name}' must specify one accumulator`);
    for (const [operator, operand] of value) {
      const make = accumulators.get(operator);
      if (make === undefined) throw mongoError(15952, `unknown group operator '${operator}'`);
      fields.push([name, make(operand, scope, compileExpression, operator)]);
    }
  }
  return fields;
}

interface Group {
  readonly id: Value;
  readonly accumulations: readonly Accumulation[];
}

function begin(id: Value, fields: Fields): Group {
  return { id, accumulations: fields.map(([, accumulator]) => accumulator.begin()) };
}

function addTo(group: Group, fields: Fields, doc: Doc): void {
  for (const [at, accumulation] of group.accumulations.entries())
    accumulation.add(fields[at]?.[1].input(doc), doc);
}

function finish(group: Group, fields: Fields): Doc {
  const doc: Doc = new Map([['_id', group.id]]);
  for (const [at, accumulation] of group.accumulations.entries())
    doc.set(fields[at]?.[0] ?? '', accumulation.result());
  return doc;
}

/** About how much a group takes besides what its accumulators hold, in bytes. */
const PER_GROUP = 200;
/** What accumulators hold is counted again each time so many documents have come. */
const CHECK_EVERY = 4096;

function grouped(id: Expression, fields: Fields, name: string): Run {
  return function* run(input) {
    const groups = new Map<string, Group>();
    let documents = 0;
    let keys = 0;
    for (const doc of input) {
      const value = id(doc) ?? null;
      const key = typeof value === 'string' ? `s${value}` : keyOf([value]).toString('latin1');
      let group = groups.get(key);
      if (group === undefined) {
        group = begin(value, fields);
        groups.set(key, group);
        keys += key.length + PER_GROUP;
      }
      addTo(group, fields, doc);
      if (++documents % CHECK_EVERY === 0) checkMemory(keys + held(groups.values()), name);
    }
    for (const group of groups.values()) yield finish(group, fields);
  };
}

function held(groups: Iterable<Group>): number {
  let total = 0;
  for (const { accumulations } of groups) for (const each of accumulations) total += each.held?.() ?? 0;
  return total;
}

const group: Stage = ({ argument, scope, name }) => {
  if (!isDoc(argument)) throw mongoError(15947, "a group's fields must be specified in an object");
  const id = argument.get('_id');
  if (id === undefined) throw mongoError(15955, 'a group specification must include an _id');
  return grouped(compileExpression(id, scope), fieldsOf(argument, scope), name);
};

const counting = (scope: Scope): Fields => fieldsOf(docOf({ count: docOf({ $sum: int32(1) }) }), scope);

const sortByCount: Stage = ({ argument, scope, name }) => {
  const isPath = typeof argument === 'string' && argument.startsWith('$');
  const isExpression = isDoc(argument) && [...argument.keys()][0]?.startsWith('$') === true;
  if (!isPath && !isExpression) {
    throw mongoError(
      40147,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  }
  const run = grouped(compileExpression(argument, scope), counting(scope), name);
  const { sort } = compileSort(docOf({ count: int32(-1) }));
  return (input) => sort(run(input));
};

const count: Stage = ({ argument }) => {
  if (typeof argument !== 'string') throw mongoError(40156, 'the count field must be a non-empty string');
  if (argument === '') throw mongoError(40157, 'the count field must be a non-empty string');
  if (argument.startsWith('$')) throw mongoError(40158, 'the count field cannot be a $-prefixed path');
  if (argument.includes('.')) throw mongoError(40160, "the count field cannot contain '.'");
  return function* counted(input) {
    let number = 0;
    for (const _doc of input) number++;
    if (number > 0) yield docOf({ [argument]: int32(number) });
  };
};

const sort: Stage = ({ argument, limit }) => {
  if (!isDoc(argument)) throw mongoError(15973, 'the $sort key specification must be an object');
  if (argument.size === 0) throw mongoError(15976, '$sort stage must have at least one sort key');
  const compiled = compileSort(argument);
  return (input) => compiled.sort(input, limit);
};

const sample: Stage = ({ argument }) => {
  const size = isDoc(argument) ? argument.get('size') : undefined;
  if (!isDoc(argument)) throw mongoError(28745, 'the $sample stage specification must be an object');
  if (!isNumeric(size)) throw mongoError(28746, 'size argument to $sample must be a number');
  const wanted = int32Of(size) ?? Math.trunc(toNumber(size));
  if (wanted < 1) throw mongoError(28747, 'size argument to $sample must be a positive integer');
  return function* sampled(input) {
    const kept: Doc[] = [];
    let seen = 0;
    for (const doc of input) {
      seen++;
      if (kept.length < wanted) kept.push(doc);
      else {
        const at = Math.floor(Math.random() * seen);
        if (at < wanted) kept[at] = doc;
      }
    }
    for (let at = kept.length - 1; at > 0; at--) {
      const other = Math.floor(Math.random() * (at + 1));
      const [a, b] = [kept[at], kept[other]];
      if (a !== undefined && b !== undefined) [kept[at], kept[other]] = [b, a];
    }
    yield* kept;
  };
};

function outputOf(argument: Doc, scope: Scope): Fields {
  const output = argument.get('output');
  if (output === undefined) return counting(scope);
  if (!isDoc(output))
    throw mongoError(
      40196,
      `The $bucket 'output' field must be an object, but found type: ${typeName(output)}`,
    );
  return fieldsOf(output, scope);
}

const bucket: Stage = ({ argument, scope }) => {
  if (!isDoc(argument))
    throw mongoError(
      40201,
      `Argument to $bucket stage must be an object, but found type: ${typeName(argument)}`,
    );
  const [groupBy, boundaries, otherwise] = ['groupBy', 'boundaries', 'default'].map((name) =>
    argument.get(name),
  );
  if (groupBy === undefined || boundaries === undefined)
    throw mongoError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  if (!Array.isArray(boundaries))
    throw mongoError(
      40200,
      `The $bucket 'boundaries' field must be an array, but found type: ${typeName(boundaries)}`,
    );
  const limits = boundaries.map((boundary) => compileExpression(boundary, scope)(new Map()) ?? null);
  if (limits.length < 2)
    throw mongoError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${String(limits.length)} value(s).`,
    );
  for (const [at, limit] of limits.entries()) {
    const next = limits[at + 1];
    if (next === undefined) continue;
    if (rankOf(limit) !== rankOf(next))
      throw mongoError(
        40193,
        "All values in the the 'boundaries' option to $bucket must have the same type.",
      );
    if (compareValues(limit, next) >= 0)
      throw mongoError(40194, "The 'boundaries' option to $bucket must be sorted");
  }
  const value = compileExpression(groupBy, scope);
  const fallback =
    otherwise === undefined ? undefined : (compileExpression(otherwise, scope)(new Map()) ?? null);
  const id: Expression = (doc) => {
    const found = value(doc);
    if (found !== undefined) {
      for (let at = limits.length - 2; at >= 0; at--) {
        const [low, high] = [limits[at], limits[at + 1]];
        if (low !== undefined && high !== undefined && compareValues(found, low) >= 0) {
          if (compareValues(found, high) < 0) return low;
          break;
        }
      }
    }
    if (fallback !== undefined) return fallback;
    throw mongoError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
  const run = grouped(id, outputOf(argument, scope), '$bucket');
  const byId = compileSort(docOf({ _id: int32(1) }));
  return (input) => byId.sort(run(input));
};

const bucketAuto: Stage = ({ argument, scope, name }) => {
  if (!isDoc(argument))
    throw mongoError(
      40240,
      `The argument to $bucketAuto must be an object, but found type: ${typeName(argument)}`,
    );
  if (argument.has('granularity'))
    throw mongoError('NotImplemented', "$bucketAuto does not serve 'granularity'");
  const [groupBy, buckets] = [argument.get('groupBy'), argument.get('buckets')];
  if (groupBy === undefined || buckets === undefined)
    throw mongoError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified");
  const number = int32Of(buckets);
  if (number === undefined || number < 1)
    throw mongoError(40243, "The $bucketAuto 'buckets' field must be greater than 0 and a 32-bit integer");
  const value = compileExpression(groupBy, scope);
  const fields = outputOf(argument, scope);
  return (input) => autoBuckets(gather(input, name), value, number, fields);
};

/** As many documents in each bucket as in the next; equal values stay together. */
function* autoBuckets(
  docs: readonly Doc[],
  value: Expression,
  number: number,
  fields: Fields,
): Iterable<Doc> {
  const entries = docs.map((doc) => ({ doc, value: value(doc) ?? null }));
  entries.sort((a, b) => compareValues(a.value, b.value));
  const size = Math.max(1, Math.round(entries.length / number));
  let at = 0;
  for (let made = 1; at < entries.length; made++) {
    const first = entries[at];
    if (first === undefined) return;
    const group = begin(null, fields);
    let last = first.value;
    const end = made === number ? entries.length : at + size;
    for (let entry = entries[at]; entry !== undefined; entry = entries[++at]) {
      if (at >= end && compareValues(entry.value, last) !== 0) break;
      addTo(group, fields, entry.doc);
      last = entry.value;
    }
    const max = entries[at]?.value ?? last;
    yield finish({ ...group, id: docOf({ min: first.value, max }) }, fields);
  }
}

export const groupingStages: readonly (readonly [string, Stage])[] = [
  ['$group', group],
  ['$sortByCount', sortByCount],
  ['$count', count],
  ['$sort', sort],
  ['$sample', sample],
  ['$bucket', bucket],
  ['$bucketAuto', bucketAuto],
];
