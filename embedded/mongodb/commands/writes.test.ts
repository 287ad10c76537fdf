import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Binary, docOf, int32 } from '../documents/value.ts';
import { startForTest } from '../testing.ts';
import { exchange } from '../wire/testing.ts';
import type { Document } from 'mongodb';
import type { Doc } from '../documents/value.ts';
import type { ServerForTest } from '../testing.ts';

let server: ServerForTest;
beforeAll(async () => {
  server = await startForTest();
});
afterAll(() => server.stop());

interface Numbered extends Document {
  _id: number | string;
}
const fresh = (name: string) => server.db.collection<Numbered>(name);

describe('insert', () => {
  test('puts _id in front, and makes one when there is none', async () => {
    await server.db.command({ insert: 'ids', documents: [{ b: 1, _id: 7 }, { b: 2 }] });
    const docs = await fresh('ids').find().sort({ b: 1 }).toArray();
    expect(Object.keys(docs[0] ?? {})).toEqual(['_id', 'b']);
    expect(docs[1]?._id).toHaveProperty('_bsontype', 'ObjectId');
  });

  test('null is an _id like another', async () => {
    const nullId = { insert: 'null', documents: [{ a: 1, _id: null }] };
    expect(await server.db.command(nullId)).toMatchObject({ n: 1 });
    expect(await server.db.command(nullId)).toMatchObject({ n: 0, writeErrors: [{ code: 11000 }] });
    expect(await server.db.collection('null').find().toArray()).toEqual([{ _id: null, a: 1 }]);
  });

  test('an ordered batch ends at its first error, an unordered one goes on', async () => {
    const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
    const ordered = await server.db.command({ insert: 'ordered', documents });
    expect(ordered).toMatchObject({ n: 1, writeErrors: [{ index: 1, code: 11000 }] });
    expect(await fresh('ordered').countDocuments()).toBe(1);
    const unordered = await server.db.command({ insert: 'unordered', documents, ordered: false });
    expect(unordered).toMatchObject({ n: 2, writeErrors: [{ index: 1, code: 11000 }] });
    expect(await fresh('unordered').countDocuments()).toBe(2);
  });

  test('a second document with a value of a unique index is refused, with the key that it repeats', async () => {
    const collection = fresh('unique');
    await collection.createIndexes([{ key: { a: 1, b: -1 }, unique: true, name: 'ab' }]);
    await collection.insertOne({ _id: 1, a: 'x', b: 2 });
    const again = await server.db.command({ insert: 'unique', documents: [{ _id: 2, a: 'x', b: 2 }] });
    expect(again.writeErrors).toEqual([
      {
        index: 0,
        code: 11000,
        keyPattern: { a: 1, b: -1 },
        keyValue: { a: 'x', b: 2 },
        errmsg: 'E11000 duplicate key error collection: test.unique index: ab dup key: { a: "x", b: 2 }',
      },
    ]);
    expect(await collection.countDocuments()).toBe(1);
  });

  test.each([0, 100_001])('a batch of %i documents is refused', async (count) => {
    const documents = Array.from({ length: count }, () => ({}));
    await expect(server.db.command({ insert: 'batch', documents })).rejects.toMatchObject({ code: 16 });
  });

  test('names that MongoDB refuses are refused', async () => {
    await expect(server.db.command({ insert: 'a$b', documents: [{}] })).rejects.toMatchObject({ code: 73 });
    await expect(server.db.command({ insert: 'system.x', documents: [{}] })).rejects.toMatchObject({
      code: 73,
    });
    await expect(server.db.command({ insert: '', documents: [{}] })).rejects.toMatchObject({ code: 73 });
    await expect(server.client.db('a').command({ insert: 7, documents: [{}] })).rejects.toMatchObject({
      code: 73,
    });
  });
});

