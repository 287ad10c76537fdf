// Stages with other collections or other pipelines: $lookup, $graphLookup, $unionWith, $facet, $documents. (Manual: "Aggregation Stages".)
import { mongoError } from '../../errors.ts';
import { keyOf } from '../../documents/key.ts';
import { typeName } from '../../documents/type.ts';
import { BSONRegExp, docOf, isDoc, isNumeric, toNumber } from '../../documents/value.ts';
import { compileExpression, valueOfPath } from '../expression.ts';
import { bind, checkVariableName } from '../scope.ts';
import { checkMemory, gather, stagesOf } from '../stage.ts';
import { splitPipeline } from '../split.ts';
import { approximateSize } from '../../documents/size.ts';
import { setPath } from './streaming.ts';
import type { Doc, Value } from '../../documents/value.ts';
import type { Run, Stage, StageInput } from '../stage.ts';

function textOption(options: Doc, option: string, name: string): string {
  const value = options.get(option);
  if (value === undefined) throw mongoError('FailedToParse', `must specify '${option}' field for a ${name}`);
  if (typeof value !== 'string')
    throw mongoError('FailedToParse', `${name} argument '${option}: ${typeName(value)}' must be a string`);
  return value;
}

/** The condition that a document of the other collection fulfils: one of the values, each element of an array for itself. */
function foreignFilter(foreignField: string, local: Value | undefined): Doc {
  const values = Array.isArray(local) ? local : [local ?? null];
  const plain = values.filter((value) => !(value instanceof BSONRegExp));
  const regexes = values.filter((value) => value instanceof BSONRegExp);
  const [only] = plain;
  const condition = plain.length === 1 && only !== undefined ? docOf({ $eq: only }) : docOf({ $in: plain });
  if (regexes.length === 0) return docOf({ [foreignField]: condition });
  const branches = [condition, ...regexes.map((regex) => docOf({ $eq: regex }))];
  return docOf({ $or: branches.map((branch) => docOf({ [foreignField]: branch })) });
}

const LOOKUP_OPTIONS = ['from', 'localField', 'foreignField', 'as', 'let', 'pipeline'];

const lookup: Stage = (input) => {
  const { argument: options, context, name } = input;
  if (!isDoc(options))
    throw mongoError(
      'FailedToParse',
      `the ${name} stage specification must be an object, but found ${typeName(options)}`,
    );
  for (const option of options.keys()) {
    if (!LOOKUP_OPTIONS.includes(option))
      throw mongoError('FailedToParse', `unknown argument to ${name}: ${option}`);
  }
  const as = textOption(options, 'as', name).split('.');
  const byFields = options.has('localField') || options.has('foreignField');
  if (!byFields && !options.has('pipeline')) {
    throw mongoError(
      'FailedToParse',
      `${name} requires either 'pipeline' or both 'localField' and 'foreignField' to be specified`,
    );
  }
  const from = options.has('from') ? textOption(options, 'from', name) : undefined;
  const local = byFields ? textOption(options, 'localField', name).split('.') : undefined;
  const foreign = byFields ? textOption(options, 'foreignField', name) : undefined;
  const sub = options.has('pipeline') ? subPipeline(input, options) : undefined;
  if (from === undefined && sub?.documents !== true)
    throw mongoError('FailedToParse', `must specify 'from' field for a ${name}`);
  return function* joined(docs) {
    for (const doc of docs) {
      sub?.bindFor(doc);
      const filter =
        foreign === undefined || local === undefined
          ? undefined
          : foreignFilter(foreign, valueOfPath(doc, local, 0));
      const combined = and([filter, sub?.filter]);
      const found = from === undefined ? [] : context.find(context.database, from, combined);
      const result = gather(sub === undefined ? found : sub.run(found), name);
      yield setPath(doc, as, result);
    }
  } satisfies Run;
};

function and(filters: readonly (Doc | undefined)[]): Doc {
  const given = filters.filter((filter) => filter !== undefined && filter.size > 0) as Doc[];
  const [only] = given;
  if (given.length <= 1) return only ?? new Map<string, Value>();
  return docOf({ $and: given });
}

interface SubPipeline {
  readonly run: Run;
  /** What the collection itself can filter by. */
  readonly filter: Doc;
  /** Whether it brings its own documents. */
  readonly documents: boolean;
  /** Sets the variables of `let`. */
  readonly bindFor: (doc: Doc) => void;
}

function subPipeline({ context, scope, name, compileStages }: StageInput, options: Doc): SubPipeline {
  const variables = options.get('let') ?? new Map<string, Value>();
  if (!isDoc(variables)) throw mongoError('FailedToParse', `${name} argument 'let' must be an object`);
  let inner = scope;
  const settings = Array.from(variables, ([variable, expression]) => {
    checkVariableName(variable);
    const bound = bind(inner, variable);
    inner = bound.scope;
    return { value: compileExpression(expression, scope), set: bound.set };
  });
  const stages = stagesOf(options.get('pipeline'), name);
  const { filter, sort, skip, limit, rest } = splitPipeline(stages);
  // A filter with expressions may see the variables, which the collection does not know.
  const pushed =
    filter.size > 0 &&
    sort === undefined &&
    skip === undefined &&
    limit === undefined &&
    !hasExpression(filter);
  return {
    run: compileStages(pushed ? rest : stages, context, inner, name),
    filter: pushed ? filter : new Map<string, Value>(),
    documents: stages[0]?.has('$documents') === true,
    bindFor: (doc) => {
      const values = settings.map(({ value }) => value(doc));
      for (const [at, { set }] of settings.entries()) set(values[at]);
    },
  };
}

