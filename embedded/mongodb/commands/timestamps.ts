// An empty timestamp at the top of a document that is inserted or put in place of another becomes the current one (manual: "BSON Types:
// Timestamps").
import { Timestamp } from '../documents/value.ts';
import { nextTimestamp } from '../update/operators.ts';
import type { Doc, Value } from '../documents/value.ts';

const isEmpty = (value: Value): boolean => value instanceof Timestamp && value.t === 0 && value.i === 0;

/** The document with its empty timestamps filled in; itself when it has none. `_id` is left as it is. */
export function stamped(doc: Doc, now: Date): Doc {
  let filled: Doc | undefined;
  for (const [name, value] of doc) {
    if (name === '_id' || !isEmpty(value)) continue;
    filled ??= new Map(doc);
    filled.set(name, nextTimestamp(now));
  }
  return filled ?? doc;
}
