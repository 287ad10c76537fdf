// $out and $merge: where they write, and how; the server does the writing. (Manual: "$out", "$merge".)
import { mongoError } from '../errors.ts';
import { typeName } from '../documents/type.ts';
import { docOf, isDoc } from '../documents/value.ts';
import type { Doc, Value } from '../documents/value.ts';

export interface Sink {
  readonly stage: '$out' | '$merge';
  readonly database: string;
  readonly collection: string;
  /** Of $merge: the fields by which documents are the same. */
  readonly on: readonly string[];
  readonly whenMatched: 'replace' | 'keepExisting' | 'merge' | 'fail' | readonly Doc[];
  readonly whenNotMatched: 'insert' | 'discard' | 'fail';
  /** Variables of a pipeline in `whenMatched`: expressions of the new document, which always is `new`. */
  readonly let: Doc;
}

/** A collection by its name, or `{db, coll}`. */
function target(
  value: Value | undefined,
  database: string,
  code: number,
  what: string,
): { database: string; collection: string } {
  if (typeof value === 'string') return { database, collection: value };
  const [db, coll] = isDoc(value) ? [value.get('db') ?? database, value.get('coll')] : [];
  if (typeof db === 'string' && typeof coll === 'string') return { database: db, collection: coll };
  throw mongoError(
    code,
    `${what} must be a string or an object with 'db' and 'coll', but found ${typeName(value)}`,
  );
}

/** @throws Location16990, 51178, 51182 and others on a malformed argument */
export function sinkOf(stage: '$out' | '$merge', argument: Value, database: string): Sink {
  const fixed = {
    stage,
    whenMatched: 'replace',
    whenNotMatched: 'insert',
    on: ['_id'],
    let: new Map(),
  } as const;
  if (stage === '$out') return { ...fixed, ...target(argument, database, 16990, '$out') };
  const spec = typeof argument === 'string' ? docOf({ into: argument }) : argument;
  if (!isDoc(spec))
    throw mongoError(51182, `$merge requires a string or object argument, but found ${typeName(argument)}`);
  for (const option of spec.keys()) {
    if (!['into', 'on', 'let', 'whenMatched', 'whenNotMatched'].includes(option)) {
      throw mongoError(40415, `BSON field '$merge.${option}' is an unknown field.`);
    }
  }
  const variables = spec.get('let') ?? new Map<string, Value>();
  if (!isDoc(variables))
    throw mongoError('TypeMismatch', "BSON field '$merge.let' is the wrong type, expected type 'object'");
  return {
    stage,
    ...target(spec.get('into'), database, 51178, "$merge 'into'"),
    on: fieldsOf(spec.get('on')),
    whenMatched: matchedOf(spec.get('whenMatched')),
    whenNotMatched: notMatchedOf(spec.get('whenNotMatched')),
    let: variables,
  };
}

function fieldsOf(on: Value | undefined): readonly string[] {
  if (on === undefined) return ['_id'];
  const fields = Array.isArray(on) ? on : [on];
  if (fields.length === 0)
    throw mongoError(51187, "If explicitly specifying $merge 'on', must include at least one field");
  return fields.map((field) => {
    if (typeof field === 'string') return field;
    throw mongoError(51134, `$merge 'on' array elements must be strings, but found ${typeName(field)}`);
  });
}

function matchedOf(value: Value | undefined): Sink['whenMatched'] {
  if (value === undefined) return 'merge';
  if (value === 'replace' || value === 'keepExisting' || value === 'merge' || value === 'fail') return value;
  if (Array.isArray(value)) {
    return value.map((stage) => {
      if (isDoc(stage)) return stage;
      throw mongoError('TypeMismatch', "$merge: each stage of 'whenMatched' must be an object");
    });
  }
  throw mongoError('BadValue', "Enumeration value for field '$merge.whenMatched' is not a valid value.");
}

function notMatchedOf(value: Value | undefined): Sink['whenNotMatched'] {
  if (value === undefined) return 'insert';
  if (value === 'insert' || value === 'discard' || value === 'fail') return value;
  throw mongoError('BadValue', "Enumeration value for field '$merge.whenNotMatched' is not a valid value.");
}
