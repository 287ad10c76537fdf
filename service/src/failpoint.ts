// Named places where a test may have the process die as if by `kill -9`: no flush, no handler, no answer.
// FAILPOINT=name kills at the first pass, FAILPOINT=name@3 at the third. Unset, a pass costs one comparison.
import { writeSync } from 'node:fs';

const [armed, pass = '1'] = (process.env.FAILPOINT ?? '').split('@');
let passesLeft = Number(pass);

/**
 * Kills this process with SIGKILL when the environment names this place, else does nothing.
 *
 * @param name - what happens just before, in kebab-case: `before-commit`
 */
export function failpoint(name: string): void {
  if (armed !== name) return;
  passesLeft -= 1;
  if (passesLeft > 0) return;
  // Straight to the descriptor: a buffered line would die with the process.
  writeSync(2, `failpoint ${name} reached: process ${String(process.pid)} kills itself\n`);
  process.kill(process.pid, 'SIGKILL');
}
