// getMore and killCursors.
import { isNumeric } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { checkFields, countField, required, stringField } from './command.ts';
import type { Value } from '../documents/value.ts';
import type { Answer, Command } from './command.ts';

const fields = ['getMore', 'collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'];

function cursorId(value: Value | undefined): bigint {
  if (typeof value === 'bigint') return value;
  if (value !== undefined && isNumeric(value)) return BigInt(Math.trunc(Number(value.toString())));
  throw mongoError('TypeMismatch', "BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
}

/** The next batch of a cursor. @throws CursorNotFound (43) */
export function getMore(command: Command): Answer {
  const { body, server, database } = command;
  checkFields(body, 'getMore', fields);
  const id = cursorId(body.get('getMore'));
  const collection = required(stringField(body, 'collection', 'getMore'), 'collection', 'getMore');
  const batchSize = countField(body, 'batchSize', 'getMore') ?? 0;
  const most = batchSize === 0 ? Infinity : batchSize;
  return server.cursors.next(id, `${database}.${collection}`, most, command.deadline);
}

/** Ends cursors. */
export function killCursors(command: Command): Answer {
  const { body, server } = command;
  checkFields(body, 'killCursors', ['killCursors', 'cursors']);
  const cursors = body.get('cursors');
  if (!Array.isArray(cursors))
    throw mongoError('TypeMismatch', "BSON field 'killCursors.cursors' must be an array");
  const killed: Value[] = [];
  const missing: Value[] = [];
  for (const value of cursors) {
    const id = cursorId(value);
    (server.cursors.kill(id) ? killed : missing).push(id);
  }
  return new Map<string, Value>([
    ['cursorsKilled', killed],
    ['cursorsNotFound', missing],
    ['cursorsAlive', []],
    ['cursorsUnknown', []],
  ]);
}
