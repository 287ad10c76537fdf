// find, count and distinct.
import { compareValues } from '../documents/compare.ts';
import { keyOf } from '../documents/key.ts';
import { decodeDocument } from '../documents/read.ts';
import { valuesAt } from '../documents/path.ts';
import { docOf, int32, isNumeric, toNumber } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { find as findIn, results } from '../plan/execute.ts';
import { idOf } from '../plan/id.ts';
import { planFilter, planQuery } from '../plan/plan.ts';
import { compileFilter } from '../query/filter.ts';
import { compileProjection } from '../query/projection.ts';
import { compileSort } from '../query/sort.ts';
import { countKeys } from '../storage/scan.ts';
import { documentKey } from '../storage/keys.ts';
import { checkNamespace } from '../storage/catalogue.ts';
import {
  booleanField,
  checkFields,
  collectionName,
  countField,
  docField,
  refuseCollation,
  required,
  stringField,
} from './command.ts';
import { FIRST_BATCH, Results } from './cursors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Environment } from '../query/filter.ts';
import type { Plan, Query } from '../plan/plan.ts';
import type { Shape } from '../plan/execute.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Answer, Command } from './command.ts';
import type { Item } from './cursors.ts';

const findFields = [
  'find',
  'filter',
  'sort',
  'projection',
  'hint',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'noCursorTimeout',
  'allowDiskUse',
  'allowPartialResults',
  'collation',
  'let',
  'tailable',
  'awaitData',
  'oplogReplay',
  'returnKey',
  'showRecordId',
  'min',
  'max',
];

/** `let` and $$NOW of a command. */
export function environmentOf(command: Command): Environment {
  const variables = docField(command.body, 'let', command.name);
  return { now: command.now, ...(variables === undefined ? {} : { let: variables }) };
}

/** A find whose fields have been read. */
export interface FindRequest {
  readonly query: Query & { readonly filter: Doc };
  readonly shape: Shape;
  readonly batchSize: number;
  readonly single: boolean;
  readonly noTimeout: boolean;
}

/** @throws Location40415, TypeMismatch (14), NotImplemented (238) */
export function parseFind(command: Command, body: Doc): FindRequest {
  const where = 'find';
  checkFields(body, where, findFields);
  refuseCollation(body);
  for (const name of ['tailable', 'awaitData', 'returnKey', 'showRecordId']) {
    if (body.has(name) && booleanField(body, name, where) === true)
      throw mongoError('NotImplemented', `${name} is not served`);
  }
  for (const name of ['min', 'max']) {
    if ((docField(body, name, where)?.size ?? 0) > 0)
      throw mongoError('NotImplemented', `${name} is not served`);
  }
  const environment = environmentOf(command);
  const filter = docField(body, 'filter', where) ?? new Map<string, Value>();
  const sort = docField(body, 'sort', where);
  const projection = docField(body, 'projection', where);
  const project =
    projection === undefined || projection.size === 0
      ? undefined
      : compileProjection(projection, compileFilter(filter, environment), environment).apply;
  const limit = countField(body, 'limit', where);
  return {
    query: { filter, sort, hint: body.get('hint'), environment },
    shape: { skip: countField(body, 'skip', where), limit, project },
    batchSize: countField(body, 'batchSize', where) ?? FIRST_BATCH,
    single: booleanField(body, 'singleBatch', where) ?? false,
    noTimeout: booleanField(body, 'noCursorTimeout', where) ?? false,
  };
}

/** @throws BadValue (2) and others of filters, sorts and projections */
export function find(command: Command): Answer {
  const name = collectionName(command);
  const { server, database } = command;
  const { query, shape, batchSize, single, noTimeout } = parseFind(command, command.body);
  const collection = server.catalogue.find(database, name);
  const limit = { deadline: command.deadline };
  let items: Iterable<Item>;
  if (collection === undefined) {
    validate(query);
    items = [];
  } else {
    items =
      byId(command, collection, query, shape) ??
      results(planQuery(collection, query), { store: server.store, limit, first: batchSize + 1 }, shape);
  }
  const deadline = command.deadline;
  return server.cursors.first(`${database}.${name}`, new Results(items, limit), {
    batchSize,
    deadline,
    single,
    noTimeout,
  });
}

