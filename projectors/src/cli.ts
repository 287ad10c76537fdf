// `npm run projections -- list | rebuild <name>`: operations on projections from the shell, through the registry in MongoDB alone.
// Exit code: 0 done, 1 failed or refused, 2 not understood, 130 stopped watching (the rebuild goes on). What went wrong is said on
// standard error.
import { setTimeout as delay } from 'node:timers/promises';
import {
  generationName,
  isProjectionName,
  isUnavailable,
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

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

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

const goesOn = (name: string): string =>
  `The rebuild of ${name} goes on without us. "npm run projections -- list" shows it.`;

async function rebuild(db: Db, name: string, signal: AbortSignal): Promise<number> {
  const request = await requestRebuild(db, name);
  if (request.outcome === 'unknown-projection') {
    throw new Error(`Projection ${name} is not known on this database: no projector has run on it yet.`);
  }
  const { generation, live } = request;
  say(
    request.outcome === 'requested'
      ? `Rebuilding ${name}: ${generationName(name, generation)} is filled from the log while readers keep ${generationName(name, live)}.`
      : `A rebuild of ${name} is under way already; this is how it goes on.`,
  );
  try {
    return await watch(db, name, generation, signal);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new Error(`MongoDB does not answer any more (${reasonOf(error)}). ${goesOn(name)}`, {
      cause: error,
    });
  }
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
  say(goesOn(name));
  return 130;
}

/** What is wrong with a command line; undefined when it is understood. */
function misunderstanding([command, name, ...rest]: readonly string[]): string | undefined {
  if (command === 'list' && name === undefined) return undefined;
  if (command !== 'rebuild' || name === undefined || rest.length > 0) return usage;
  if (isProjectionName(name)) return undefined;
  return `There is no projection ${name}. There are: ${projectionNames.join(', ')}.`;
}

async function main(args: readonly string[]): Promise<number> {
  if (['--help', '-h', 'help'].some((word) => word === args[0])) {
    say(usage);
    return 0;
  }
  const wrong = misunderstanding(args);
  if (wrong !== undefined) {
    process.stderr.write(`${wrong}\n`);
    return 2;
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
    const [, name] = args;
    return name === undefined ? await list(database.db) : await rebuild(database.db, name, stop.signal);
  } finally {
    await database.close();
  }
}

const exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  return 1;
});
// A connection that a silent server does not end would keep the process for ten seconds more.
process.stdout.write('', () => process.exit(exitCode));
