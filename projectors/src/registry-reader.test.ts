import { describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import { createRegistryReader, inSameInterval, untilNextTick } from './registry-reader.ts';

/** A database that counts the queries and answers each with the documents given. */
function counting(documents: readonly { readonly _id: string }[]) {
  let queries = 0;
  const cursor = {
    sort: () => cursor,
    toArray: () => {
      queries += 1;
      return Promise.resolve(documents);
    },
  };
  const db: unknown = { collection: () => ({ find: () => cursor }) };
  return { db: db as Db, queries: () => queries };
}

describe('the registry reader', () => {
  it('answers all who ask within one turn with one query', async () => {
    const { db, queries } = counting([{ _id: 'orders' }, { _id: 'stock' }]);
    const { projection: read } = createRegistryReader(db);
    const answers = await Promise.all([read('orders'), read('stock'), read('unknown')]);
    expect(answers.map((answer) => answer?._id)).toEqual(['orders', 'stock', undefined]);
    expect(queries()).toBe(1);
  });

  it('asks again for whoever comes later', async () => {
    const { db, queries } = counting([{ _id: 'orders' }]);
    const { projection: read } = createRegistryReader(db);
    await read('orders');
    await read('orders');
    expect(queries()).toBe(2);
  });
});

it.each([
  [250, 1_000, 250],
  [250, 1_249, 1],
  [50, 1_020, 30],
])('an interval of %d ms at %d ms leaves %d ms', (interval, now, wait) => {
  expect(untilNextTick(interval, now)).toBe(wait);
});

it('two instants are in one interval when no multiple of it lies between them', () => {
  expect([inSameInterval(1_000, 2_000, 2_999), inSameInterval(1_000, 2_999, 3_000)]).toEqual([true, false]);
});
