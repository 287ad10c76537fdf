// What insert, update, delete and bulkWrite have in common: many writes in one command, ordered or not, each with its own error.
import { docOf, int32 } from '../documents/value.ts';
import { MongoError, mongoError } from '../errors.ts';
import { DuplicateKeyError } from '../storage/duplicate.ts';
import { checkNamespace } from '../storage/catalogue.ts';
import { booleanField, checkDeadline, collectionName } from './command.ts';
import { remember } from './retries.ts';
import type { Doc } from '../documents/value.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Command, Server } from './command.ts';

/** Most writes in one command (`maxWriteBatchSize` of hello). */
export const MOST_WRITES = 100_000;

/** An entry of `writeErrors`. */
export function writeError(index: number, error: MongoError): Doc {
  const duplicate = error instanceof DuplicateKeyError ? error : undefined;
  return docOf({
    index: int32(index),
    code: int32(error.code),
    keyPattern: duplicate?.keyPattern,
    keyValue: duplicate?.keyValue,
    errmsg: error.message,
  });
}

/** @throws InvalidLength (16) */
export function checkBatch(count: number): void {
  if (count === 0 || count > MOST_WRITES) {
    throw mongoError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${String(MOST_WRITES)}. Got ${String(count)} operations.`,
    );
  }
}

/**
 * Runs the writes of a command in one transaction, one after the other. An error ends them when they are ordered; those before it
 * stay.
 *
 * @returns The answer that `answer` makes, with `writeErrors` when there are any
 * @throws What is not the fault of one write
 */
export async function runWrites(
  command: Command,
  count: number,
  write: (at: number) => void,
  answer: () => Doc,
): Promise<Doc> {
  const ordered = booleanField(command.body, 'ordered', command.name) ?? true;
  checkBatch(count);
  return command.server.store.write(() => {
    const errors: Doc[] = [];
    for (let at = 0; at < count; at++) {
      try {
        checkDeadline(command.deadline);
        write(at);
      } catch (error) {
        if (!(error instanceof MongoError)) throw error;
        errors.push(writeError(at, error));
        if (ordered) break;
      }
    }
    const fields = answer();
    if (errors.length > 0) fields.set('writeErrors', errors);
    fields.set('ok', 1);
    remember(command, fields);
    return fields;
  });
}

/** The collection of a write. `make` creates it when it is missing; inside a write. */
export function target(command: Command): { find: () => Collection | undefined; make: () => Collection } {
  const name = collectionName(command);
  checkNamespace(command.database, name);
  return targetOf(command.server, command.database, name);
}

export function targetOf(
  server: Server,
  database: string,
  name: string,
): { find: () => Collection | undefined; make: () => Collection } {
  const find = (): Collection | undefined => server.catalogue.find(database, name);
  return { find, make: () => find() ?? server.catalogue.create(database, name) };
}
