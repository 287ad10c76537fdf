// What a stage is: documents in, documents out, as far as possible one by one.
import { mongoError } from '../errors.ts';
import { integerOf, isWhole } from '../documents/integer.ts';
import { show } from '../documents/show.ts';
import { approximateSize } from '../documents/size.ts';
import { isNumeric } from '../documents/value.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Environment, Scope } from './scope.ts';

export type Run = (input: Iterable<Doc>) => Iterable<Doc>;

/** What a pipeline sees besides its documents. */
export interface PipelineContext extends Environment {
  readonly database: string;
  /** The documents of another collection that fulfil a filter (an index may be used); none when it does not exist. */
  readonly find: (database: string, collection: string, filter: Doc) => Iterable<Doc>;
}

/** Compiles the stages of a pipeline inside another; `name` is the stage that it is in. */
export type CompileStages = (
  stages: readonly Doc[],
  context: PipelineContext,
  scope: Scope,
  name: string,
) => Run;

export interface StageInput {
  readonly name: string;
  readonly argument: Value;
  readonly context: PipelineContext;
  readonly scope: Scope;
  readonly compileStages: CompileStages;
  /** How many of a sort's documents the stages after it take. */
  readonly limit?: number;
}

export type Stage = (input: StageInput) => Run;

/** Memory that a stage may hold (Manual: "Aggregation Pipeline Limits"), in bytes. */
const MEMORY_LIMIT = 100 * 1024 * 1024;

/** Counts what a stage holds. @throws QueryExceededMemoryLimitNoDiskUseAllowed (292) */
export function checkMemory(held: number, name: string): void {
  if (held <= MEMORY_LIMIT) return;
  throw mongoError(
    'QueryExceededMemoryLimitNoDiskUseAllowed',
    `Exceeded memory limit for ${name}, but didn't allow external sort. Pass allowDiskUse:true to opt in.`,
  );
}

/** All documents of an input, within the memory of a stage. */
export function gather(input: Iterable<Doc>, name: string): Doc[] {
  const docs: Doc[] = [];
  let held = 0;
  for (const doc of input) {
    docs.push(doc);
    held += approximateSize(doc);
    checkMemory(held, name);
  }
  return docs;
}

/** A whole number that is not negative. @throws Location with the code given */
export function countOf(argument: Value, name: string, code: number): number {
  const shown = `${name}: ${show(argument)}`;
  if (!isNumeric(argument))
    throw mongoError(code, `invalid argument to ${name} stage: Expected a number in: ${shown}`);
  const count = integerOf(argument);
  if (count === undefined || !isWhole(argument))
    throw mongoError(code, `invalid argument to ${name} stage: Expected an integer: ${shown}`);
  if (count < 0n)
    throw mongoError(code, `invalid argument to ${name} stage: Expected a non-negative number in: ${shown}`);
  return Number(count);
}

/** The stages of an argument that is a pipeline. @throws TypeMismatch (14) */
export function stagesOf(argument: Value | undefined, name: string): Doc[] {
  if (!Array.isArray(argument))
    throw mongoError('TypeMismatch', `'pipeline' option of ${name} must be specified as an array`);
  return argument.map((stage) => {
    if (!(stage instanceof Map))
      throw mongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    return stage;
  });
}