function hasExpression(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasExpression);
  if (!isDoc(value)) return false;
  for (const [name, inner] of value) if (name === '$expr' || hasExpression(inner)) return true;
  return false;
}

const unionWith: Stage = ({ argument, context, scope, name, compileStages }) => {
  const options = typeof argument === 'string' ? docOf({ coll: argument }) : argument;
  if (!isDoc(options))
    throw mongoError(
      'FailedToParse',
      `the ${name} stage specification must be an object or string, but found ${typeName(argument)}`,
    );
  const stages = options.has('pipeline') ? stagesOf(options.get('pipeline'), name) : [];
  const coll = options.get('coll');
  if (typeof coll !== 'string' && stages[0]?.has('$documents') !== true)
    throw mongoError('FailedToParse', `${name} needs 'coll' to be a string`);
  const run = compileStages(stages, context, scope, name);
  return function* union(input) {
    yield* input;
    yield* run(typeof coll === 'string' ? context.find(context.database, coll, new Map()) : []);
  };
};

const NOT_IN_FACET = [
  '$facet',
  '$out',
  '$merge',
  '$documents',
  '$collStats',
  '$indexStats',
  '$geoNear',
  '$changeStream',
];

const facet: Stage = ({ argument, context, scope, name, compileStages }) => {
  if (!isDoc(argument) || argument.size === 0)
    throw mongoError(40169, 'the $facet specification must be a non-empty object');
  const facets = Array.from(argument, ([field, pipeline]): [string, Run] => {
    if (!Array.isArray(pipeline))
      throw mongoError(40170, `arguments to $facet must be arrays, ${field} is type ${typeName(pipeline)}`);
    const stages = stagesOf(pipeline, name);
    for (const stage of stages) {
      const [stageName = ''] = stage.keys();
      if (NOT_IN_FACET.includes(stageName))
        throw mongoError(40600, `${stageName} is not allowed to be used within a $facet stage`);
    }
    return [field, compileStages(stages, context, scope, name)];
  });
  return function* split(input) {
    const docs = gather(input, name);
    yield docOf(Object.fromEntries(facets.map(([field, run]) => [field, gather(run(docs), name)])));
  };
};

const documents: Stage = ({ argument, scope }) => {
  const list = compileExpression(argument, scope)(new Map());
  if (!Array.isArray(list))
    throw mongoError(
      5858203,
      `error during aggregation: $documents must be an array of documents, found ${typeName(list)}`,
    );
  const docs = list.map((doc) => {
    if (!isDoc(doc))
      throw mongoError(40228, `$documents must be an array of documents, found ${typeName(doc)} in it`);
    return doc;
  });
  return () => docs;
};

const graphLookup: Stage = ({ argument: options, context, scope, name }) => {
  if (!isDoc(options)) throw mongoError('FailedToParse', `the ${name} stage specification must be an object`);
  const from = textOption(options, 'from', name);
  const as = textOption(options, 'as', name).split('.');
  const connectFrom = textOption(options, 'connectFromField', name).split('.');
  const connectTo = textOption(options, 'connectToField', name);
  const start = options.get('startWith');
  if (start === undefined) throw mongoError(40105, `missing 'startWith' field for a ${name}`);
  const startWith = compileExpression(start, scope);
  const maxDepth = options.get('maxDepth');
  const depthLimit = isNumeric(maxDepth) ? toNumber(maxDepth) : Infinity;
  const depthField = options.has('depthField') ? textOption(options, 'depthField', name) : undefined;
  const restrict = options.get('restrictSearchWithMatch');
  const restriction = isDoc(restrict) ? restrict : undefined;
  const reach = (doc: Doc): Doc[] => {
    const found = new Map<string, Doc>();
    let held = 0;
    let frontier = distinct([startWith(doc)]);
    for (let depth = 0; frontier.length > 0 && depth <= depthLimit; depth++) {
      const next: (Value | undefined)[] = [];
      for (const each of context.find(
        context.database,
        from,
        and([docOf({ [connectTo]: docOf({ $in: frontier }) }), restriction]),
      )) {
        const key = keyOf([each.get('_id') ?? each]).toString('latin1');
        if (found.has(key)) continue;
        found.set(key, depthField === undefined ? each : new Map(each).set(depthField, BigInt(depth)));
        held += approximateSize(each);
        checkMemory(held, name);
        next.push(valueOfPath(each, connectFrom, 0));
      }
      frontier = distinct(next);
    }
    return [...found.values()];
  };
  return (input) => Iterator.from(input).map((doc) => setPath(doc, as, reach(doc)));
};

function distinct(values: readonly (Value | undefined)[]): Value[] {
  const found = new Map<string, Value>();
  for (const value of values) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) found.set(keyOf([each]).toString('latin1'), each);
    }
  }
  return [...found.values()];
}

export const joiningStages: readonly (readonly [string, Stage])[] = [
  ['$lookup', lookup],
  ['$graphLookup', graphLookup],
  ['$unionWith', unionWith],
  ['$facet', facet],
  ['$documents', documents],
];