describe('update', () => {
  test('an update of many does not meet a document twice, although it moves it in the index that it is found by', async () => {
    const collection = fresh('moved');
    await collection.createIndex({ n: 1 });
    await collection.insertMany(Array.from({ length: 300 }, (_, at) => ({ _id: at, n: at })));
    const { modifiedCount } = await collection.updateMany({ n: { $gte: 0 } }, { $inc: { n: 1_000 } });
    expect(modifiedCount).toBe(300);
    expect(await collection.countDocuments({ n: { $gte: 1_000, $lt: 1_300 } })).toBe(300);
  });

  test('a compare-and-set is won by one of many callers', async () => {
    const collection = fresh('compare');
    await collection.insertOne({ _id: 1, version: 0 });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, by) =>
        collection.updateOne({ _id: 1, version: 0 }, { $set: { by }, $inc: { version: 1 } }),
      ),
    );
    expect(results.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(1);
    expect((await collection.findOne({ _id: 1 }))?.version).toBe(1);
  });

  test('an update that would repeat a unique value leaves document and index as they were', async () => {
    const collection = fresh('refused');
    await collection.createIndexes([{ key: { u: 1 }, unique: true }]);
    await collection.createIndex({ v: 1 });
    await collection.insertMany([
      { _id: 1, u: 1, v: 'old' },
      { _id: 2, u: 2 },
    ]);
    await expect(collection.updateOne({ _id: 1 }, { $set: { u: 2, v: 'new' } })).rejects.toMatchObject({
      code: 11000,
    });
    expect(await collection.findOne({ v: 'old' })).toMatchObject({ _id: 1, u: 1 });
    expect(await collection.findOne({ v: 'new' })).toBeNull();
    expect(await server.db.command({ validate: 'refused' })).toMatchObject({
      valid: true,
      keysPerIndex: { u_1: 2, v_1: 2 },
    });
  });

  test('upserts say which of the batch inserted', async () => {
    const answer = await server.db.command({
      update: 'upserts',
      updates: [
        { q: { _id: 'a' }, u: { $set: { n: 1 } }, upsert: true },
        { q: { _id: 'a' }, u: { $set: { n: 2 } }, upsert: true },
        { q: { _id: 'b' }, u: { n: 3 }, upsert: true },
      ],
    });
    expect(answer).toMatchObject({
      n: 3,
      nModified: 1,
      upserted: [
        { index: 0, _id: 'a' },
        { index: 2, _id: 'b' },
      ],
    });
  });
});

test('a write that comes again with its session and number is answered, not done again', async () => {
  const lsid = docOf({ id: new Binary(Buffer.alloc(16, 5), Binary.SUBTYPE_UUID) });
  const increment = (number: number): Promise<Doc> =>
    exchange(
      server.port,
      docOf({
        findAndModify: 'retried',
        query: docOf({ _id: int32(1) }),
        update: docOf({ $inc: docOf({ n: int32(1) }) }),
        upsert: true,
        new: true,
        lsid,
        txnNumber: BigInt(number),
        $db: 'test',
      }),
    );
  const first = await increment(1);
  expect(first.get('value')).toEqual(docOf({ _id: int32(1), n: int32(1) }));
  await server.restart();
  expect(await increment(1)).toEqual(first);
  expect((await increment(2)).get('value')).toEqual(docOf({ _id: int32(1), n: int32(2) }));
  expect((await increment(1)).get('code')).toEqual(int32(225));
});

test('what a restart finds is what was there', async () => {
  const collection = fresh('kept');
  await collection.createIndexes([{ key: { n: 1 }, unique: true, sparse: true }]);
  await collection.insertMany(Array.from({ length: 50 }, (_, at) => ({ _id: at, n: at })));
  await collection.deleteMany({ n: { $lt: 10 } });
  await server.restart();
  expect(await collection.countDocuments({ n: { $gte: 0 } })).toBe(40);
  expect(await collection.estimatedDocumentCount()).toBe(40);
  expect(await collection.indexes()).toMatchObject([
    { name: '_id_' },
    { name: 'n_1', unique: true, sparse: true },
  ]);
  expect(await server.db.command({ validate: 'kept' })).toMatchObject({
    valid: true,
    keysPerIndex: { n_1: 40 },
  });
});

test('documents and keys of any length are stored, found and sorted', async () => {
  const collection = fresh('long');
  await collection.createIndex({ text: 1 });
  const texts = ['a', 'b'.repeat(3_000), `${'b'.repeat(3_000)}a`, `${'b'.repeat(3_000)}b`, 'c'];
  await collection.insertMany(texts.toReversed().map((text) => ({ _id: `id ${text}`, text })));
  expect((await collection.find().sort({ text: 1 }).toArray()).map((doc) => String(doc.text))).toEqual(texts);
  expect((await collection.find().sort({ _id: -1 }).toArray()).map((doc) => String(doc.text))).toEqual(
    texts.toReversed(),
  );
  expect(await collection.countDocuments({ text: { $gt: 'b'.repeat(3_000) } })).toBe(3);
  expect(await collection.findOne({ _id: `id ${'b'.repeat(3_000)}a` })).not.toBeNull();
  await expect(collection.insertOne({ _id: `id ${'b'.repeat(3_000)}` })).rejects.toMatchObject({
    code: 11000,
  });
  await expect(collection.insertOne({ _id: 1, text: 'x'.repeat(17_000_000) })).rejects.toThrow();
});

test('what is dropped is gone at once, and its name is free', async () => {
  const collection = fresh('dropped');
  await collection.insertMany(Array.from({ length: 5_000 }, (_, at) => ({ _id: at, n: at })));
  await collection.createIndex({ n: 1 });
  await collection.drop();
  expect(await collection.findOne()).toBeNull();
  await collection.insertOne({ _id: 1 });
  expect(await collection.find().toArray()).toEqual([{ _id: 1 }]);
  expect(await server.db.command({ validate: 'dropped' })).toMatchObject({ valid: true, nrecords: 1 });
});
