// Indexes: what they promise (uniqueness, sparse, several fields, arrays), how they are listed, dropped and refused, and what
// explain says of a plan. Pages of the manual: "Indexes", "createIndexes", "explain".
import type { MongoServerError } from 'mongodb';
import { type Document } from 'mongodb';
import { describe, expect } from 'vitest';
import { collectionOf, documentsFrom, errorCode, itHolds } from './cases.ts';
import { serversFor } from './servers.ts';

const servers = await serversFor('indexes');

/** Every stage of a plan, from the outermost. */
function stagesOf(plan: Document | undefined): string[] {
  if (plan === undefined) return [];
  return [String(plan.stage), ...stagesOf(plan.inputStage as Document | undefined)];
}

describe.each(servers)('on $product', (server) => {
  const { db } = server;

  describe('are kept', () => {
    itHolds(server, 'indexes', 'the index on _id is there from the start', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      expect(await db.collection(name).indexes()).toMatchObject([{ key: { _id: 1 }, name: '_id_' }]);
    });
    itHolds(server, 'indexes', 'a name is made of the fields', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      expect(await db.collection(name).createIndex({ a: 1, 'b.c': -1 })).toBe('a_1_b.c_-1');
      const made = (await db.collection(name).indexes()).find((index) => index.name !== '_id_');
      expect(made).toMatchObject({ v: 2, key: { a: 1, 'b.c': -1 }, name: 'a_1_b.c_-1' });
    });
    itHolds(server, 'indexes', 'the same index again changes nothing', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      const command = { createIndexes: name, indexes: [{ key: { a: 1 }, name: 'a_1' }] };
      expect(await db.command(command)).toMatchObject({ numIndexesBefore: 1, numIndexesAfter: 2 });
      expect(await db.command(command)).toMatchObject({ numIndexesBefore: 2, numIndexesAfter: 2 });
    });
    itHolds(server, 'indexes', 'createIndexes makes the collection', async () => {
      const name = await collectionOf(db, []);
      const command = { createIndexes: name, indexes: [{ key: { a: 1 }, name: 'a_1' }] };
      expect(await db.command(command)).toMatchObject({ createdCollectionAutomatically: true });
    });
    itHolds(server, 'indexes', 'one name for two keys', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { name: 'one' }, {});
      expect(await errorCode(db.collection(name).createIndex({ b: 1 }, { name: 'one' }, {}))).toBe(86);
    });
    itHolds(server, 'indexes', 'one key with two names', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { name: 'one' }, {});
      expect(await errorCode(db.collection(name).createIndex({ a: 1 }, { name: 'two' }, {}))).toBe(85);
    });
    itHolds(server, 'indexes', 'one key with other options', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 });
      expect(await errorCode(db.collection(name).createIndex({ a: 1 }, { unique: true }, {}))).toBe(86);
    });
    itHolds(server, 'indexes', 'one key plain, sparse and unique are three indexes', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      const key = { a: 1 };
      const indexes = [
        { key, name: 'plain' },
        { key, name: 'sparse', sparse: true },
        { key, name: 'unique', unique: true },
      ];
      await db.command({ createIndexes: name, indexes });
      expect(await db.collection(name).indexes()).toHaveLength(4);
    });
    itHolds(server, 'indexes', 'dropped by name and by key', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 });
      await db.collection(name).createIndex({ b: 1 });
      expect(await db.command({ dropIndexes: name, index: 'a_1' })).toMatchObject({ nIndexesWas: 3 });
      expect(await db.command({ dropIndexes: name, index: { b: 1 } })).toMatchObject({ nIndexesWas: 2 });
      expect(await db.collection(name).indexes()).toHaveLength(1);
    });
    itHolds(server, 'indexes', 'all dropped but the one on _id', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 });
      await db.command({ dropIndexes: name, index: '*' });
      expect(await db.collection(name).indexes()).toMatchObject([{ name: '_id_' }]);
    });
    itHolds(server, 'indexes', 'the one on _id is not dropped', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      expect(await errorCode(db.command({ dropIndexes: name, index: '_id_' }))).toBe(72);
    });
    itHolds(server, 'indexes', 'what is not there is not dropped', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      expect(await errorCode(db.command({ dropIndexes: name, index: 'nothing_1' }))).toBe(27);
      expect(await errorCode(db.command({ dropIndexes: 'nowhere', index: 'a_1' }))).toBe(26);
    });
    itHolds(server, 'indexes', 'listIndexes of a collection that is not there', async () => {
      expect(await errorCode(db.command({ listIndexes: 'nowhere' }))).toBe(26);
    });
  });

  describe('are refused', () => {
    const refused: readonly (readonly [string, Document, number])[] = [
      ['an empty key', { key: {}, name: 'x' }, 67],
      ['a direction of 0', { key: { a: 0 }, name: 'x' }, 67],
      ['an unknown kind', { key: { a: 'nothing' }, name: 'x' }, 67],
      ['no name', { key: { a: 1 } }, 9],
      ['an unknown option', { key: { a: 1 }, name: 'x', whatIsThis: 1 }, 197],
    ];
    for (const [says, index, code] of refused)
      itHolds(server, 'indexes', `refused: ${says}`, async () => {
        const name = await collectionOf(db, [{ _id: 1 }]);
        expect(await errorCode(db.command({ createIndexes: name, indexes: [index] }))).toBe(code);
      });
  });

  describe('unique', () => {
    itHolds(server, 'indexes', 'a second equal value is refused', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      const error: unknown = await db
        .collection(name)
        .insertOne({ a: 1 })
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 11000 });
      expect((error as Error).message).toContain('index: a_1 dup key: { a: 1 }');
      expect((error as MongoServerError).errorResponse).toMatchObject({
        keyPattern: { a: 1 },
        keyValue: { a: 1 },
      });
      await db.collection(name).insertOne({ a: 2 });
    });
    itHolds(server, 'indexes', 'an update into an equal value is refused', async () => {
      const name = await collectionOf(db, [
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
      ]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      expect(await errorCode(db.collection(name).updateOne({ a: 2 }, { $set: { a: 1 } }))).toBe(11000);
      expect(await db.collection(name).countDocuments({ a: 2 })).toBe(1);
    });
    itHolds(server, 'indexes', 'a document may keep its own value', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      expect((await db.collection(name).updateOne({ a: 1 }, { $set: { a: 1, b: 2 } })).modifiedCount).toBe(1);
    });
    itHolds(server, 'indexes', 'one document only may miss the field', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      expect(await errorCode(db.collection(name).insertOne({ b: 1 }))).toBe(11000);
      expect(await errorCode(db.collection(name).insertOne({ a: null }))).toBe(11000);
    });
    itHolds(server, 'indexes', 'unique and sparse: any number may miss the field', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true, sparse: true }, {});
      await db.collection(name).insertOne({ b: 1 });
      await db.collection(name).insertOne({ a: null });
      expect(await errorCode(db.collection(name).insertOne({ a: null }))).toBe(11000);
    });
    itHolds(server, 'indexes', 'over several fields together', async () => {
      const name = await collectionOf(db, [{ a: 1, b: 1 }]);
      await db.collection(name).createIndex({ a: 1, b: 1 }, { unique: true }, {});
      await db.collection(name).insertOne({ a: 1, b: 2 });
      expect(await errorCode(db.collection(name).insertOne({ a: 1, b: 2 }))).toBe(11000);
    });
    itHolds(server, 'indexes', 'over the elements of arrays', async () => {
      const name = await collectionOf(db, [{ a: [1, 2] }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      expect(await errorCode(db.collection(name).insertOne({ a: [2, 3] }))).toBe(11000);
      await db.collection(name).insertOne({ a: [4, 4] });
    });
    itHolds(server, 'indexes', 'equal numbers of other types collide', async () => {
      const name = await collectionOf(db, [{ a: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      expect(await errorCode(db.collection(name).insertOne({ a: 1n }))).toBe(11000);
    });
    itHolds(server, 'indexes', 'documents that are not unique refuse the index', async () => {
      const name = await collectionOf(db, [{ a: 1 }, { a: 1 }]);
      expect(await errorCode(db.collection(name).createIndex({ a: 1 }, { unique: true }, {}))).toBe(11000);
      expect(await db.collection(name).indexes()).toHaveLength(1);
    });
    itHolds(server, 'indexes', 'a value is free again after its document went', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      await db.collection(name).createIndex({ a: 1 }, { unique: true }, {});
      await db.collection(name).deleteOne({ a: 1 });
      await db.collection(name).insertOne({ a: 1 });
      expect(await db.collection(name).countDocuments({ a: 1 })).toBe(1);
    });
  });

  describe('over arrays', () => {
    itHolds(server, 'indexes', 'two arrays in one index are refused', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1, b: 1 });
      await db.collection(name).insertOne({ a: [1], b: 2 });
      expect(await errorCode(db.collection(name).insertOne({ a: [1], b: [2] }))).toBe(171);
    });
    itHolds(server, 'indexes', 'an empty array beside another array is refused too', async () => {
      const name = await collectionOf(db, [{ _id: 1 }]);
      await db.collection(name).createIndex({ a: 1, 'b.0.c': 1 });
      expect(await errorCode(db.collection(name).insertOne({ a: [1], b: [] }))).toBe(171);
    });
    itHolds(server, 'indexes', 'a document is found once by any of its elements', async () => {
      const name = await collectionOf(db, [
        { _id: 1, a: [1, 5, 9] },
        { _id: 2, a: 5 },
      ]);
      await db.collection(name).createIndex({ a: 1 });
      const found = await documentsFrom(db, { find: name, filter: { a: { $gt: 2 } }, sort: { _id: 1 } });
      expect(found.map(({ _id }) => Number(_id))).toEqual([1, 2]);
    });
  });

  describe('explain', () => {
    const explained = async (name: string, find: Document): Promise<Document> =>
      await db.command({ explain: { find: name, ...find }, verbosity: 'executionStats' });
    const plan = (explanation: Document): Document =>
      (explanation.queryPlanner as { winningPlan: Document }).winningPlan;
    itHolds(server, 'explain', 'a filter on an indexed field uses the index', async () => {
      const name = await collectionOf(
        db,
        Array.from({ length: 50 }, (_, _id) => ({ _id, a: _id % 5 })),
      );
      await db.collection(name).createIndex({ a: 1 });
      const explanation = await explained(name, { filter: { a: 3 } });
      expect(stagesOf(plan(explanation))).toEqual(['FETCH', 'IXSCAN']);
      expect(explanation.executionStats).toMatchObject({
        nReturned: 10,
        totalKeysExamined: 10,
        totalDocsExamined: 10,
      });
    });
    itHolds(server, 'explain', 'a filter on another field reads the collection', async () => {
      const name = await collectionOf(
        db,
        Array.from({ length: 50 }, (_, _id) => ({ _id, a: _id % 5 })),
      );
      const explanation = await explained(name, { filter: { a: 3 } });
      expect(stagesOf(plan(explanation))).toContain('COLLSCAN');
      expect(explanation.executionStats).toMatchObject({ nReturned: 10, totalDocsExamined: 50 });
    });
    itHolds(server, 'explain', 'an index gives the order', async () => {
      const name = await collectionOf(
        db,
        Array.from({ length: 50 }, (_, _id) => ({ _id, a: _id % 5, b: -_id })),
      );
      await db.collection(name).createIndex({ a: 1, b: 1 });
      const explanation = await explained(name, { filter: { a: 3 }, sort: { b: 1 } });
      expect(stagesOf(plan(explanation))).not.toContain('SORT');
    });
    itHolds(server, 'explain', 'without an index there is a sort', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      expect(stagesOf(plan(await explained(name, { filter: {}, sort: { a: 1 } })))).toContain('SORT');
    });
    itHolds(server, 'explain', 'a hint of an index that is not there', async () => {
      const name = await collectionOf(db, [{ _id: 1, a: 1 }]);
      expect(await errorCode(db.command({ find: name, filter: { a: 1 }, hint: 'a_1' }))).toBe(2);
    });
  });
});
