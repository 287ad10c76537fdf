// `npm run projections -- list | rebuild <name>`: operations on projections from the shell, through the registry in MongoDB alone.
// Exit code: 0 done, 1 failed or refused, 2 not understood, 130 stopped watching (the rebuild goes on).
import { setTimeout as delay } from 'node:timers/promises';
import {
  generationName,
  openDatabase,
  projectionNames,
  readCheckpoints,
  readProjection,
  readProjections,
  requestRebuild,
} from '@comptoir/views';
import type { Db } from 'mongodb';
import { buildLine, isSilent, projectionLines } from './progress-lines.ts';

const usage = `usage: npm run projections -- list
       npm run projections -- rebuild <${projectionNames.join('|')}>

MONGODB_URI says where the views are (default mongodb://127.0.0.1:27017/comptoir).`;

/** How often progress is looked at, ms. */
const watchInterval = 500;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Rewrites one line on a terminal, and appends lines that differ elsewhere. */
function createProgressLine(): { show(line: string): void; end(): void } {
  const { isTTY, columns } = process.stdout;
  let last = '';
  return {
    show(line) {
      if (line === last) return;
      last = line;
      process.stdout.write(isTTY ? `\r\u001b[K${line.slice(0, columns - 1)}` : `${line}\n`);
    },
    end() {
      if (isTTY && last !== '') process.stdout.write('\n');
    },
  };
}

async function list(db: Db): Promise<number> {
  const projections = await readProjections(db);
  if (projections.length === 0) {
    say('No projection is known here yet: no projector has run on this database.');
    return 0;
  }
  const ids = projections.map(({ _id, live }) => generationName(_id, live));
  for (const line of projectionLines(projections, await readCheckpoints(db, ids), new Date())) say(line);
  return 0;
}

async function rebuild(db: Db, name: string, signal: AbortSignal): Promise<number> {
  const request = await requestRebuild(db, name);
  if (request.outcome === 'unknown-projection') {
    say(
      `There is no projection ${name} on this database. Known: ${(await readProjections(db)).map(({ _id }) => _id).join(', ') || 'none'}.`,
    );
    return 1;
  }
  const { generation, live } = request;
  say(
    request.outcome === 'requested'
      ? `Rebuilding ${name}: ${generationName(name, generation)} is filled from the log while readers keep ${generationName(name, live)}.`
      : `A rebuild of ${name} is under way already; this is how it goes on.`,
  );
  return watch(db, name, generation, signal);
}

async function watch(db: Db, name: string, generation: number, signal: AbortSignal): Promise<number> {
  const started = Date.now();
  const progress = createProgressLine();
  try {
    while (!signal.aborted) {
      const projection = await readProjection(db, name);
      if (projection === null) throw new Error(`projection ${name} is gone from the registry`);
      const { build, live } = projection;
      if (live >= generation) {
        progress.end();
        say(
          `Done in ${((Date.now() - started) / 1000).toFixed(1)} s: readers use ${generationName(name, live)}.`,
        );
        return 0;
      }
      if (build?.generation !== generation)
        throw new Error('the rebuild was cancelled or replaced by another');
      const silent = isSilent(projection, new Date()) ? ' (no projector has given a sign of life)' : '';
      progress.show(buildLine(build) + silent);
      if (build.state === 'failed') {
        progress.end();
        say(`The rebuild failed; readers keep ${generationName(name, live)}.`);
        return 1;
      }
      await delay(watchInterval, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    progress.end();
  }
  say(`The rebuild of ${name} goes on without us. "npm run projections -- list" shows it.`);
  return 130;
}

async function main([command, name, ...rest]: readonly string[]): Promise<number> {
  const understood =
    (command === 'list' && name === undefined) ||
    (command === 'rebuild' && name !== undefined && rest.length === 0);
  if (!understood) {
    process.stderr.write(`${usage}\n`);
    return command === '--help' || command === 'help' ? 0 : 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  const uri = process.env.MONGODB_URI;
  const address = uri === undefined || uri === '' ? 'mongodb://127.0.0.1:27017/comptoir' : uri;
  const database = await openDatabase(address, { appName: 'comptoir-projections', patience: 0 });
  try {
    return name === undefined ? await list(database.db) : await rebuild(database.db, name, stop.signal);
  } finally {
    await database.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
