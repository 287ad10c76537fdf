// Sessions: drivers make their own ids and send them along; the server keeps nothing of them but the answers of retryable writes.
import { randomUUID } from 'node:crypto';
import { Binary, docOf, int32 } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import type { Handler } from './command.ts';

const nothing: Handler = () => new Map();

function noTransactions(): never {
  throw mongoError(
    'IllegalOperation',
    'Transaction numbers are only allowed on a replica set member or mongos',
  );
}

export const sessionCommands: Readonly<Record<string, Handler>> = {
  startSession: () =>
    docOf({
      id: docOf({
        id: new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID),
      }),
      timeoutMinutes: int32(30),
    }),
  endSessions: nothing,
  refreshSessions: nothing,
  killSessions: nothing,
  killAllSessions: nothing,
  killAllSessionsByPattern: nothing,
  commitTransaction: noTransactions,
  abortTransaction: noTransactions,
};
