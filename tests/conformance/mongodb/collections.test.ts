// The server beside its documents: handshake, databases, collections, inserts and deletes, cursors, bulks, errors, as the driver
// and the commands of the manual see them.
import type { MongoServerError } from 'mongodb';
import { Long, MongoBulkWriteError, MongoClient, ObjectId, type Document } from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, errorCode, itHolds } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('collections');

const numbered = (length: number): Document[] => Array.from({ length }, (_, _id) => ({ _id, a: _id % 10 }));

describe.each(servers)('on $product', (server) => {
  const { db, client } = server;
  const admin = client.db('admin');

  describe('connections', () => {
    itHolds(server, 'collections', 'hello names the limits', async () => {
      expect(await admin.command({ hello: 1 })).toMatchObject({
        isWritablePrimary: true,
        maxBsonObjectSize: 16_777_216,
        maxMessageSizeBytes: 48_000_000,
        maxWriteBatchSize: 100_000,
        ok: 1,
      });
    });
    itHolds(server, 'collections', 'ping', async () => {
      expect(await admin.command({ ping: 1 })).toMatchObject({ ok: 1 });
    });
    itHolds(server, 'collections', 'an unknown command', async () => {
      const error: unknown = await db.command({ noSuchThing: 1 }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 59, codeName: 'CommandNotFound' });
      expect((error as MongoServerError).message).toContain("no such command: 'noSuchThing'");
    });
    itHolds(server, 'collections', 'many connections at once, each its own answers', async () => {
      const name = await collectionOf(db, numbered(50));
      const many = await MongoClient.connect(server.address, { maxPoolSize: 20 });
      const collection = many.db(db.databaseName).collection<{ _id: number; a: number }>(name);
      const found = await Promise.all(
        Array.from({ length: 200 }, async (_, i) => (await collection.findOne({ _id: i % 50 }))?._id),
      ).finally(() => many.close());
      expect(found).toEqual(Array.from({ length: 200 }, (_, i) => i % 50));
    });
    itHolds(server, 'collections', 'a session of the driver is accepted', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await client.withSession(async (session) => {
        expect(await db.collection(name).find({}, { session }).toArray()).toHaveLength(1);
      });
    });
    itHolds(server, 'collections', 'no transaction on a standalone server', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const inTransaction = client.withSession((session) =>
        session.withTransaction(() => db.collection(name).insertOne({ a: 1 }, { session })),
      );
      // The driver puts this in its own words when the server says code 20.
      await expect(inTransaction).rejects.toThrow(/does not support retryable writes|Transaction numbers/u);
    });
  });

  describe('databases and collections', () => {
    itHolds(server, 'collections', 'a collection is there with its first document', async () => {
      const other = client.db(`${db.databaseName}_made`);
      await other.collection('things').insertOne({ a: 1 });
      const { databases } = await admin.admin().listDatabases({ nameOnly: true });
      expect(databases.map(({ name }) => name)).toContain(other.databaseName);
      expect((await other.listCollections().toArray()).map(({ name }) => name)).toEqual(['things']);
      await other.dropDatabase();
      const after = await admin.admin().listDatabases({ nameOnly: true });
      expect(after.databases.map(({ name }) => name)).not.toContain(other.databaseName);
    });
    itHolds(server, 'collections', 'listCollections filters by name', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const found = await db.listCollections({ name }).toArray();
      expect(found).toMatchObject([{ name, type: 'collection' }]);
    });
    itHolds(server, 'collections', 'create makes an empty collection', async () => {
      const name = await collectionOf(db, []);
      await db.command({ create: name });
      expect(await db.collection(name).countDocuments()).toBe(0);
    });
    itHolds(server, 'collections', 'drop removes documents and indexes', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      await db.collection(name).createIndex({ a: 1 });
      expect(await db.command({ drop: name })).toMatchObject({ ok: 1 });
      await db.collection(name).insertOne({ a: 2 });
      expect(await db.collection(name).indexes()).toHaveLength(1);
      expect(await documentsFrom(db, { find: name })).toHaveLength(1);
    });
    itHolds(server, 'collections', 'renameCollection moves documents and indexes', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      await db.collection(name).createIndex({ a: 1 });
      await db.collection(name).rename(`${name}_moved`);
      expect(await documentsFrom(db, { find: `${name}_moved` })).toHaveLength(1);
      expect(await db.collection(`${name}_moved`).indexes()).toHaveLength(2);
      expect(await documentsFrom(db, { find: name })).toEqual([]);
    });
    itHolds(server, 'collections', 'renameCollection does not replace unless told', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const other = await collectionOf(db, [{ _id: 2 }]);
      const [from, to] = [`${db.databaseName}.${name}`, `${db.databaseName}.${other}`];
      expect(await errorCode(admin.command({ renameCollection: from, to }))).toBe(48);
      await admin.command({ renameCollection: from, to, dropTarget: true });
      expect(await db.collection(other).find().toArray()).toEqual([{ _id: 1 }]);
    });
    itHolds(server, 'collections', 'renameCollection of what is not there', async () => {
      const names = { renameCollection: `${db.databaseName}.nowhere`, to: `${db.databaseName}.x` };
      expect(await errorCode(admin.command(names))).toBe(26);
    });
    itHolds(server, 'collections', 'an empty name of a collection', async () => {
      expect(await errorCode(db.command({ find: '' }))).toBe(73);
    });
    itHolds(server, 'collections', 'collStats and dbStats count', async () => {
      const name = await collectionOf(db, numbered(3));
      expect(await db.command({ collStats: name })).toMatchObject({ count: 3, nindexes: 1, ok: 1 });
      expect(await db.command({ dbStats: 1 })).toMatchObject({ db: db.databaseName, ok: 1 });
    });
    itHolds(server, 'collections', 'estimatedDocumentCount', async () => {
      const name = await collectionOf(db, numbered(7));
      expect(await db.collection(name).estimatedDocumentCount()).toBe(7);
    });
    itHolds(server, 'collections', 'validate finds nothing wrong', async () => {
      const name = await collectionOf(db, numbered(3));
      expect(await db.command({ validate: name })).toMatchObject({ valid: true, nrecords: 3 });
    });
  });

  describe('inserts', () => {
    itHolds(server, 'collections', 'the driver’s _id is kept', async () => {
      const name = await collectionOf(db, []);
      const { insertedId } = await db.collection(name).insertOne({ a: 1 });
      expect(await documentsFrom(db, { find: name })).toMatchObject([{ _id: insertedId }]);
    });
    itHolds(server, 'collections', 'a document without _id gets an object id, first', async () => {
      const name = await collectionOf(db, []);
      await db.command({ insert: name, documents: [{ a: 1 }] });
      const [found] = await documentsFrom(db, { find: name });
      expect(found?._id).toBeInstanceOf(ObjectId);
      expect(Object.keys(found ?? {})).toEqual(['_id', 'a']);
    });
    itHolds(server, 'collections', '_id is stored first', async () => {
      const name = await collectionOf(db, []);
      await db.command({ insert: name, documents: [{ a: 1, _id: 5 }] });
      const [found] = await documentsFrom(db, { find: name });
      expect(Object.keys(found ?? {})).toEqual(['_id', 'a']);
    });
    itHolds(server, 'collections', 'a duplicate _id', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const error: unknown = await db
        .collection<{ _id: number }>(name)
        .insertOne({ _id: 1 })
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 11000 });
      const { message } = error as Error;
      expect(message).toContain(
        `E11000 duplicate key error collection: ${db.databaseName}.${name} index: _id_ dup key: { _id: 1 }`,
      );
      expect((error as MongoServerError).errorResponse).toMatchObject({
        keyPattern: { _id: 1 },
        keyValue: { _id: 1 },
      });
    });
    itHolds(server, 'collections', 'equal numbers of other types are one _id', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const reply = await db.command(
        { insert: name, documents: [{ _id: Long.fromNumber(1) }] },
        { ignoreUndefined: true },
      );
      expect(reply).toMatchObject({ n: 0, writeErrors: [{ code: 11000, index: 0 }] });
    });
    itHolds(server, 'collections', 'an array is no _id', async () => {
      const name = await collectionOf(db, []);
      const insert = db.command({ insert: name, documents: [{ _id: [1] }] });
      const outcome = await insert.then(
        (reply) => (reply as { writeErrors?: { code: number }[] }).writeErrors?.[0]?.code,
      );
      expect([2, 53]).toContain(outcome);
    });
    itHolds(server, 'collections', 'an ordered insert stops at its first error', async () => {
      const name = await collectionOf(db, [{ _id: 2 }]);
      const documents = [{ _id: 1 }, { _id: 2 }, { _id: 3 }];
      expect(await db.command({ insert: name, documents })).toMatchObject({
        n: 1,
        writeErrors: [{ index: 1, code: 11000 }],
      });
      expect(await documentsFrom(db, { find: name })).toHaveLength(2);
    });
    itHolds(server, 'collections', 'an unordered insert does the rest', async () => {
      const name = await collectionOf(db, [{ _id: 2 }]);
      const documents = [{ _id: 1 }, { _id: 2 }, { _id: 3 }];
      expect(await db.command({ insert: name, documents, ordered: false })).toMatchObject({
        n: 2,
        writeErrors: [{ index: 1 }],
      });
      expect(await documentsFrom(db, { find: name })).toHaveLength(3);
    });
    itHolds(server, 'collections', 'a document of 15 MB goes in and comes out', async () => {
      const name = await collectionOf(db, []);
      const text = 'x'.repeat(15_000_000);
      await db.collection<{ _id: number; text: string }>(name).insertOne({ _id: 1, text });
      const found = await db.collection<{ _id: number; text: string }>(name).findOne({ _id: 1 });
      expect(found?.text.length).toBe(text.length);
      await db.collection(name).drop();
    });
    itHolds(server, 'collections', '5,000 documents in one call', async () => {
      const name = await collectionOf(db, numbered(5000));
      expect(await db.collection(name).countDocuments()).toBe(5000);
    });
    itHolds(server, 'collections', 'names that JavaScript would reorder keep their order', async () => {
      const name = await collectionOf(db, []);
      await db.collection(name).insertOne(
        new Map<string, unknown>([
          ['_id', 1],
          ['b', 1],
          ['10', 2],
          ['9', 3],
        ]),
      );
      const pipeline = [
        { $project: { names: { $map: { input: { $objectToArray: '$$ROOT' }, in: '$$this.k' } } } },
      ];
      const [found] = await documentsFrom(db, { aggregate: name, pipeline, cursor: {} });
      expect(found?.names).toEqual(['_id', 'b', '10', '9']);
    });
  });

  describe('deletes', () => {
    itHolds(server, 'collections', 'one or many', async () => {
      const name = await collectionOf(db, numbered(30));
      const collection = db.collection(name);
      expect((await collection.deleteOne({ a: 1 })).deletedCount).toBe(1);
      expect((await collection.deleteMany({ a: 1 })).deletedCount).toBe(2);
      expect((await collection.deleteMany({ a: 77 })).deletedCount).toBe(0);
      expect((await collection.deleteMany({})).deletedCount).toBe(27);
    });
    itHolds(server, 'collections', 'findOneAndDelete takes the first by its sort', async () => {
      const name = await collectionOf(db, numbered(3));
      expect(await db.collection(name).findOneAndDelete({}, { sort: { a: -1 } })).toMatchObject({ _id: 2 });
    });
  });

  describe('bulks', () => {
    itHolds(server, 'collections', 'bulkWrite of the driver', async () => {
      const name = await collectionOf(db, numbered(3));
      const result = await db
        .collection<{ _id: number; a?: number; b?: number }>(name)
        .bulkWrite([
          { insertOne: { document: { _id: 9 } } },
          { updateOne: { filter: { _id: 0 }, update: { $set: { b: 1 } } } },
          { updateMany: { filter: { _id: { $in: [1, 2] } }, update: { $inc: { a: 5 } } } },
          { replaceOne: { filter: { _id: 7 }, replacement: { a: 7 }, upsert: true } },
          { deleteOne: { filter: { _id: 0 } } },
        ]);
      expect(result).toMatchObject({
        insertedCount: 1,
        matchedCount: 3,
        modifiedCount: 3,
        upsertedCount: 1,
        deletedCount: 1,
      });
      expect(result.upsertedIds).toEqual({ 3: 7 });
    });
    itHolds(server, 'collections', 'an unordered bulk reports every error by its index', async () => {
      const name = await collectionOf(db, numbered(2));
      const collection = db.collection<{ _id: number }>(name);
      const documents = [{ _id: 0 }, { _id: 5 }, { _id: 1 }];
      const error: unknown = await collection
        .insertMany(documents, { ordered: false })
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(MongoBulkWriteError);
      const { writeErrors, insertedCount } = error as MongoBulkWriteError;
      expect(insertedCount).toBe(1);
      expect([writeErrors].flat().map(({ index, code }) => [index, code])).toEqual([
        [0, 11000],
        [2, 11000],
      ]);
    });
    itHolds(server, 'collections', 'a bulk of 200 upserts and again', async () => {
      const name = await collectionOf(db, []);
      const bulk = Array.from({ length: 200 }, (_, i) => ({
        updateOne: { filter: { _id: i }, update: { $set: { a: i } }, upsert: true },
      }));
      const collection = db.collection<{ _id: number; a: number }>(name);
      expect((await collection.bulkWrite(bulk)).upsertedCount).toBe(200);
      expect(await collection.bulkWrite(bulk)).toMatchObject({
        upsertedCount: 0,
        matchedCount: 200,
        modifiedCount: 0,
      });
    });
    itHolds(
      server,
      'collections',
      'a compare-and-set by a version that has moved changes nothing',
      async () => {
        const name = await collectionOf(db, [{ _id: 1, version: 3 }]);
        const set = (version: number): Promise<number> =>
          db
            .collection(name)
            .updateOne({ _id: 1, version } as Document, { $set: { version: version + 1 } })
            .then((r) => r.modifiedCount);
        expect(await set(2)).toBe(0);
        expect(await set(3)).toBe(1);
        const raced = await Promise.all(Array.from({ length: 8 }, () => set(4)));
        expect(raced.reduce((sum, n) => sum + n, 0)).toBe(1);
      },
    );
    itHolds(server, 'collections', 'increments of many clients are all counted', async () => {
      const name = await collectionOf(db, [{ _id: 1, n: 0 }]);
      const collection = db.collection<{ _id: number; n: number }>(name);
      await Promise.all(
        Array.from({ length: 100 }, () => collection.updateOne({ _id: 1 }, { $inc: { n: 1 } })),
      );
      expect((await collection.findOne({ _id: 1 }))?.n).toBe(100);
    });
    itHolds(server, 'collections', 'an unacknowledged write is done', async () => {
      const name = await collectionOf(db, []);
      // A client of its own: a server that answers all the same leaves its connection out of step.
      const other = await MongoClient.connect(server.address, { writeConcern: { w: 0 } });
      await other.db(db.databaseName).collection(name).insertOne({ a: 1 });
      await expect.poll(() => db.collection(name).countDocuments()).toBe(1);
      await other.close();
    });
  });

  describe('cursors', () => {
    itHolds(server, 'collections', 'a first batch holds 101 documents unless told', async () => {
      const name = await collectionOf(db, numbered(250));
      const { cursor } = await db.command({ find: name });
      expect((cursor as { firstBatch: unknown[] }).firstBatch).toHaveLength(101);
    });
    itHolds(server, 'collections', 'getMore goes on until nothing is left', async () => {
      const name = await collectionOf(db, numbered(250));
      const found = await db.collection(name).find({}, { batchSize: 30 }).sort({ _id: 1 }).toArray();
      expect(found.map(({ _id }) => Number(_id))).toEqual(numbered(250).map(({ _id }) => Number(_id)));
    });
    itHolds(server, 'collections', 'limit and skip over several batches', async () => {
      const name = await collectionOf(db, numbered(250));
      const found = await db
        .collection(name)
        .find({}, { batchSize: 20 })
        .sort({ _id: 1 })
        .skip(5)
        .limit(50)
        .toArray();
      expect(found).toHaveLength(50);
      expect(Number(found[0]?._id)).toBe(5);
    });
    itHolds(server, 'collections', 'a batch size of 0 opens a cursor only', async () => {
      const name = await collectionOf(db, numbered(5));
      const { cursor } = (await db.command({ find: name, batchSize: 0 })) as {
        cursor: { id: Long | number; firstBatch: unknown[] };
      };
      expect(cursor.firstBatch).toEqual([]);
      expect(Number(cursor.id)).not.toBe(0);
      const more = (await db.command({ getMore: Long.fromString(String(cursor.id)), collection: name })) as {
        cursor: { nextBatch: unknown[]; id: unknown };
      };
      expect(more.cursor.nextBatch).toHaveLength(5);
      expect(Number(more.cursor.id)).toBe(0);
    });
    itHolds(server, 'collections', 'singleBatch ends with the first batch', async () => {
      const name = await collectionOf(db, numbered(5));
      const { cursor } = await db.command({ find: name, batchSize: 2, singleBatch: true });
      expect(Number((cursor as { id: unknown }).id)).toBe(0);
    });
    itHolds(server, 'collections', 'a killed cursor is gone', async () => {
      const name = await collectionOf(db, numbered(5));
      const { cursor } = (await db.command({ find: name, batchSize: 2 })) as { cursor: { id: unknown } };
      const id = Long.fromString(String(cursor.id));
      expect(await db.command({ killCursors: name, cursors: [id] })).toMatchObject({ cursorsNotFound: [] });
      expect(await errorCode(db.command({ getMore: id, collection: name }))).toBe(43);
    });
    itHolds(server, 'collections', 'an unknown cursor', async () => {
      expect(await errorCode(db.command({ getMore: Long.fromString('123456789'), collection: 'x' }))).toBe(
        43,
      );
    });
    itHolds(server, 'collections', 'a cursor of documents that are deleted meanwhile ends', async () => {
      const name = await collectionOf(db, numbered(100));
      const cursor = db.collection(name).find({}, { batchSize: 10 });
      await cursor.next();
      await db.collection(name).deleteMany({});
      const rest = await cursor.toArray();
      expect(rest.length).toBeLessThan(100);
    });
    itHolds(server, 'collections', 'a collection that is not there answers nothing', async () => {
      expect(await db.collection('nowhere').find({}).toArray()).toEqual([]);
    });
  });

  describe('commands are checked', () => {
    itHolds(server, 'collections', 'a negative limit of a find', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      expect(await errorCode(db.command({ find: name, limit: -1 }))).toBe(51024);
    });
    itHolds(server, 'collections', 'a negative skip of a find', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      expect(await errorCode(db.command({ find: name, skip: -1 }))).toBe(51024);
    });
    itHolds(server, 'collections', 'a filter that is no document', async () => {
      expect(await errorCode(db.command({ find: 'x', filter: 5 }))).toBe(14);
    });
    itHolds(server, 'collections', 'an unknown field of a command', async () => {
      expect([40415, 9]).toContain(await errorCode(db.command({ find: 'x', whatIsThis: 1 })));
    });
    itHolds(server, 'collections', 'more than one node to write to', async () => {
      expect(
        await errorCode(db.command({ insert: 'x', documents: [{ a: 1 }], writeConcern: { w: 3 } })),
      ).toBe(2);
    });
    itHolds(server, 'collections', 'an insert of nothing', async () => {
      expect(await errorCode(db.command({ insert: 'x', documents: [] }))).toBe(16);
    });
    itHolds(server, 'collections', 'aggregate without a cursor', async () => {
      expect(await errorCode(db.command({ aggregate: 'x', pipeline: [] }))).toBe(9);
    });
  });
});
