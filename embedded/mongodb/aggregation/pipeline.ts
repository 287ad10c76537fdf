// Aggregation pipelines: stages compiled one after the other into a chain of lazy iterables. (Manual: "Aggregation Pipeline".)
import { mongoError } from '../errors.ts';
import { int32Of } from '../documents/integer.ts';
import { isDoc } from '../documents/value.ts';
import { scopeOf } from './expression.ts';
import { sinkOf } from './sink.ts';
import { groupingStages } from './stages/grouping.ts';
import { joiningStages } from './stages/joining.ts';
import { streamingStages } from './stages/streaming.ts';
import { transformations } from './transformations.ts';
import type { Doc } from '../documents/value.ts';
import type { Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import type { PipelineContext, Run, Stage } from './stage.ts';

export { splitPipeline } from './split.ts';
export type { Sink } from './sink.ts';
export type { PipelineContext } from './stage.ts';

export interface Pipeline {
  /** Lazy: what is not asked for is not computed. */
  readonly run: Run;
  /** Where $out or $merge, the last stage, writes: the server does it. */
  readonly sink?: Sink;
}

const stages: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ...streamingStages,
  ...groupingStages,
  ...joiningStages,
]);

/** Stages of MongoDB 7.0 that are not served. */
const notServed = new Set([
  '$densify',
  '$fill',
  '$setWindowFields',
  '$geoNear',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$planCacheStats',
  '$listSearchIndexes',
  '$shardedDataDistribution',
]);
/** Levels of pipelines in pipelines (MongoDB: maxSubPipelineDepth). */
const MOST_LEVELS = 20;

/**
 * Compiles a pipeline.
 *
 * @throws Location40324 on an unknown stage, 40323 on a malformed one, NotImplemented (238) on one that is not served, and those of each stage
 */
export function compilePipeline(given: readonly Doc[], context: PipelineContext): Pipeline {
  const scope = scopeOf(context);
  const last = given.at(-1);
  const [name = ''] = last?.keys() ?? [];
  if (last === undefined || (name !== '$out' && name !== '$merge'))
    return { run: compileStages(given, context, scope, '', 0) };
  const sink = sinkOf(name, last.get(name) ?? null, context.database);
  return { run: compileStages(given.slice(0, -1), context, scope, '', 0), sink };
}

function compileStages(
  given: readonly Doc[],
  context: PipelineContext,
  scope: Scope,
  inside: string,
  level: number,
): Run {
  if (level > MOST_LEVELS)
    throw mongoError(
      'MaxSubPipelineDepthExceeded',
      `Maximum number of nested sub-pipelines exceeded. Limit is ${String(MOST_LEVELS)}`,
    );
  const runs = given.map((stage, at) =>
    compileStage(stage, given.slice(at + 1), at, context, scope, inside, level),
  );
  return (input) => runs.reduce((docs, run) => run(docs), input);
}

function compileStage(
  stage: Doc,
  after: readonly Doc[],
  at: number,
  context: PipelineContext,
  scope: Scope,
  inside: string,
  level: number,
): Run {
  const [name = ''] = stage.keys();
  const argument = stage.get(name) ?? null;
  if (stage.size !== 1)
    throw mongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  const transformation = transformations.get(name);
  if (transformation !== undefined) {
    const transform = transformation(argument, scope, context);
    return (input) => Iterator.from(input).map(transform);
  }
  if (name === '$out' || name === '$merge') {
    throw mongoError(
      inside === '' ? 40601 : 51047,
      inside === ''
        ? `${name} can only be the final stage in the pipeline`
        : `${name} is not allowed within a ${inside}'s sub-pipeline`,
    );
  }
  if (name === '$documents' && at > 0)
    throw mongoError(40602, '$documents is only valid as the first stage in a pipeline.');
  if (name === '$changeStream')
    throw mongoError(40573, 'The $changeStream stage is only supported on replica sets');
  const compile = stages.get(name);
  if (compile === undefined) {
    if (notServed.has(name)) throw mongoError('NotImplemented', `the stage ${name} is not served`);
    throw mongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
  const limit = name === '$sort' ? limitAfter(after) : undefined;
  return compile({
    name,
    argument,
    context,
    scope,
    compileStages: (inner, innerContext, innerScope, where) =>
      compileStages(inner, innerContext, innerScope, where, level + 1),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** How many documents of a sort are needed when a $limit follows, perhaps after a $skip. */
function limitAfter(after: readonly Doc[]): number | undefined {
  const [next, second] = after;
  const skip = next?.has('$skip') === true ? int32Of(next.get('$skip')) : 0;
  const limit = (next?.has('$skip') === true ? second : next)?.get('$limit');
  const count = int32Of(limit);
  return skip === undefined || count === undefined || skip < 0 || count < 1 ? undefined : skip + count;
}

/** Whether a pipeline brings its own documents ($documents), and so needs no collection. */
export function needsNoCollection(given: readonly Doc[]): boolean {
  const [first] = given;
  return isDoc(first) && first.has('$documents');
}
