import { describe, expect, it } from 'vitest';
import { databaseName, isProjectionName, journalId, nextGeneration, requestedBuild } from './index.ts';

describe('the name of the database', () => {
  it.each([
    ['mongodb://127.0.0.1:27017/shop', 'shop'],
    ['mongodb://user:secret@one:1,two:2/shop?replicaSet=rs0', 'shop'],
    ['mongodb+srv://cluster.example.org/shop', 'shop'],
    ['mongodb://127.0.0.1:27017', 'comptoir'],
    ['mongodb://127.0.0.1:27017/', 'comptoir'],
    ['mongodb://127.0.0.1:27017/?appName=x', 'comptoir'],
  ])('in %s is %s', (uri, name) => {
    expect(databaseName(uri)).toBe(name);
  });
});

describe('ids in the journal', () => {
  it('sort as the log does', () => {
    const ids = [9, 10, 1841].map((offset) => journalId({ topic: 'orders', partition: 3, offset }));
    expect(ids.toSorted()).toEqual(ids);
    expect(ids[2]).toBe('orders-3@0000000000001841');
  });
});

describe('projections', () => {
  it('are known by name', () => {
    expect(isProjectionName('orders')).toBe(true);
    expect(isProjectionName('orders.g1')).toBe(false);
  });

  it('do not use the number of a generation twice, also when its build failed', () => {
    const at = new Date(0);
    const generations = [{ number: 3, version: 1, state: 'live' as const, createdAt: at, readyAt: at }];
    const projection = { _id: 'orders', version: 1, live: 3, generations, state: 'running' as const };
    const rest = { error: null, ratePerSecond: 0, updatedAt: at, _rev: 1 };
    expect(nextGeneration({ ...projection, ...rest, build: null })).toBe(4);
    expect(
      nextGeneration({ ...projection, ...rest, build: { ...requestedBuild(7, 1), state: 'failed' } }),
    ).toBe(8);
  });
});
