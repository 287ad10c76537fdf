// Commands that are programs of other folders: run with the same terminal, ended by the same signals.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readSettings } from './settings.ts';

function runProgram(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const program = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const child = spawn(process.execPath, [program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  // It gets Ctrl-C itself, and decides what that means.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (signal === 'SIGTERM') child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** `npm run projections -- …`: by default on the database that `npm start` starts. */
export const runProjections = (args: readonly string[]): Promise<number> => {
  const { host, ports } = readSettings();
  const standard = `mongodb://${host}:${String(ports.mongodb)}/comptoir`;
  const given = process.env.MONGODB_URI;
  return runProgram('projectors/src/cli.ts', args, {
    MONGODB_URI: given === undefined || given === '' ? standard : given,
  });
};

/** `npm run bench [name…]`. */
export const runBench = (args: readonly string[]): Promise<number> => runProgram('bench/src/main.ts', args);
