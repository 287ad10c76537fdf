// A plan as explain shows it, with the names of MongoDB's stages: what this server does, not what MongoDB would do.
import { docOf, int32 } from '../documents/value.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Candidate, Plan } from './plan.ts';

/** What a run counted. */
export interface Executed {
  readonly keys: number;
  readonly documents: number;
  readonly returned: number;
  readonly milliseconds: number;
}

/** What surrounds the stage that finds. */
export interface Around {
  readonly filter: Doc;
  readonly sort?: Doc | undefined;
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
  readonly projection?: Doc | undefined;
  /** UPDATE, DELETE, COUNT, …: the outermost stage. */
  readonly outer?: string | undefined;
}

type Stage = [name: string, fields: Readonly<Record<string, Value | undefined>>];

function scan(access: Candidate, plan: Plan): Stage {
  const bounds = new Map<string, Value>(
    access.pattern.map(([path, direction]) => [
      path,
      [
        ...(plan.bounds?.indexBounds.get(path) ?? [
          direction === 1 ? '[MinKey, MaxKey]' : '[MaxKey, MinKey]',
        ]),
      ],
    ]),
  );
  return [
    'IXSCAN',
    {
      keyPattern: access.key,
      indexName: access.name,
      isMultiKey: access.multikey,
      isUnique: access.index === undefined || access.index.unique,
      isSparse: access.index?.sparse ?? false,
      isPartial: false,
      indexVersion: int32(2),
      direction: plan.reverse ? 'backward' : 'forward',
      indexBounds: bounds,
    },
  ];
}

/** The stages, the innermost first. */
function stagesOf(plan: Plan, around: Around): Stage[] {
  const { access, exact } = plan;
  const filter = exact || plan.filter.always ? undefined : around.filter;
  const stages: Stage[] = [];
  if (access === undefined)
    stages.push(['COLLSCAN', { filter, direction: plan.reverse ? 'backward' : 'forward' }]);
  else stages.push(scan(access, plan), ['FETCH', { filter }]);
  if (plan.sort !== undefined && around.sort !== undefined) {
    const most =
      around.limit === undefined || around.limit === 0 ? undefined : around.limit + (around.skip ?? 0);
    stages.push([
      'SORT',
      { sortPattern: around.sort, limitAmount: most === undefined ? undefined : int32(most), type: 'simple' },
    ]);
  }
  if ((around.skip ?? 0) > 0) stages.push(['SKIP', { skipAmount: int32(around.skip ?? 0) }]);
  if ((around.limit ?? 0) > 0) stages.push(['LIMIT', { limitAmount: int32(around.limit ?? 0) }]);
  if (around.projection !== undefined)
    stages.push(['PROJECTION_DEFAULT', { transformBy: around.projection }]);
  if (around.outer !== undefined) stages.push([around.outer, {}]);
  return stages;
}

function nested(stages: readonly Stage[], counted?: Executed): Doc {
  let inner: Doc | undefined;
  for (const [stage, fields] of stages) {
    const doc = docOf({ stage, ...fields });
    if (counted !== undefined) {
      doc.set('nReturned', int32(stage === 'IXSCAN' ? counted.keys : counted.returned));
      if (stage === 'IXSCAN') doc.set('keysExamined', int32(counted.keys));
      if (stage === 'FETCH' || stage === 'COLLSCAN') doc.set('docsExamined', int32(counted.documents));
    }
    if (inner !== undefined) doc.set('inputStage', inner);
    inner = doc;
  }
  return inner ?? docOf({ stage: 'EOF' });
}

/** `queryPlanner` and, when it was run, `executionStats`. @param plan undefined: the collection does not exist */
export function explained(
  namespace: string,
  plan: Plan | undefined,
  around: Around,
  executed?: Executed,
): Doc {
  const stages: Stage[] = plan === undefined ? [['EOF', {}]] : stagesOf(plan, around);
  const answer = docOf({
    explainVersion: '1',
    queryPlanner: docOf({
      namespace,
      indexFilterSet: false,
      parsedQuery: around.filter,
      maxIndexedOrSolutionsReached: false,
      maxIndexedAndSolutionsReached: false,
      maxScansToExplodeReached: false,
      winningPlan: nested(stages),
      rejectedPlans: [],
    }),
  });
  if (executed !== undefined) {
    answer.set(
      'executionStats',
      docOf({
        executionSuccess: true,
        nReturned: int32(executed.returned),
        executionTimeMillis: int32(Math.round(executed.milliseconds)),
        totalKeysExamined: int32(executed.keys),
        totalDocsExamined: int32(executed.documents),
        executionStages: nested(stages, executed),
      }),
    );
  }
  return answer;
}
