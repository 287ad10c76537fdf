// How this project's own programs are run by Node: small, and without compiling again what has not changed.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Node keeps stripped and compiled code here; loading the compiler alone costs a process 30 MB and half a second. */
const compileCache = join(
  fileURLToPath(new URL('../../..', import.meta.url)),
  'node_modules/.cache/compiled',
);

/** Variables for a program of ours. glibc otherwise gives every thread an arena of its own: 10 MB a process for nothing. */
export const nodeVariables = { NODE_COMPILE_CACHE: compileCache, MALLOC_ARENA_MAX: '1' } as const;

/**
 * Flags for a program that runs on a small machine beside seven others. V8's young generation grows to 32 MB while a program starts
 * and is not given back; that of an idle one needs less than 3.
 */
export const smallProgram: readonly string[] = ['--max-semi-space-size=1'];
