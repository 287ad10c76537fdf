// A second stand-in for mongod: FerretDB 1.24 on SQLite, built from the Go module once (about 80 s) where Go is there, with
// repairs to it as released; without them a bulk of hundreds of updates never finishes, every look-up reads it all, and it ends
// itself when the garbage collector finds an iterator that it left open.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cached } from '@comptoir/launcher';
import { mustRun, run } from '../support/commands.ts';

const source = fileURLToPath(new URL('ferretdb/', import.meta.url));
const sources = ['go.mod', 'go.sum', 'main.go'];

interface Repair {
  readonly file: string;
  readonly why: string;
  readonly from: string;
  readonly to: string;
}

const repairs: readonly Repair[] = [
  {
    file: 'handler/msg_update.go',
    why: 'an update command keeps one open connection per statement until it ends',
    from: 'common.UpdateDocument(ctx, c, "update"',
    to: 'closer.Close()',
  },
  {
    file: 'backends/sqlite/metadata/metadata.go',
    why: 'a look-up by _id misses its index',
    from: "->'$._id'",
    to: `->\\"_id\\"`,
  },
  {
    file: 'backends/sqlite/collection.go',
    why: 'the index is not tried when the filter has another field beside _id',
    from: 'if params.Filter.Len() == 1 {',
    to: 'if params.Filter.Len() > 0 {',
  },
  {
    file: 'util/resource/resource.go',
    why: 'the process ends when an iterator was left open',
    from: 'panic(msg)',
    to: '_ = msg',
  },
];

/** The line of the update handler is added to; in the other two files the text is replaced. */
const repaired = (text: string, { from, to }: Repair): string =>
  text
    .split('\n')
    .flatMap((line) => {
      if (!line.includes(from)) return [line];
      return to.endsWith('()') ? [line, `\t\t\t${to}`] : [line.replace(from, to)];
    })
    .join('\n');

async function build(folder: string): Promise<void> {
  console.log('building FerretDB 1.24 with Go (about 80 s, once)');
  await Promise.all(sources.map((name) => copyFile(join(source, name), join(folder, name))));
  await mustRun('go', ['mod', 'vendor'], { cwd: folder, within: 280_000 });
  for (const repair of repairs) {
    const file = join(folder, 'vendor/github.com/FerretDB/FerretDB/internal', repair.file);
    const text = await readFile(file, 'utf8');
    const better = repaired(text, repair);
    if (better === text) throw new Error(`FerretDB could not be repaired: ${repair.file} (${repair.why})`);
    await writeFile(file, better);
  }
  await mustRun('go', ['build', '-mod=vendor', '-buildvcs=false', '-trimpath', '-o', 'ferretdb', '.'], {
    cwd: folder,
    env: { CGO_ENABLED: '0' },
    within: 600_000,
  });
  await rm(join(folder, 'vendor'), { recursive: true });
}

/** Whether FerretDB can be built here. */
export const goIsThere = async (): Promise<boolean> => (await run('go', ['version']))?.code === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function untilItListens(port: number, hasEnded: () => boolean): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until && !hasEnded();) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`FerretDB does not listen on port ${String(port)}`);
}

/** Starts FerretDB in a temporary folder; builds it first where that was not done yet. */
export async function startFerretDB(): Promise<{ address: string; stop: () => Promise<void> }> {
  const hash = createHash('sha256').update(JSON.stringify(repairs));
  for (const name of sources) hash.update(await readFile(join(source, name)));
  const folder = await cached(`ferretdb-1.24-${hash.digest('hex').slice(0, 8)}`, build);
  const data = await mkdtemp(join(tmpdir(), 'comptoir-ferretdb-'));
  const port = await freePort();
  const args = ['-listen', `127.0.0.1:${String(port)}`, '-dir', data];
  const child = spawn(join(folder, 'ferretdb'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  try {
    await untilItListens(port, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: `mongodb://127.0.0.1:${String(port)}`, stop };
}
