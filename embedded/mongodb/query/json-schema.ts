// $jsonSchema: refused, with a clear message; validators are not served.
import { mongoError } from '../errors.ts';
import type { Doc, Value } from '../documents/value.ts';

/** @throws NotImplemented (238) */
export function jsonSchema(_schema: Value): (doc: Doc) => boolean {
  throw mongoError('NotImplemented', '$jsonSchema is not served');
}
