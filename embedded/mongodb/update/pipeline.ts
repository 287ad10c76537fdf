// Updates by pipeline: the stages that keep one document one document. (Manual: "Updates with Aggregation Pipeline".)
import { mongoError } from '../errors.ts';
import { isDoc } from '../documents/value.ts';
import { scopeOf } from '../aggregation/expression.ts';
import { transformations } from '../aggregation/transformations.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Environment } from '../query/filter.ts';

/** What an update pipeline may be given. */
export interface PipelineOptions extends Environment {
  /** Its variables (`c` of an update). */
  readonly constants?: Doc;
}

/** @throws InvalidOptions (72) on a stage that an update cannot have */
export function compileUpdatePipeline(stages: readonly Value[], options: PipelineOptions): (doc: Doc) => Doc {
  const given = new Map([...(options.let ?? []), ...(options.constants ?? [])]);
  const scope = scopeOf({ ...options, let: given });
  const steps = stages.map((stage) => {
    if (!isDoc(stage))
      throw mongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    const [name = ''] = stage.keys();
    if (stage.size !== 1)
      throw mongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
    const transformation = transformations.get(name);
    if (transformation === undefined) {
      throw mongoError('InvalidOptions', `${name} is not allowed to be used within an update`);
    }
    return transformation(stage.get(name) ?? null, scope, options);
  });
  return (doc) => steps.reduce((current, step) => step(current), doc);
}
