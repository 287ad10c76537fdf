import { expect, it } from 'vitest';
import { keepRunning } from './keep-running.ts';
import type { Exit } from './managed-process.ts';

const killed: Exit = { code: null, signal: 'SIGKILL' };

/** Something that runs until `end` is called. */
function running(): { exited: Promise<Exit>; end: () => void; stop: () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  const end = (): void => {
    resolve(killed);
  };
  return {
    exited: promise,
    end,
    stop: () => {
      end();
      return Promise.resolve();
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

it('leaves nothing behind that was still starting when it was not wanted any more', async () => {
  const stop = new AbortController();
  const [first, second] = [running(), running()];
  const starting = Promise.withResolvers<undefined>();
  const ready = Promise.withResolvers<typeof second>();
  const done = keepRunning(first, {
    name: 'kafka',
    signal: stop.signal,
    say: () => undefined,
    start: () => {
      starting.resolve(undefined);
      return ready.promise;
    },
  });
  first.end();
  await starting.promise;
  stop.abort();
  ready.resolve(second);
  await done;
  expect(await second.exited).toEqual(killed);
});
