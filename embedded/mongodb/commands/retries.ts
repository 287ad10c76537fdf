// Retryable writes: a write that comes with a session and a transaction number a second time gets the answer of the first time. The
// answer is stored in the transaction of the write itself. (Drivers send such numbers to replica sets only; others may.)
import { decodeDocument } from '../documents/read.ts';
import { Binary, docOf, isDoc, isNumeric, toNumber } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { MongoError, mongoError } from '../errors.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Answer, Command, Handler, Server } from './command.ts';

/** Sessions of which the last write is remembered; the eldest goes first. */
const MOST_SESSIONS = 10_000;

/** What a handler may do before its transaction ends: remember the answer. */
const pending = new WeakMap<Command, Buffer>();

/** Runs a write, unless it was run before. @throws what the handler throws, TransactionTooOld (225) */
export function retried(command: Command, handler: Handler): Answer | Promise<Answer> {
  const { body, server } = command;
  const number = body.get('txnNumber');
  if (number === undefined) return handler(command);
  const session = sessionOf(body);
  if (session === undefined || !isNumeric(number)) {
    throw mongoError('InvalidOptions', 'Transaction number requires a session ID to also be specified');
  }
  const known = server.store.retries.get(session);
  const record = known === undefined ? undefined : decodeDocument(known);
  if (record !== undefined) {
    const last = toNumber(record.get('number') as number);
    if (toNumber(number) < last) {
      throw new MongoError(
        225,
        `Retryable write with txnNumber ${String(number)} is prohibited on session because a newer retryable write with txnNumber ${String(last)} has already started on this session.`,
      );
    }
    if (toNumber(number) === last && sameStatements(record.get('statements'), statementsOf(body))) {
      return record.get('answer') as Doc;
    }
  }
  pending.set(command, session);
  return handler(command);
}

/** In the transaction of a write: notes its answer for a second time. */
export function remember(command: Command, answer: Doc): void {
  const session = pending.get(command);
  if (session === undefined) return;
  const { retries } = command.server.store;
  const number = command.body.get('txnNumber');
  if (number === undefined || !isNumeric(number)) return;
  const record = docOf({
    number: toNumber(number),
    statements: statementsOf(command.body),
    answer,
    at: command.now,
  });
  void retries.put(session, encodeDocument(record));
}

/** At the start: forgets the eldest sessions beyond the bound. */
export async function forgetOldSessions(server: Pick<Server, 'store'>): Promise<void> {
  const { store } = server;
  const kept: { key: Buffer; at: number }[] = [];
  for (const { key, value } of store.retries.getRange({
    start: Buffer.from([0]),
    end: Buffer.from([255, 255]),
  })) {
    const at = decodeDocument(value).get('at');
    kept.push({ key, at: at instanceof Date ? at.getTime() : 0 });
  }
  if (kept.length <= MOST_SESSIONS) return;
  const old = kept.sort((a, b) => b.at - a.at).slice(MOST_SESSIONS);
  await store.write(() => {
    for (const { key } of old) void store.retries.remove(key);
  });
}

function sessionOf(body: Doc): Buffer | undefined {
  const session = body.get('lsid');
  const id = isDoc(session) ? session.get('id') : undefined;
  return id instanceof Binary && id.length() === 16 ? Buffer.from(id.buffer.subarray(0, 16)) : undefined;
}

function statementsOf(body: Doc): Value {
  return body.get('stmtIds') ?? body.get('stmtId') ?? null;
}

function sameStatements(a: Value | undefined, b: Value): boolean {
  return encodeDocument(new Map([['', a ?? null]])).equals(encodeDocument(new Map([['', b]])));
}