/** The one document of an `_id`, without a plan; undefined when the query is not that simple. */
function byId(command: Command, collection: Collection, query: Query, shape: Shape): Item[] | undefined {
  if (query.hint !== undefined || (shape.skip ?? 0) > 0) return undefined;
  const id = idOf(query.filter);
  if (id === undefined) return undefined;
  if (query.sort !== undefined && query.sort.size > 0) return undefined;
  const bytes = command.server.store.documents.get(documentKey(collection.id, id));
  if (bytes === undefined) return [];
  return [shape.project === undefined ? bytes : shape.project(decodeDocument(bytes))];
}

/** A query on a collection that does not exist is checked all the same. */
function validate(query: Query): void {
  compileFilter(query.filter, query.environment);
  if (query.sort !== undefined && query.sort.size > 0 && !query.sort.has('$natural')) compileSort(query.sort);
}

const countFields = ['count', 'query', 'limit', 'skip', 'hint', 'collation', 'fields', 'let'];

/** The number of documents that fulfil a filter; without one, from the catalogue. */
export function count(command: Command): Answer {
  const { body, server } = command;
  const where = 'count';
  checkFields(body, where, countFields);
  refuseCollation(body);
  const collection = server.catalogue.find(command.database, collectionName(command));
  const query = docField(body, 'query', where) ?? new Map<string, Value>();
  const skip = countField(body, 'skip', where) ?? 0;
  const limitValue = body.get('limit');
  const limit =
    limitValue !== undefined && isNumeric(limitValue) ? Math.abs(Math.trunc(toNumber(limitValue))) : 0;
  const filter = compileFilter(query, environmentOf(command));
  if (collection === undefined) return docOf({ n: int32(0) });
  const plan = planFilter(collection, filter, { hint: body.get('hint') });
  const all = countOf(command, plan);
  const left = Math.max(0, all - skip);
  return docOf({ n: int32(limit > 0 ? Math.min(limit, left) : left) });
}

function countOf(command: Command, plan: Plan): number {
  const { store } = command.server;
  const sparse = plan.access?.index?.sparse === true;
  if (plan.filter.always && !sparse) return plan.collection.count;
  if (plan.exact && !plan.repeats) {
    return countKeys(plan.access?.index === undefined ? store.documents : store.indexes, plan.ranges);
  }
  let found = 0;
  const run = findIn(plan, { store, limit: { deadline: command.deadline }, first: 1000 });
  while (run.next().done !== true) found++;
  return found;
}

const distinctFields = ['distinct', 'key', 'query', 'collation', 'hint'];

/** The different values of a path; those of an array one by one. */
export function distinct(command: Command): Answer {
  const { body, server } = command;
  const where = 'distinct';
  checkFields(body, where, distinctFields);
  refuseCollation(body);
  const name = collectionName(command);
  checkNamespace(command.database, name);
  const path = required(stringField(body, 'key', where), 'key', where);
  if (path === '') throw mongoError(40352, 'FieldPath cannot be constructed with empty string');
  const query = docField(body, 'query', where) ?? new Map<string, Value>();
  const environment = environmentOf(command);
  const filter = compileFilter(query, environment);
  const collection = server.catalogue.find(command.database, name);
  const values = new Map<string, Value>();
  if (collection !== undefined) {
    const plan = planFilter(collection, filter, { hint: body.get('hint') });
    const run = { store: server.store, limit: { deadline: command.deadline }, first: 1000 };
    for (const { doc, bytes } of findIn(plan, run)) {
      for (const value of valuesAt(doc ?? decodeDocument(bytes), path)) {
        const key = keyOf([value]).toString('latin1');
        if (!values.has(key)) values.set(key, value);
      }
    }
  }
  return docOf({ values: [...values.values()].sort(compareValues) });
}
