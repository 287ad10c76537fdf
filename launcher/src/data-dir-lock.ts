// A data folder belongs to one running Comptoir. The lock is a socket: the system gives it back however its holder ends, so there is
// no stale lock to clear by hand.
import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const socketOf = (folder: string): string => {
  const name = `comptoir-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
};

const listen = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end());
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });

/**
 * Takes a data folder for this process, creating it when it is not there.
 *
 * @returns gives it back
 * @throws Error when another process has it
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const path = socketOf(await realpath(dataDir));
  let server: Server;
  try {
    server = await listen(path);
  } catch {
    if (await answers(path))
      throw new Error(
        `Comptoir is running already on ${dataDir}: stop it, or set DATA_DIR to another folder (and the ports to others).`,
      );
    await rm(path, { force: true });
    server = await listen(path);
  }
  return () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
}
