// The broker's folder: one broker at a time, and who the cluster is. The lock is a socket, which the system gives back however its
// holder ends, so that a kill leaves nothing to clear away.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that this broker has to itself. */
export interface BrokerFolder {
  readonly path: string;
  /** 22 characters, made once and kept. */
  readonly clusterId: string;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/**
 * Takes the folder `kafka` in `dataDir`, making it when it is missing.
 *
 * @throws Error when another broker has it
 */
export async function takeFolder(dataDir: string): Promise<BrokerFolder> {
  const path = join(dataDir, 'kafka');
  await mkdir(path, { recursive: true });
  const release = await lock(await realpath(path));
  try {
    return { path, clusterId: await clusterIdIn(path), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  const socket = socketOf(path);
  const server = await listen(socket).catch(async (error: unknown) => {
    if (await answers(socket))
      throw new Error(`another broker has ${path}: stop it, or choose another data folder`, { cause: error });
    await rm(socket, { force: true });
    return await listen(socket);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
}

/** Linux has socket names that are no files and end with their process; elsewhere a file may be left behind. */
function socketOf(path: string): string {
  const name = `comptoir-kafka-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

const listen = (socket: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((peer) => peer.end());
    server.once('error', reject);
    server.listen(socket, () => {
      server.unref();
      resolve(server);
    });
  });

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const peer = connect(socket);
    peer.once('connect', () => {
      peer.destroy();
      resolve(true);
    });
    peer.once('error', () => {
      resolve(false);
    });
  });

async function clusterIdIn(path: string): Promise<string> {
  const file = join(path, 'cluster-id');
  const known = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  if (/^[\w-]{22}$/.test(known)) return known;
  const clusterId = randomBytes(16).toString('base64url');
  const draft = `${file}.new`;
  const handle = await open(draft, 'w');
  try {
    await handle.writeFile(clusterId);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return clusterId;
}
