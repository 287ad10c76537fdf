// kill -9: what was acknowledged is there afterwards, and the indexes agree with the documents.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { startMongoDB } from './index.ts';
import type { ChildProcess } from 'node:child_process';

async function startProcess(dataDir: string): Promise<{ child: ChildProcess; address: string }> {
  const program = `
    const { startMongoDB } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    const { address } = await startMongoDB({ dataDir: ${JSON.stringify(dataDir)}, port: 0 });
    process.send(address);
  `;
  const child = fork('--input-type=module', ['--eval', program], {
    execPath: process.execPath,
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [address] = (await once(child, 'message')) as [string];
  return { child, address };
}

test(
  'what was acknowledged before kill -9 is there after it, with its index entries',
  { timeout: 60_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'embedded-mongodb-'));
    let acknowledged = -1;
    for (let round = 0; round < 3; round++) {
      const { child, address } = await startProcess(dataDir);
      const client = await new MongoClient(address, { retryWrites: false }).connect();
      const collection = client.db('crash').collection<{ _id: number; n: number }>('kept');
      await collection.createIndexes([{ key: { n: 1 }, unique: true }]);
      const first = acknowledged + 1;
      const died = once(child, 'exit');
      try {
        for (let id = first; ; id++) {
          await collection.updateOne({ _id: id }, { $set: { n: -id } }, { upsert: true });
          acknowledged = id;
          if (id === first + 40 + round) child.kill('SIGKILL');
        }
      } catch {
        // The connection broke.
      }
      await died;
      await client.close();
    }
    const server = await startMongoDB({ dataDir, port: 0 });
    const client = await new MongoClient(server.address).connect();
    const db = client.db('crash');
    const found = await db.collection<{ _id: number }>('kept').find().toArray();
    const ids = new Set(found.map(({ _id }) => _id));
    expect(Array.from({ length: acknowledged + 1 }, (_, id) => id).filter((id) => !ids.has(id))).toEqual([]);
    expect(await db.command({ validate: 'kept' })).toMatchObject({
      valid: true,
      nrecords: found.length,
      keysPerIndex: { n_1: found.length },
    });
    await client.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  },
);

test('a folder that another process serves is refused', { timeout: 30_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedded-mongodb-'));
  const { child } = await startProcess(dataDir);
  await expect(startMongoDB({ dataDir, port: 0 })).rejects.toThrow(`in use by process ${String(child.pid)}`);
  const died = once(child, 'exit');
  child.kill('SIGKILL');
  await died;
  const server = await startMongoDB({ dataDir, port: 0 });
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});
