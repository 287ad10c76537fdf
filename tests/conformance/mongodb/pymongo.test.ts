// The Python driver, unchanged, in an environment of its own (made once in the project's cache by python3 and pip): one start per
// server runs the script beside this file, which prints one line of JSON for each thing that it tries.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { cached } from '@comptoir/launcher';
import { mustRun, run } from '../support/commands.ts';
import { itHolds } from './cases.ts';
import { serversFor, type Server } from './servers.ts';

const version = '4.20.0';
const script = fileURLToPath(new URL('pymongo-client.py', import.meta.url));

/** Python with the driver; `undefined` where it cannot be had. */
async function python(): Promise<string | undefined> {
  if ((await run('python3', ['--version']))?.code !== 0) return undefined;
  try {
    // An environment cannot be moved: only the packages are kept.
    const packages = await cached(`pymongo-${version}`, async (folder) => {
      const args = ['-m', 'pip', 'install', '--quiet', '--target', folder, `pymongo==${version}`];
      await mustRun('python3', args, { within: 200_000 });
    });
    return packages;
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return undefined;
  }
}

const packages = await python();
if (packages === undefined) console.log(`left out: pymongo ${version}, which needs python3 and pip`);
const servers = await serversFor('pymongo');

/** What the script must print for each thing that it tries. */
const wanted: Readonly<Record<string, unknown>> = {
  'inserts many': 3,
  'finds in order': [2, 3],
  'keeps 64-bit numbers': '9007199254740993',
  'keeps a date': '2026-03-01T12:00:00',
  'keeps bytes': 'AAEC',
  'keeps a decimal': '1.10',
  'updates one': [1, 1],
  'updates many': 3,
  upserts: 'new',
  replaces: 1,
  'finds and updates': 7,
  deletes: 1,
  'names a duplicate': 11000,
  'names the errors of a bulk by their index': [1],
  'writes in bulk': [1, 1, 1],
  'makes a unique index': 'a_1',
  'lists indexes': ['_id_', 'a_1'],
  aggregates: [
    { _id: 'x', n: 2 },
    { _id: 'y', n: 1 },
  ],
  'goes through many documents': 1000,
  counts: 1000,
  'tells apart': [0, 1, 2],
  'uses a session': 1000,
  'lists collections': ['items', 'many'],
  drops: ['items'],
};

async function printed({ address, db }: Server): Promise<Map<string, unknown>> {
  const env = { PYTHONPATH: packages ?? '' };
  const output = await mustRun('python3', [join(script), address, db.databaseName], { env, within: 60_000 });
  return new Map(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, unknown]),
  );
}

describe.skipIf(packages === undefined).each(servers)(`pymongo ${version} on $product`, (server) => {
  let output: Promise<Map<string, unknown>> | undefined;
  for (const [says, value] of Object.entries(wanted))
    itHolds(server, 'pymongo', says, async () => {
      output ??= printed(server);
      expect((await output).get(says)).toEqual(value);
    });
});
