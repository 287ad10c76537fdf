// The servers in a process that can be killed and started again where it was.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('server-process.ts', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A process with all three servers. */
export interface KillableServers {
  readonly kafka: string;
  readonly registry: string;
  readonly mongodb: string;
  /** Starts the process, and resolves when all three answer. */
  start(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Chooses ports for the servers; nothing runs yet. */
export async function killableServers(dataDir: string): Promise<KillableServers> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const [kafka = 0, registry = 0, mongodb = 0] = ports;
  let child: ChildProcess | undefined;
  return {
    kafka: `127.0.0.1:${String(kafka)}`,
    registry: `http://127.0.0.1:${String(registry)}`,
    mongodb: `mongodb://127.0.0.1:${String(mongodb)}`,
    async start() {
      const started = spawn(process.execPath, [program, dataDir, ...ports.map(String)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      const complaints = text(started.stderr);
      // A crash would otherwise look like servers that are slow.
      started.once('exit', (code, signal) => {
        if (signal !== 'SIGKILL')
          void complaints.then((said) => {
            console.error(`the servers ended by themselves (${String(code ?? signal)}): ${said}`);
          });
      });
      for await (const line of createInterface({ input: started.stdout })) {
        if (line !== 'ready') continue;
        started.stdout.resume();
        return;
      }
      throw new Error(`the servers ended before they were ready:\n${await complaints}`);
    },
    async kill() {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
