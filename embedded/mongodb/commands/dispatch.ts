// From a request to an answer: finds the command, checks what all commands have in common, turns errors into answers.
import { docField, checkWriteConcern, countField } from './command.ts';
import { retried } from './retries.ts';
import { show } from '../documents/show.ts';
import { isDoc } from '../documents/value.ts';
import { MongoError, mongoError } from '../errors.ts';
import { errorFields } from '../wire/connection.ts';
import { DuplicateKeyError } from '../storage/duplicate.ts';
import { aggregate } from './aggregate.ts';
import { bulkWrite } from './bulk-write.ts';
import { collectionCommands } from './collections.ts';
import { count, distinct, find } from './find.ts';
import { deleteCommand } from './delete.ts';
import { diagnosticCommands } from './diagnostics.ts';
import { explain } from './explain.ts';
import { findAndModify } from './find-and-modify.ts';
import { getMore, killCursors } from './get-more.ts';
import { handshakeCommands } from './handshake.ts';
import { indexCommands } from './indexes.ts';
import { insert } from './insert.ts';
import { sessionCommands } from './sessions.ts';
import { statisticsCommands } from './statistics.ts';
import { update } from './update.ts';
import type { Respond } from '../wire/connection.ts';
import type { Request, WriteFields } from '../wire/message.ts';
import type { Answer, Command, Handler, Server } from './command.ts';

const handlers = new Map<string, Handler>(
  Object.entries<Handler>({
    find,
    count,
    distinct,
    aggregate,
    getMore,
    killCursors,
    explain,
    ...handshakeCommands,
    ...diagnosticCommands,
    ...collectionCommands,
    ...indexCommands,
    ...sessionCommands,
    ...statisticsCommands,
  }),
);

/** Commands that write documents: with a transaction number, a second one gets the answer of the first. */
const writers = new Map<string, Handler>(
  Object.entries<Handler>({
    insert,
    update,
    delete: deleteCommand,
    findAndModify,
    findandmodify: findAndModify,
    bulkWrite,
  }),
);

const counters = new Map<string, keyof Server['counters']>([
  ['insert', 'insert'],
  ['find', 'query'],
  ['update', 'update'],
  ['delete', 'delete'],
  ['getMore', 'getmore'],
]);

/** Commands that MongoDB takes on the database `admin` only. */
const adminOnly = new Set([
  'listDatabases',
  'renameCollection',
  'getParameter',
  'getLog',
  'getCmdLineOpts',
  'currentOp',
  'bulkWrite',
]);

/** What a listener asks for each message. */
export function responder(server: Server): Respond {
  return (request, connection) => {
    try {
      const { body, sequences, database } = request;
      const [name = ''] = body.keys();
      const writes = writers.get(name);
      const handler = writes ?? handlers.get(name);
      server.counters[counters.get(name) ?? 'command']++;
      if (handler === undefined) throw mongoError('CommandNotFound', `no such command: '${name}'`);
      check(name, request);
      const now = new Date();
      const deadline = deadlineOf(request);
      const command: Command = { name, database, body, sequences, connection, server, deadline, now };
      const answer = writes === undefined ? handler(command) : retried(command, handler);
      if (answer instanceof Promise) return answer.then(fieldsOf, failureOf);
      return fieldsOf(answer);
    } catch (error) {
      return failureOf(error);
    }
  };
}

function check(name: string, { body, database }: Request): void {
  if (database === '') throw mongoError('InvalidNamespace', "Invalid database name: ''");
  if (body.get('startTransaction') !== undefined || body.get('autocommit') !== undefined) {
    throw mongoError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
  }
  if (adminOnly.has(name) && database !== 'admin') {
    throw mongoError('Unauthorized', `${name} may only be run against the admin database.`);
  }
  if (body.has('writeConcern')) checkWriteConcern(body);
  const concern = docField(body, 'readConcern', name);
  const level = concern?.get('level');
  if (level === 'snapshot') {
    throw mongoError('InvalidOptions', 'readConcern level snapshot is not supported on standalone mongod');
  }
  if (
    level !== undefined &&
    level !== 'local' &&
    level !== 'available' &&
    level !== 'majority' &&
    level !== 'linearizable'
  ) {
    throw mongoError(
      'BadValue',
      `Enumeration value '${show(level)}' for field 'readConcern.level' is not a valid value.`,
    );
  }
}

function deadlineOf({ body }: Request): number {
  if (!body.has('maxTimeMS')) return Infinity;
  const milliseconds = countField(body, 'maxTimeMS', 'command') ?? 0;
  return milliseconds === 0 ? Infinity : performance.now() + milliseconds;
}

function fieldsOf(answer: Answer): WriteFields {
  return (writer) => {
    if (isDoc(answer)) {
      for (const [name, value] of answer) writer.element(name, value);
      if (answer.has('ok')) return;
    } else answer(writer);
    writer.element('ok', 1);
  };
}

function failureOf(error: unknown): WriteFields {
  if (error instanceof MongoError) {
    return errorFields(error, (writer) => {
      if (error instanceof DuplicateKeyError) {
        writer.element('keyPattern', error.keyPattern);
        writer.element('keyValue', error.keyValue);
      }
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  console.error('mongodb: a command failed', error);
  return errorFields(mongoError('InternalError', `internal error: ${message}`));
}
