// explain: the plan of a command and, when asked, what running it looks at. Writes are only looked for, not done.
import { docOf, int32, isDoc } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { find as findIn, results } from '../plan/execute.ts';
import { explained } from '../plan/explain.ts';
import { planQuery } from '../plan/plan.ts';
import { splitPipeline } from '../aggregation/pipeline.ts';
import { docField, docsField, stringField } from './command.ts';
import { environmentOf, parseFind } from './find.ts';
import { VERSION } from './handshake.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Around } from '../plan/explain.ts';
import type { Query } from '../plan/plan.ts';
import type { Answer, Command } from './command.ts';

const verbosities = ['queryPlanner', 'executionStats', 'allPlansExecution'];

/** @throws BadValue (2), FailedToParse (9) */
export function explain(command: Command): Answer {
  const inner = command.body.get('explain');
  if (!isDoc(inner))
    throw mongoError(
      'TypeMismatch',
      "BSON field 'explain.explain' is the wrong type, expected type 'object'",
    );
  const verbosity = stringField(command.body, 'verbosity', 'explain') ?? 'allPlansExecution';
  if (!verbosities.includes(verbosity)) {
    throw mongoError(
      'BadValue',
      `Enumeration value '${verbosity}' for field 'verbosity' is not a valid value.`,
    );
  }
  return explainCommand(command, inner, verbosity !== 'queryPlanner');
}

/** The explanation of a command that came inside another, or of an aggregate that asks for its own. */
export function explainCommand(outer: Command, inner: Doc, execute: boolean): Doc {
  const [name = ''] = inner.keys();
  const collection = inner.get(name);
  if (typeof collection !== 'string')
    throw mongoError('InvalidNamespace', 'collection name has invalid type');
  const command: Command = { ...outer, name, body: inner };
  const { query, around } = queryOf(command, inner, name);
  const namespace = `${command.database}.${collection}`;
  const target = command.server.catalogue.find(command.database, collection);
  const plan = target === undefined ? undefined : planQuery(target, query);
  const executed = !execute ? undefined : { keys: 0, documents: 0, returned: 0, milliseconds: 0 };
  if (executed !== undefined && plan !== undefined) {
    const begun = performance.now();
    const run = { store: command.server.store, limit: { deadline: command.deadline }, examined: executed };
    const all = around.outer === undefined ? results(plan, run, around) : findIn(plan, run);
    while (all.next().done !== true) executed.returned++;
    executed.milliseconds = performance.now() - begun;
  }
  const answer = explained(namespace, plan, around, executed);
  if (name === 'aggregate') {
    const rest = splitPipeline(docsField(inner, 'pipeline', name) ?? []).rest;
    if (rest.length > 0) answer.set('stages', [docOf({ $cursor: new Map(answer) }), ...rest]);
  }
  answer.set('command', inner);
  const { host } = command.server;
  answer.set('serverInfo', docOf({ host, port: int32(0), version: VERSION, gitVersion: 'comptoir' }));
  return answer;
}

function queryOf(
  command: Command,
  inner: Doc,
  name: string,
): { query: Query & { filter: Doc }; around: Around } {
  const environment = environmentOf(command);
  const empty = (): Doc => new Map<string, Value>();
  if (name === 'find') {
    const { query, shape } = parseFind(command, inner);
    const projection = docField(inner, 'projection', name);
    const { filter, sort } = query;
    return { query, around: { filter, sort, skip: shape.skip, limit: shape.limit, projection } };
  }
  if (name === 'aggregate') {
    const { filter, sort, skip, limit } = splitPipeline(docsField(inner, 'pipeline', name) ?? []);
    return {
      query: { filter, sort, environment, hint: inner.get('hint') },
      around: { filter, sort, skip, limit },
    };
  }
  if (name === 'count' || name === 'distinct' || name === 'findAndModify' || name === 'findandmodify') {
    const filter = docField(inner, 'query', name) ?? empty();
    const sort = docField(inner, 'sort', name);
    const outer =
      name === 'count'
        ? 'COUNT'
        : name === 'distinct'
          ? undefined
          : inner.get('remove') === true
            ? 'DELETE'
            : 'UPDATE';
    return { query: { filter, sort, environment, hint: inner.get('hint') }, around: { filter, sort, outer } };
  }
  if (name === 'update' || name === 'delete') {
    const [statement] = docsField(inner, name === 'update' ? 'updates' : 'deletes', name) ?? [];
    const filter = (statement === undefined ? undefined : docField(statement, 'q', name)) ?? empty();
    return {
      query: { filter, environment, hint: statement?.get('hint') },
      around: { filter, outer: name.toUpperCase() },
    };
  }
  throw mongoError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
}
