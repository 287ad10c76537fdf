// MongoDB's shell, unchanged, from the npm registry (fetched by npx at its first use): one start per server runs the commands
// that a person types and prints one line of JSON for each.
import { describe, expect } from 'vitest';
import { run } from '../support/commands.ts';
import { itHolds } from './cases.ts';
import { serversFor, type Server } from './servers.ts';

const version = '2.12.0';
const shell = ['-y', `mongosh@${version}`];

const servers = await serversFor('mongosh');
const isThere = (await run('npx', [...shell, '--version'], { within: 120_000 }))?.code === 0;
if (!isThere) console.log(`left out: mongosh ${version}, which npx could not fetch`);

/** What is typed, and what the shell must print as JSON. */
const lines: readonly (readonly [says: string, typed: string, prints: unknown])[] = [
  [
    'inserts',
    'db.items.insertMany([{_id: 1, a: 1, t: ["x"]}, {_id: 2, a: 2}, {_id: 3, a: 3}]).acknowledged',
    true,
  ],
  [
    'finds',
    'db.items.find({a: {$gt: 1}}).sort({_id: 1}).toArray()',
    [
      { _id: 2, a: 2 },
      { _id: 3, a: 3 },
    ],
  ],
  ['finds one', 'db.items.findOne({_id: 1})', { _id: 1, a: 1, t: ['x'] }],
  ['counts', 'db.items.countDocuments()', 3],
  ['updates', 'db.items.updateOne({_id: 1}, {$inc: {a: 10}, $push: {t: "y"}}).modifiedCount', 1],
  ['sees the update', 'db.items.findOne({_id: 1})', { _id: 1, a: 11, t: ['x', 'y'] }],
  ['upserts', 'db.items.updateOne({_id: 9}, {$set: {a: 9}}, {upsert: true}).upsertedCount', 1],
  ['replaces', 'db.items.replaceOne({_id: 9}, {b: 1}).modifiedCount', 1],
  ['deletes', 'db.items.deleteOne({_id: 9}).deletedCount', 1],
  ['makes an index', 'db.items.createIndex({a: 1})', 'a_1'],
  ['lists indexes', 'db.items.getIndexes().map(({name}) => name).sort()', ['_id_', 'a_1']],
  [
    'explains',
    'JSON.stringify(db.items.find({a: 2}).explain().queryPlanner.winningPlan).includes("IXSCAN")',
    true,
  ],
  ['drops an index', 'db.items.dropIndex("a_1").ok', 1],
  [
    'aggregates',
    'db.items.aggregate([{$group: {_id: null, sum: {$sum: "$a"}}}]).toArray()',
    [{ _id: null, sum: 16 }],
  ],
  ['tells apart', 'db.items.distinct("a").sort((x, y) => x - y)', [2, 3, 11]],
  [
    'finds and modifies',
    'db.items.findOneAndUpdate({_id: 2}, {$set: {a: 5}}, {returnDocument: "after"})',
    { _id: 2, a: 5 },
  ],
  ['names the error of a duplicate', 'try { db.items.insertOne({_id: 1}) } catch (e) { e.code }', 11_000],
  [
    'goes through many documents',
    'db.many.insertMany([...Array(300).keys()].map((_id) => ({_id}))); db.many.find().batchSize(50).toArray().length',
    300,
  ],
  ['lists collections', 'db.getCollectionNames().sort()', ['items', 'many']],
  [
    'lists databases',
    'db.adminCommand({listDatabases: 1}).databases.some(({name}) => name === db.getName())',
    true,
  ],
  ['shows statistics', 'db.items.stats().count', 3],
  [
    'writes in bulk',
    'db.items.bulkWrite([{insertOne: {document: {_id: 7}}}, {deleteOne: {filter: {_id: 7}}}]).deletedCount',
    1,
  ],
  ['knows its server', 'typeof db.version()', 'string'],
  ['drops a collection', 'db.many.drop()', true],
];

async function printed({ address, db }: Server): Promise<Map<string, string>> {
  const script = lines
    .map(([says, typed]) => {
      const statements = typed.split('; ');
      const last = statements.pop() ?? '';
      const isTry = last.startsWith('try');
      const value = isTry ? last.replace(/e\.code/u, 'r = e.code') : `r = ${last}`;
      return `try { ${statements.join('; ')}; let r; ${value}; print('LINE ' + EJSON.stringify([${JSON.stringify(says)}, r])) } catch (e) { print('LINE ' + EJSON.stringify([${JSON.stringify(says)}, e.message])) }`;
    })
    .join('\n');
  const uri = `${address}/${db.databaseName}`;
  const { stdout, stderr } = (await run('npx', [...shell, '--quiet', uri, '--eval', script], {
    within: 90_000,
  })) ?? {
    stdout: '',
    stderr: '',
  };
  const found = stdout.split('\n').filter((line) => line.startsWith('LINE '));
  if (found.length === 0) throw new Error(`mongosh printed nothing: ${stderr}`);
  return new Map(
    found.map((line) => {
      const [says, value] = JSON.parse(line.slice('LINE '.length)) as [string, unknown];
      return [says, JSON.stringify(value)];
    }),
  );
}

describe.skipIf(!isThere).each(servers)(`mongosh ${version} on $product`, (server) => {
  let output: Promise<Map<string, string>> | undefined;
  for (const [says, typed, prints] of lines)
    itHolds(server, 'mongosh', `${says}: ${typed}`, async () => {
      output ??= printed(server);
      expect((await output).get(says)).toBe(JSON.stringify(prints));
    });
});
