// The error of a unique index.
import { showDocument } from '../documents/show.ts';
import { MongoError } from '../errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Collection } from './catalogue.ts';

/** DuplicateKey (11000), with what drivers show of it. */
export class DuplicateKeyError extends MongoError {
  readonly keyPattern: Doc;
  readonly keyValue: Doc;

  constructor(collection: Collection, index: string, keyPattern: Doc, values: readonly Value[]) {
    const keyValue: Doc = new Map(Array.from(keyPattern.keys(), (path, at) => [path, values[at] ?? null]));
    super(
      11000,
      `E11000 duplicate key error collection: ${collection.database}.${collection.name} index: ${index} dup key: ${showDocument(keyValue)}`,
    );
    this.keyPattern = keyPattern;
    this.keyValue = keyValue;
  }
}
