// aggregate: what the beginning of a pipeline asks of the collection is answered like a find, with its indexes; the rest of the stages
// follow. First stages that ask about the server are answered here.
import { compilePipeline, needsNoCollection, splitPipeline } from '../aggregation/pipeline.ts';
import { decodeDocument } from '../documents/read.ts';
import { docOf, int32, isDoc } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { results } from '../plan/execute.ts';
import { planQuery } from '../plan/plan.ts';
import { checkNamespace, idKey } from '../storage/catalogue.ts';
import {
  booleanField,
  checkFields,
  countField,
  docField,
  docsField,
  refuseCollation,
  required,
} from './command.ts';
import { FIRST_BATCH, Results } from './cursors.ts';
import { explainCommand } from './explain.ts';
import { environmentOf } from './find.ts';
import { describeIndex } from './indexes.ts';
import { writeResults } from './sink.ts';
import { statisticsOf } from './statistics.ts';
import type { PipelineContext } from '../aggregation/pipeline.ts';
import type { Doc } from '../documents/value.ts';
import type { TimeLimit } from '../plan/execute.ts';
import type { Item } from './cursors.ts';
import type { Answer, Command } from './command.ts';

const fields = [
  'aggregate',
  'pipeline',
  'cursor',
  'explain',
  'allowDiskUse',
  'bypassDocumentValidation',
  'collation',
  'hint',
  'let',
  'isMapReduceCommand',
];

/** @throws FailedToParse (9), Location40324 and others of stages and expressions */
export function aggregate(command: Command): Answer | Promise<Answer> {
  const { body, database, server } = command;
  const where = 'aggregate';
  checkFields(body, where, fields);
  refuseCollation(body);
  const pipeline = required(docsField(body, 'pipeline', where), 'pipeline', where);
  const target = body.get('aggregate');
  const name = typeof target === 'string' ? target : '$cmd.aggregate';
  if (typeof target === 'string') checkNamespace(database, name);
  if (booleanField(body, 'explain', where) === true) return explainCommand(command, body, false);
  const cursor = docField(body, 'cursor', where);
  if (cursor === undefined) {
    throw mongoError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  const batchSize = countField(cursor, 'batchSize', `${where}.cursor`) ?? FIRST_BATCH;
  const limit: TimeLimit = { deadline: command.deadline };
  const context = contextOf(command, limit);
  const about = needsNoCollection(pipeline)
    ? undefined
    : aboutServer(command, pipeline, typeof target === 'string' ? name : undefined);
  const { rest, items } =
    about === undefined
      ? fromCollection(command, name, pipeline, limit)
      : { rest: pipeline.slice(1), items: about };
  const compiled = compilePipeline(rest, context);
  const namespace = `${database}.${name}`;
  const answer = (output: Iterable<Item>): Answer =>
    server.cursors.first(namespace, new Results(output, limit), { batchSize, deadline: command.deadline });
  const { sink } = compiled;
  if (sink !== undefined) {
    return writeResults(command, sink, [...compiled.run(decoded(items))]).then(() => answer([]));
  }
  // Without stages of its own, the pipeline is a find, whose documents need no decoding.
  return answer(rest.length === 0 ? items : compiled.run(decoded(items)));
}

function* decoded(items: Iterable<Item>): Generator<Doc, void, undefined> {
  for (const item of items) yield item instanceof Map ? item : decodeDocument(item);
}

/** What stages may ask of other collections. */
export function contextOf(command: Command, limit: TimeLimit): PipelineContext {
  const environment = environmentOf(command);
  const { server } = command;
  return {
    ...environment,
    database: command.database,
    find: (database, name, filter) => {
      const collection = server.catalogue.find(database, name);
      if (collection === undefined) return [];
      return decoded(results(planQuery(collection, { filter }), { store: server.store, limit }, {}));
    },
  };
}

function fromCollection(
  command: Command,
  name: string,
  pipeline: readonly Doc[],
  limit: TimeLimit,
): { rest: readonly Doc[]; items: Iterable<Item> } {
  const { server, database, body } = command;
  const { filter, sort, skip, limit: most, rest } = splitPipeline(pipeline);
  const collection = server.catalogue.find(database, name);
  if (collection === undefined) return { rest: pipeline, items: [] };
  const plan = planQuery(collection, {
    filter,
    sort,
    hint: body.get('hint'),
    environment: environmentOf(command),
  });
  return { rest, items: results(plan, { store: server.store, limit }, { skip, limit: most }) };
}

/** The input that a first stage makes by itself; undefined when it reads the collection. */
function aboutServer(
  command: Command,
  pipeline: readonly Doc[],
  name: string | undefined,
): Doc[] | undefined {
  const { server, database } = command;
  const [stage = ''] = pipeline[0]?.keys() ?? [];
  const argument = pipeline[0]?.get(stage);
  if (stage === '$changeStream')
    throw mongoError(40573, 'The $changeStream stage is only supported on replica sets');
  if (['$currentOp', '$listLocalSessions', '$listSessions', '$planCacheStats'].includes(stage)) return [];
  const collection = name === undefined ? undefined : server.catalogue.find(database, name);
  if (stage === '$collStats' && name !== undefined) {
    const scale = isDoc(argument) ? docField(argument, 'storageStats', stage) : undefined;
    const wanted = isDoc(argument) ? argument : new Map();
    if (wanted.has('count') && collection === undefined) {
      throw mongoError('NamespaceNotFound', `Collection [${database}.${name}] not found.`);
    }
    return [
      docOf({
        ns: `${database}.${name}`,
        host: server.host,
        localTime: command.now,
        storageStats:
          scale === undefined
            ? undefined
            : statisticsOf(server, collection, countField(scale, 'scale', stage) ?? 1),
        count: wanted.has('count') ? int32(collection?.count ?? 0) : undefined,
      }),
    ];
  }
  if (stage === '$indexStats' && name !== undefined) {
    if (collection === undefined) return [];
    const idIndex = docOf({ v: int32(2), key: idKey, name: '_id_' });
    return [idIndex, ...collection.indexes.map(describeIndex)].map((spec) =>
      docOf({
        name: spec.get('name'),
        key: spec.get('key'),
        host: server.host,
        accesses: docOf({ ops: 0n, since: server.started }),
        spec,
      }),
    );
  }
  if (name === undefined) {
    throw mongoError(
      'InvalidNamespace',
      `{aggregate: 1} is not valid for '${stage === '' ? 'an empty pipeline' : stage}'; a collection is required.`,
    );
  }
  return undefined;
}
