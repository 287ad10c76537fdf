import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Db } from 'mongodb';
import { createRegistryReader, inSameInterval, untilNextTick } from './registry-reader.ts';

afterEach(() => {
  vi.useRealTimers();
});

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

describe('a tick', () => {
  const never = new AbortController().signal;

  it('comes to all who wait for the same instant at once, whenever they began', async () => {
    vi.useFakeTimers({ now: 1_000 });
    const { nextTick } = createRegistryReader(counting([]).db);
    const came: number[] = [];
    const note = (): void => void came.push(Date.now());
    const first = nextTick(250, never).then(note);
    vi.setSystemTime(1_240);
    const second = nextTick(250, never).then(note);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersToNextTimer();
    await Promise.all([first, second]);
    expect(came).toHaveLength(2);
    void nextTick(250, never);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('is not waited for once the signal is aborted', async () => {
    vi.useFakeTimers({ now: 1_000 });
    const stopping = new AbortController();
    const waiting = createRegistryReader(counting([]).db).nextTick(60_000, stopping.signal);
    stopping.abort();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('is not waited for when the signal was aborted before', async () => {
    vi.useFakeTimers({ now: 1_000 });
    const waiting = createRegistryReader(counting([]).db).nextTick(60_000, AbortSignal.abort());
    await expect(waiting).resolves.toBeUndefined();
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
