import { describe, expect, it } from 'vitest';
import { ConsistencyGate } from './consistency.ts';

/** A view whose checkpoint a test moves, and which counts the looks at it. */
function fakeView() {
  const positions = new Map<string, number>();
  const view = {
    positions,
    looks: 0,
    underWay: 0,
    mostUnderWay: 0,
    failure: undefined as Error | undefined,
    read: async (): Promise<ReadonlyMap<string, number>> => {
      view.looks += 1;
      view.underWay += 1;
      view.mostUnderWay = Math.max(view.mostUnderWay, view.underWay);
      await new Promise((resolve) => setImmediate(resolve));
      view.underWay -= 1;
      if (view.failure !== undefined) throw view.failure;
      return new Map(positions);
    },
  };
  return view;
}

const position = (offset: number, topic = 'orders', partition = 3) => ({ topic, partition, offset });

describe('waiting for a view', () => {
  it('ends at once, fresh, when the view has read the position', async () => {
    const view = fakeView();
    view.positions.set('orders-3', 1842);
    expect(await new ConsistencyGate(view.read).reach([position(1841)], 1_000)).toBe('fresh');
    expect(view.looks).toBe(1);
  });

  it('ends stale after the time given when the view stands before the position', async () => {
    const view = fakeView();
    view.positions.set('orders-3', 1841);
    const started = performance.now();
    expect(await new ConsistencyGate(view.read).reach([position(1841)], 60)).toBe('stale');
    expect(performance.now() - started).toBeGreaterThanOrEqual(60);
  });

  it('looks once and does not wait when no time is given', async () => {
    const view = fakeView();
    expect(await new ConsistencyGate(view.read).reach([position(0)], 0)).toBe('stale');
    expect(view.looks).toBe(1);
  });

  it('ends fresh as soon as every position is reached, not before', async () => {
    const view = fakeView();
    const gate = new ConsistencyGate(view.read);
    let ended = false;
    const waiting = gate.reach([position(5), position(2, 'stock', 1)], 10_000).then((consistency) => {
      ended = true;
      return consistency;
    });
    view.positions.set('orders-3', 6);
    const { looks } = view;
    await expect.poll(() => view.looks).toBeGreaterThan(looks + 2);
    expect(ended).toBe(false);
    view.positions.set('stock-1', 3);
    expect(await waiting).toBe('fresh');
  });

  it('needs no look when the token says nothing of this view', async () => {
    const view = fakeView();
    expect(await new ConsistencyGate(view.read).reach([], 1_000)).toBe('fresh');
    expect(view.looks).toBe(0);
  });

  it('shares one poll among all who wait', async () => {
    const view = fakeView();
    const gate = new ConsistencyGate(view.read);
    const waiting = Array.from({ length: 200 }, (_, offset) => gate.reach([position(offset)], 5_000));
    view.positions.set('orders-3', 200);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['fresh']));
    expect(view.mostUnderWay).toBe(1);
    expect(view.looks).toBeLessThan(10);
  });

  it('tells everybody when the view cannot be read, and works again afterwards', async () => {
    const view = fakeView();
    const gate = new ConsistencyGate(view.read);
    view.failure = new Error('connection refused');
    await expect(gate.reach([position(1)], 1_000)).rejects.toThrow('connection refused');
    view.failure = undefined;
    view.positions.set('orders-3', 2);
    expect(await gate.reach([position(1)], 1_000)).toBe('fresh');
  });
});
