import { describe, expect, it } from 'vitest';
import { declareReactor, reactionsTo } from './reactor.ts';
import { orderCancelled, orderPlaced, recorded } from './testing/recorded-events.ts';
import { toWaves } from './waves.ts';

const reactor = declareReactor<string>({
  name: 'echo',
  topics: ['orders'],
  on: {
    OrderPlaced: ({ data }) => data.lines.map(({ sku }) => sku),
    OrderCancelled: ({ data }) => [data.reason],
  },
});

describe('a reactor', () => {
  it('answers an event with what it asks for', () => {
    expect(reactionsTo(reactor, recorded(orderPlaced()))).toEqual(['KETTLE', 'TEAPOT']);
  });

  it('asks for nothing when it does not care about an event', () => {
    const delivered = recorded({ type: 'OrderDelivered', data: { orderId: 'o', deliveredAt: 0 } });
    expect(reactionsTo(reactor, delivered)).toEqual([]);
  });

  it('is refused when it would never see an event it reacts to', () => {
    const declare = () =>
      declareReactor<string>({ name: 'deaf', topics: ['orders'], on: { StockReserved: () => [] } });
    expect(declare).toThrow('reactor deaf reacts to StockReserved but does not read its topic stock');
  });

  it('is refused a name that could not be part of a group and an actor', () => {
    expect(() => declareReactor<string>({ name: 'Two words', topics: [], on: {} })).toThrow('lower case');
  });
});

describe('the waves of a batch', () => {
  const placed = (order: string) => recorded(orderPlaced(order));
  const cancelled = (order: string) => recorded(orderCancelled(order));
  const keys = (events: ReturnType<typeof recorded>[]) =>
    toWaves(reactor, events).map((wave) => wave.map(({ event }) => `${event.key} ${event.type}`));

  it('are one when every event has a key of its own', () => {
    expect(keys([placed('a'), placed('b'), placed('c')])).toEqual([
      ['a OrderPlaced', 'b OrderPlaced', 'c OrderPlaced'],
    ]);
  });

  it('keep the events of one key apart and in order', () => {
    expect(keys([placed('a'), cancelled('a'), placed('b'), placed('a')])).toEqual([
      ['a OrderPlaced', 'b OrderPlaced'],
      ['a OrderCancelled'],
      ['a OrderPlaced'],
    ]);
  });

  it('leave out events without a reaction', () => {
    const delivered = recorded({ type: 'OrderDelivered', data: { orderId: 'a', deliveredAt: 0 } });
    expect(keys([delivered, placed('a')])).toEqual([['a OrderPlaced']]);
    expect(keys([delivered])).toEqual([]);
  });

  it('follow the ordering key that a reactor declares', () => {
    const unordered = { ...reactor, orderingKey: (event: { id: string }) => event.id };
    expect(toWaves(unordered, [placed('a'), cancelled('a')])).toHaveLength(1);
  });
});
