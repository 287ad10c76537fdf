// What `_id` may be. (Manual: "Documents: The _id Field".)
import { mongoError } from '../errors.ts';
import { typeOf, typeName, bsonType } from './type.ts';
import { isDoc } from './value.ts';
import type { Value } from './value.ts';

/** @throws InvalidIdField (53) when it is an array, a regular expression or undefined, DollarPrefixedFieldName (52) when it is a document with a name that begins with a dollar */
export function checkId(id: Value): void {
  const type = typeOf(id);
  if (type === bsonType.array || type === bsonType.regex || type === bsonType.undefined) {
    throw mongoError('InvalidIdField', `The '_id' value cannot be of type ${typeName(id)}`);
  }
  if (!isDoc(id)) return;
  for (const name of id.keys()) {
    if (name.startsWith('$')) {
      throw mongoError(
        'DollarPrefixedFieldName',
        `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`,
      );
    }
  }
}
