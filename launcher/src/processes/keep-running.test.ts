import { expect, it } from 'vitest';
import { keepRunning } from './keep-running.ts';
import type { Exit } from './managed-process.ts';

const killed: Exit = { code: null, signal: 'SIGKILL' };

/** Something that runs until `end` is called. */
function running(): { exited: Promise<Exit>; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  return {
    exited: promise,
    end: () => {
      resolve(killed);
    },
  };
}

it('starts again what has ended, also when a start fails, until it is not wanted any more', async () => {
  const said: string[] = [];
  const stop = new AbortController();
  const [first, second] = [running(), running()];
  let starts = 0;
  const started = Promise.withResolvers<undefined>();
  const done = keepRunning(first, {
    name: 'query-api',
    signal: stop.signal,
    say: (line) => said.push(line),
    start: async () => {
      starts += 1;
      if (starts === 1) throw new Error('port 3002 is taken');
      started.resolve(undefined);
      return Promise.resolve(second);
    },
  });
  first.end();
  await started.promise;
  stop.abort();
  second.end();
  await done;
  expect(starts).toBe(2);
  expect(said).toEqual([
    'query-api ended (SIGKILL), starting it again in 0.5 s',
    'port 3002 is taken',
    'query-api ended (it did not start), starting it again in 1 s',
  ]);
});
