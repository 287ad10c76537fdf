// What npm's scripts call, on whatever Node is there: installs what lacks, then goes on with Node 24 from node_modules. Plain
// JavaScript without imports of ours, since nothing may be installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Comptoir needs Node 20 or later; this is ${process.version}.`);
  process.exit(1);
}

const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const node = path(
  process.platform === 'win32' ? 'node_modules/node/bin/node.exe' : 'node_modules/node/bin/node',
);
// npm writes this file last; a lockfile that is newer has not been installed yet.
if (
  !existsSync(node) ||
  changed(path('node_modules/.package-lock.json')) < changed(path('package-lock.json'))
) {
  console.log('installing (npm ci)');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const installed =
    npm === undefined
      ? spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' });
  if (installed.status !== 0) {
    console.error('npm ci failed; its lines above say why.');
    process.exit(1);
  }
}

const args = ['--max-semi-space-size=1', path('launcher/src/main.ts'), ...process.argv.slice(2)];
// As for the programs that it starts: see launcher/src/processes/node-program.ts.
const env = {
  NODE_COMPILE_CACHE: path('node_modules/.cache/compiled'),
  MALLOC_ARENA_MAX: '1',
  ...process.env,
};
// Node 22.15 and later can become the other program, which leaves one process less.
if (typeof process.execve === 'function' && process.platform !== 'win32') {
  process.chdir(root);
  process.execve(node, [node, ...args], env);
}

const child = spawn(node, args, { cwd: root, stdio: 'inherit', env });
// Ctrl-C reaches the whole group of the terminal; a signal sent to this process alone is passed on. Either way the child decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (error) => {
  console.error(`${node} cannot be run: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  process.exit(code ?? (signal === null ? 1 : 130));
});
