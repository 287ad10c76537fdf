// What drivers ask when they connect. The server presents itself as a standalone MongoDB 7.0: no replica set, so drivers neither retry
// writes nor start transactions; no topologyVersion, so they poll instead of waiting for a streamed answer.
import { docOf, int32 } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { LARGEST_MESSAGE } from '../wire/frames.ts';
import { MAX_DOCUMENT_SIZE } from '../documents/write.ts';
import { MOST_WRITES } from './write-errors.ts';
import type { Doc } from '../documents/value.ts';
import type { Handler, Command } from './command.ts';

/** The version of MongoDB whose behaviour is followed. */
export const VERSION = '7.0.14';
const VERSION_PARTS = [7, 0, 14, 0].map(int32);
/** Of MongoDB 7.0. */
const WIRE_VERSION = 21;
/** Sessions end after this many minutes without use (localLogicalSessionTimeoutMinutes). */
const SESSION_MINUTES = 30;

function hello(command: Command): Doc {
  const legacy = command.name !== 'hello';
  return docOf({
    helloOk: command.body.get('helloOk') === true ? true : undefined,
    ...(legacy ? { ismaster: true } : { isWritablePrimary: true }),
    maxBsonObjectSize: int32(MAX_DOCUMENT_SIZE),
    maxMessageSizeBytes: int32(LARGEST_MESSAGE),
    maxWriteBatchSize: int32(MOST_WRITES),
    localTime: command.now,
    logicalSessionTimeoutMinutes: int32(SESSION_MINUTES),
    connectionId: int32(command.connection.id),
    minWireVersion: int32(0),
    maxWireVersion: int32(WIRE_VERSION),
    readOnly: false,
  });
}

function buildInfo(): Doc {
  return docOf({
    version: VERSION,
    gitVersion: 'comptoir',
    modules: [],
    allocator: 'system',
    javascriptEngine: 'none',
    sysInfo: 'deprecated',
    versionArray: VERSION_PARTS,
    openssl: docOf({ running: 'disabled', compiled: 'disabled' }),
    bits: int32(64),
    debug: false,
    maxBsonObjectSize: int32(MAX_DOCUMENT_SIZE),
    storageEngines: ['lmdb'],
  });
}

function noAuthentication(): never {
  throw mongoError('AuthenticationFailed', 'this server has no users: connect without credentials');
}

export const handshakeCommands: Readonly<Record<string, Handler>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: () => new Map(),
  buildInfo,
  buildinfo: buildInfo,
  whatsmyuri: (command) => docOf({ you: command.connection.peer }),
  connectionStatus: () =>
    docOf({
      authInfo: docOf({
        authenticatedUsers: [],
        authenticatedUserRoles: [],
        authenticatedUserPrivileges: [],
      }),
    }),
  saslStart: noAuthentication,
  saslContinue: noAuthentication,
  authenticate: noAuthentication,
  getnonce: noAuthentication,
  logout: () => new Map(),
};
