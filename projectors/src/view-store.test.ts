import { Db, MongoClient, type Document } from 'mongodb';
import { describe, expect, it, vi } from 'vitest';
import { createViewStore } from './view-store.ts';

/** A store on a database that answers every command with this. */
function storeThatAnswers(answer: Document) {
  const db = new Db(new MongoClient('mongodb://127.0.0.1:9'), 'x');
  vi.spyOn(db, 'command').mockResolvedValue(answer);
  return createViewStore(db, 'orders.g1');
}

const change = { replaces: 0, document: { _id: 'o-1', _pos: {}, _rev: 1 } };

describe('a write', () => {
  it('is done when the server has acknowledged it', async () => {
    expect(await storeThatAnswers({ ok: 1, n: 1 }).write([change])).toBe(true);
  });

  it('has to be done again when another revision was there', async () => {
    const taken = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'duplicate key' }] };
    expect(await storeThatAnswers(taken).write([change])).toBe(false);
    expect(await storeThatAnswers({ ok: 1, n: 0 }).write([{ ...change, replaces: 1 }])).toBe(false);
  });

  it('that the server refuses is an error', async () => {
    const refused = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 10_334, errmsg: 'BSONObj size' }] };
    await expect(storeThatAnswers(refused).write([change])).rejects.toThrow(
      'MongoDB refused to insert into orders.g1: BSONObj size',
    );
  });

  it('that no majority has taken is an error: the checkpoint must not follow it', async () => {
    const alone = {
      ok: 1,
      n: 1,
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    };
    await expect(storeThatAnswers(alone).write([change])).rejects.toThrow(
      'MongoDB refused to insert into orders.g1: waiting for replication timed out',
    );
  });
});
