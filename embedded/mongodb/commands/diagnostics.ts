// What shells and tools ask about the server.
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { docOf, int32, isDoc } from '../documents/value.ts';
import { mongoError } from '../errors.ts';
import { show } from '../documents/show.ts';
import { VERSION } from './handshake.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Command, Handler } from './command.ts';

const MEGABYTE = 1024 * 1024;

function serverStatus(command: Command): Doc {
  const { server } = command;
  const seconds = (Date.now() - server.started.getTime()) / 1000;
  const { current, created } = server.connections();
  const memory = process.memoryUsage();
  const counters = Object.entries(server.counters).map(([name, count]): [string, Value] => [
    name,
    BigInt(count),
  ]);
  return docOf({
    host: server.host,
    version: VERSION,
    process: 'mongod',
    pid: BigInt(process.pid),
    uptime: Math.floor(seconds),
    uptimeMillis: BigInt(Math.floor(seconds * 1000)),
    localTime: command.now,
    connections: docOf({
      current: int32(current),
      available: int32(10_000 - current),
      totalCreated: int32(created),
      active: int32(1),
    }),
    opcounters: new Map(counters),
    mem: docOf({
      bits: int32(64),
      resident: int32(Math.round(memory.rss / MEGABYTE)),
      virtual: int32(Math.round(memory.rss / MEGABYTE)),
      supported: true,
    }),
    metrics: docOf({ cursor: docOf({ open: docOf({ total: BigInt(server.cursors.count) }) }) }),
    storageEngine: docOf({ name: 'lmdb', supportsCommittedReads: false, persistent: true, readOnly: false }),
  });
}

function hostInfo(command: Command): Doc {
  return docOf({
    system: docOf({
      currentTime: command.now,
      hostname: hostname(),
      cpuAddrSize: int32(64),
      memSizeMB: BigInt(Math.round(totalmem() / MEGABYTE)),
      numCores: int32(cpus().length),
      cpuArch: arch(),
    }),
    os: docOf({ type: platform(), name: platform(), version: release() }),
    extra: docOf({}),
  });
}

const parameters: Doc = docOf({
  featureCompatibilityVersion: docOf({ version: '7.0' }),
  authenticationMechanisms: [],
  ttlMonitorEnabled: true,
  cursorTimeoutMillis: int32(600_000),
});

function getParameter({ body }: Command): Doc {
  const asked = body.get('getParameter');
  if (asked === '*' || (isDoc(asked) && asked.get('allParameters') === true)) return new Map(parameters);
  const found: Doc = new Map();
  for (const name of body.keys()) {
    const value = parameters.get(name);
    if (value !== undefined) found.set(name, value);
  }
  if (found.size === 0) throw mongoError('InvalidOptions', 'no option found to get');
  return found;
}

function getLog({ body }: Command): Doc {
  const which = body.get('getLog');
  if (which === '*') return docOf({ names: ['global', 'startupWarnings'] });
  if (which !== 'global' && which !== 'startupWarnings') {
    throw mongoError('InvalidOptions', `No log named '${show(which ?? null)}'`);
  }
  return docOf({ totalLinesWritten: int32(0), log: [] });
}

export const diagnosticCommands: Readonly<Record<string, Handler>> = {
  serverStatus,
  hostInfo,
  getParameter,
  getLog,
  getCmdLineOpts: () => docOf({ argv: ['mongod'], parsed: docOf({}) }),
  currentOp: () => docOf({ inprog: [] }),
  listCommands: () => docOf({ commands: docOf({}) }),
  features: () => docOf({ oidMachine: int32(0) }),
  top: () => docOf({ totals: docOf({}) }),
};
