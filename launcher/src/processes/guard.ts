// Tells the guardian (guardian.sh) which processes this one has started. There is one guardian for this process, started with
// the first of them; it ends when this process does. Windows has no shell for it: there, what was started outlives a process that
// is killed.
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

let tell: ((line: string) => void) | undefined;

function startGuardian(): (line: string) => void {
  const guardian = spawn('sh', [fileURLToPath(new URL('guardian.sh', import.meta.url))], {
    // A session of its own: Ctrl-C in the terminal is for us, not for it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env.PATH },
  });
  const { stdin } = guardian;
  // Without a guardian everything works but the cleaning up after a SIGKILL.
  guardian.on('error', () => undefined);
  stdin.on('error', () => undefined);
  guardian.unref();
  if (stdin instanceof Socket) stdin.unref();
  return (line) => {
    stdin.write(line);
  };
}

/** From now on `pid` is stopped when this process ends, however it ends. */
export function guard(pid: number): void {
  tell ??= startGuardian();
  tell(`+${String(pid)}\n`);
}

/** `pid` has ended. Its number may be given to another process, which must be left alone. */
export function release(pid: number): void {
  tell?.(`-${String(pid)}\n`);
}
